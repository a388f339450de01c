import type { Site } from '@ioc/contract/district/sites.ts'
import type { CaseRecord } from '@ioc/contract/messages/cases.ts'
import type { MeasurementRecord } from '@ioc/contract/messages/telemetry.ts'
import type { NodeAddress } from '@ioc/contract/topics.ts'
import type { Logger } from '@ioc/runtime/logger.ts'
import { machineClock } from '@ioc/uplink/outbox/clock.ts'
import { type DataChannel, Outbox } from '@ioc/uplink/outbox/outbox.ts'
import { Uplink } from '@ioc/uplink/uplink.ts'
import type { SimulationClock } from './clock.ts'
import type { Density, Timeline } from './timeline.ts'
import type { TransportEvents } from './world.ts'

export interface SimulatedNodeSettings {
  readonly site: Site
  readonly address: NodeAddress
  readonly password: string
  readonly url: string
  /** Folder of its outbox. */
  readonly folder: string
  readonly timeline: Timeline
  readonly transport: TransportEvents
  /** Where its records begin if its outbox has none later, in ms since 1970; of cases, what was open then comes before. */
  readonly from: number
  /** How long after the others it collects, in ms, so that not all agents send at the same moment. */
  readonly delayMs: number
}

/** Records of a message, at most: far less than the broker takes. */
const maxRecordsPerMessage = 1_000
/** Time that a message of the past covers, at most, in ms: the agents go through the past side by side. */
const maxSpanMs = 86_400_000
/** Messages of the past that wait in an outbox, at most. */
const maxQueuedWhileFilling = 4
/** The end of the past, in ms, is filled in at the live cadences: indicators of the last hour, and a short pause, look as ever. */
export const liveTailMs = 2 * 3_600_000
/** Further behind than this, in ms, it fills the gap in, as after a pause of the machine. */
const maxLagMs = 600_000
/** Least wait for the next collection, in ms: a disk that takes nothing is not asked again and again. */
const minWaitMs = 20
/** Longest wait for the next collection, in ms: Node takes no more than 2^31. */
const maxWaitMs = 60_000
const outboxMaxBytes = 256e6
const outboxMaxAgeMs = 90 * 86_400_000
/** A simulated backlog is not paced: the broker and the other agents are on the same machine. */
const replayPerSecond = 1_000

/**
 * A simulated agent: a credential, an MQTT session, an outbox and so a ledger of its own. What its sources say is queued with
 * how far they have been read, so that it goes on there after any end of the process.
 */
export class SimulatedNode {
  readonly address: NodeAddress
  readonly #settings: SimulatedNodeSettings
  readonly #outbox: Outbox
  readonly #uplink: Uplink
  /** Up to where nothing more is to be queued, of each channel. */
  readonly #reached: Record<DataChannel, number>
  /** Cases that were there before its records begin, until they are queued. */
  #earlierCases: readonly CaseRecord[] | undefined
  /** How densely it collects, as its birth declares. */
  #density: Density = 'fill'
  #clockErrorMs = 0
  #online = false
  #timer: NodeJS.Timeout | undefined
  #records = 0
  #moving: Promise<void> = Promise.resolve()

  constructor(settings: SimulatedNodeSettings, logger: Logger) {
    const { address, timeline, site, from, folder, url, password } = settings
    const clock = machineClock()
    this.#settings = settings
    this.address = address
    this.#reached = { telemetry: from, cases: Number.NEGATIVE_INFINITY }
    this.#outbox = new Outbox(
      {
        folder,
        maxBytes: outboxMaxBytes,
        maxAgeMs: outboxMaxAgeMs,
        clock: { ...clock, now: () => Date.now() + this.#clockErrorMs },
      },
      logger,
    )
    this.#uplink = new Uplink(
      {
        url,
        address,
        password: () => password,
        replayPerSecond,
        birth: () => ({
          agent: { version: 'simulator', host: site.site },
          area: site.area,
          devices: timeline.devices(this.#density),
        }),
      },
      this.#outbox,
      () => undefined,
      logger,
    )
  }

