import { isIocError } from '@ioc/contract/errors.ts'
import { OnvifClient } from '../onvif/client.ts'
import type { DiscoveredCamera } from '../onvif/discovery.ts'

/** Cameras that are offered, those that wait to be asked, and how long an offer stays without a new `Hello`, in ms. */
const maxOffers = 100
const maxWaiting = 20
const lastsMs = 86_400_000
/** Longest wait for the answer of a camera that announced itself, in ms. */
const answerMs = 5_000

interface Offer {
  readonly camera: DiscoveredCamera
  readonly until: number
}

/**
 * Cameras that announced themselves and are not watched yet. Anybody on the network may write an announcement, so one is offered
 * only once a camera answers at the address, which is asked for its time, without a login. One at a time is asked.
 */
export class Offers {
  readonly #onChange: () => void
  readonly #now: () => number
  /** By their references, the oldest first. */
  readonly #offers = new Map<string, Offer>()
  readonly #waiting = new Map<string, DiscoveredCamera>()
  readonly #stopping = new AbortController()
  #asking: Promise<void> | undefined

  constructor(onChange: () => void, now: () => number = Date.now) {
    this.#onChange = onChange
    this.#now = now
  }

  /** The newest first. */
  list(): DiscoveredCamera[] {
    const now = this.#now()
    for (const [reference, { until }] of this.#offers) if (until <= now) this.#offers.delete(reference)
    return [...this.#offers.values()].map(({ camera }) => camera).toReversed()
  }

  /** A camera announced itself. Dropped while too many others wait. */
  note(camera: DiscoveredCamera): void {
    if (this.#waiting.size >= maxWaiting || this.#waiting.has(camera.reference)) return
    this.#waiting.set(camera.reference, camera)
    this.#asking ??= this.#askAll().finally(() => {
      this.#asking = undefined
    })
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    await this.#asking
  }

  async #askAll(): Promise<void> {
    for (;;) {
      const [next] = this.#waiting.values()
      if (!next || this.#stopping.signal.aborted) return
      if (await answers(next, this.#stopping.signal)) this.#offer(next)
      this.#waiting.delete(next.reference)
    }
  }

  #offer(camera: DiscoveredCamera): void {
    const known = this.#offers.get(camera.reference)
    this.#offers.delete(camera.reference)
    this.#offers.set(camera.reference, { camera, until: this.#now() + lastsMs })
    if (this.#offers.size > maxOffers) {
      const [oldest] = this.#offers.keys()
      if (oldest !== undefined) this.#offers.delete(oldest)
    }
    if (known?.camera.onvif !== camera.onvif) this.#onChange()
  }
}

async function answers({ onvif }: DiscoveredCamera, stopping: AbortSignal): Promise<boolean> {
  try {
    const signal = AbortSignal.any([stopping, AbortSignal.timeout(answerMs)])
    return (await new OnvifClient(new URL(onvif), undefined).readClock(signal)) !== undefined
  } catch (error) {
    if (isIocError(error) || stopping.aborted) return false
    throw error
  }
}
