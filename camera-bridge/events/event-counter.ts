import type { CameraNotice } from '../onvif/pull-point.ts'
import { type EventKind, eventKinds } from './topic-rule.ts'
import { eventOf, rebootOf } from './topics.ts'

/** A property that was not mentioned for so long is over, in ms: some cameras never report its end. */
const silenceMs = 60_000
/** Events of one camera that are counted in a second; the rest is dropped and counted as such. */
const maxPerSecond = 20
/** Properties of one camera whose state is kept. */
const maxProperties = 500

interface Property {
  on: boolean
  seen: number
}

export interface EventCounts {
  readonly counts: Readonly<Record<EventKind, number>>
  readonly dropped: number
}

/**
 * Counts the events of one camera. A state that lasts counts once, where it begins; what a new subscription reports as the
 * present state counts as nothing.
 */
export class EventCounter {
  readonly #properties = new Map<string, Property>()
  #counts = zero()
  #dropped = 0
  #second = 0
  #inSecond = 0
  #lastReboot: string | undefined
  /** Restarts that the camera reported. */
  reboots = 0

  take(notices: readonly CameraNotice[], now: number): void {
    for (const notice of notices) this.#takeOne(notice, now)
  }

  /** Without a subscription nothing is known of what lasts. */
  lose(): void {
    this.#properties.clear()
  }

  /** The counts since the last call. */
  drain(): EventCounts {
    const drained = { counts: this.#counts, dropped: this.#dropped }
    this.#counts = zero()
    this.#dropped = 0
    return drained
  }

  #takeOne(notice: CameraNotice, now: number): void {
    const reboot = rebootOf(notice)
    if (reboot !== undefined) {
      if (reboot === '') return
      if (this.#lastReboot !== undefined && reboot !== this.#lastReboot) this.reboots += 1
      this.#lastReboot = reboot
      return
    }
    const event = eventOf(notice)
    if (!event) return
    if (event.on === undefined) {
      if (notice.operation === 'Changed') this.#count(event.kind, now)
      return
    }
    const before = this.#properties.get(event.property)
    const wasOn = before?.on === true && now - before.seen < silenceMs
    if (before || this.#properties.size < maxProperties) {
      this.#properties.set(event.property, { on: event.on && notice.operation !== 'Deleted', seen: now })
    }
    if (event.on && !wasOn && notice.operation === 'Changed') this.#count(event.kind, now)
  }

  #count(kind: EventKind, now: number): void {
    const second = Math.floor(now / 1_000)
    if (second !== this.#second) this.#inSecond = 0
    this.#second = second
    if (++this.#inSecond > maxPerSecond) this.#dropped += 1
    else this.#counts[kind] += 1
  }
}

function zero(): Record<EventKind, number> {
  return Object.fromEntries(eventKinds.map((kind) => [kind, 0])) as Record<EventKind, number>
}