  /** Opens its outbox. @throws IocError FOLDER_UNUSABLE, DISK_FULL */
  open(): void {
    this.#outbox.start()
    for (const channel of ['telemetry', 'cases'] as const) {
      this.#reached[channel] = Math.max(
        this.#reached[channel],
        this.#outbox.position(channel) ?? this.#reached[channel],
      )
    }
  }

  /** Up to where all that it has to say is queued, in ms since 1970. */
  get reached(): number {
    return Math.min(this.#reached.telemetry, this.#reached.cases)
  }

  get queued(): number {
    return this.#outbox.queued
  }

  get lost(): number {
    return this.#outbox.lost + this.#outbox.unnumbered
  }

  get sent(): number {
    return this.#uplink.sent
  }

  /** Records that were queued since the start. */
  get records(): number {
    return this.#records
  }

  get connected(): boolean {
    return this.#uplink.connected
  }

  /** Connects, unless an event keeps it offline at `now` and all that was measured before it is queued. */
  connect(now: number): void {
    if (now - this.reached <= liveTailMs) this.#density = 'live'
    const offlineSince = this.#settings.transport.offlineSince(now)
    if (offlineSince === undefined || this.reached < offlineSince) this.#goOnline()
  }

  /** Whether `fill` has something to do now: more of the past is to be queued, and there is room for it. */
  hasRoom(until: number): boolean {
    return this.reached < until && (this.queued < maxQueuedWhileFilling || !this.#online)
  }

  /** Whether all of the past up to `until` is queued, and acknowledged unless it is offline by then. */
  isFilled(until: number): boolean {
    return this.reached >= until && (this.queued === 0 || !this.#online)
  }

  /**
   * Queues the next message of the past before `until`; false where it has to wait, for the disk or for what is queued.
   * @param now the end of the past, in ms since 1970; `Infinity` where no live collection follows
   */
  async fill(until: number, now: number): Promise<boolean> {
    const offlineSince = this.#settings.transport.offlineSince(until)
    if (offlineSince === undefined || !this.#online) return this.#queuePast(until, now)
    if (this.reached < offlineSince) return this.#queuePast(offlineSince, now)
    if (this.queued > 0) return false
    await this.#goOffline()
    return true
  }

  /** Collects from now on, as the clock goes. */
  run(clock: SimulationClock): void {
    const { transport, timeline, delayMs } = this.#settings
    const schedule = () => {
      const density = densityOf(clock)
      const { telemetry, cases } = this.#reached
      const due = Math.min(timeline.measurementsAfter(telemetry, density), timeline.casesAfter(cases, density))
      const change = transport.nextChange(clock.now()) ?? Number.POSITIVE_INFINITY
      const waitMs = Math.min(clock.msUntil(due) + delayMs, clock.msUntil(change), maxWaitMs)
      this.#timer = setTimeout(tick, Math.max(minWaitMs, Math.ceil(waitMs)))
    }
    const tick = () => {
      const now = clock.now()
      this.#followEvents(now)
      this.#declare(densityOf(clock))
      const isLate = clock.speed() === 1 && now - this.reached > maxLagMs
      while (this.reached < now) {
        if (!(isLate ? this.#queuePast(now, now) : this.#queueNext(now, densityOf(clock), false))) break
      }
      schedule()
    }
    this.#followEvents(clock.now())
    this.#declare(densityOf(clock))
    schedule()
  }

  /** Ends its connection for good: another process has its credential from now on. */
  async release(): Promise<void> {
    await this.#goOffline()
  }

  async stop(): Promise<void> {
    clearTimeout(this.#timer)
    await this.#moving
    await this.#uplink.stop()
    this.#outbox.stop()
  }

  #followEvents(now: number): void {
    const { transport } = this.#settings
    this.#clockErrorMs = transport.clockErrorMs(now)
    const isOffline = transport.offlineSince(now) !== undefined
    if (isOffline && this.#online) void this.#goOffline()
    if (!isOffline && !this.#online) this.#goOnline()
  }

  #goOnline(): void {
    this.#online = true
    this.#moving = this.#moving.then(() => this.#uplink.start())
  }

  #goOffline(): Promise<void> {
    this.#online = false
    this.#moving = this.#moving.then(() => this.#uplink.stop())
    return this.#moving
  }

  /** The centre expects its devices as often as it collects them. */
  #declare(density: Density): void {
    if (this.#density === density) return
    this.#density = density
    this.#uplink.announce()
  }

  /** Queues the next message of a past that ends at `now`. */
  #queuePast(until: number, now: number): boolean {
    const liveFrom = now - liveTailMs
    if (this.reached < liveFrom) return this.#queueNext(Math.min(until, liveFrom), 'fill', true)
    return this.#queueNext(until, 'live', true)
  }

  /** Queues the next message of the channel that is further behind; false where the disk did not take it. */
  #queueNext(until: number, density: Density, past: boolean): boolean {
    const { telemetry, cases } = this.#reached
    return telemetry <= cases ? this.#queueMeasurements(until, density, past) : this.#queueCases(until, past)
  }

  #queueMeasurements(until: number, density: Density, past: boolean): boolean {
    const { timeline } = this.#settings
    const from = this.#reached.telemetry
    const end = Math.min(until, from + maxSpanMs)
    const records: MeasurementRecord[] = []
    let reached = from
    while (records.length < maxRecordsPerMessage) {
      const next = timeline.measurementsAfter(reached, density)
      reached = Math.min(next, end)
      if (next > end) break
      records.push(...timeline.measurementsAt(next, density))
    }
    const put = () => this.#outbox.put(this.#onItsClock(records), { position: reached, past })
    return this.#noteReached('telemetry', records.length, reached, put)
  }

  #queueCases(until: number, past: boolean): boolean {
    const { timeline, from: begin } = this.#settings
    const from = this.#reached.cases
    const end = from < begin ? begin : Math.min(until, from + maxSpanMs)
    const all = from < begin ? this.#casesBefore(begin, from) : timeline.cases(from, end)
    // Versions of one time stay together: a position lies between two times.
    const last = all[maxRecordsPerMessage - 1]?.ts ?? end
    const records = all.filter(({ ts }) => ts <= last)
    const reached = records.length < all.length ? last : end
    const put = () => this.#outbox.putCases(this.#onItsClock(records), { position: reached, past })
    return this.#noteReached('cases', records.length, reached, put)
  }

  /** Cases that were there before its records begin; not those until `queued`, which it has queued. */
  #casesBefore(begin: number, queued: number): readonly CaseRecord[] {
    this.#earlierCases ??= this.#settings.timeline.casesUntil(begin)
    return this.#earlierCases.filter(({ ts }) => ts > queued)
  }

  /** What there is nothing to say of is not written down: it costs nothing to look at it again. */
  #noteReached(channel: DataChannel, records: number, reached: number, put: () => void): boolean {
    if (records > 0) {
      put()
      if (this.#outbox.position(channel) !== reached) return false
      this.#records += records
      this.#uplink.notify()
    }
    this.#reached[channel] = reached
    if (this.#reached.cases >= this.#settings.from) this.#earlierCases = undefined
    return true
  }

  #onItsClock<R extends { readonly ts?: number }>(records: readonly R[]): readonly R[] {
    const error = this.#clockErrorMs
    if (error === 0) return records
    return records.map((record) => (record.ts === undefined ? record : { ...record, ts: record.ts + error }))
  }
}

/** While the clock runs faster than time, there is no sense in measuring as often as live. */
const densityOf = (clock: SimulationClock): Density => (clock.speed() === 1 ? 'live' : 'fill')
