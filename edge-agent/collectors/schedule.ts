import type { MeasurementRecord } from '@ioc/contract/messages/telemetry.ts'
import type { Logger } from '@ioc/runtime/logger.ts'
import type { Collector } from './collector.ts'

/** Most records in one message; the contract allows ten times as many. */
const maxRecords = 1_000

export interface Schedule {
  start(): void
  stop(): Promise<void>
  /** Collects now, beside the cadence. */
  collectNow(): void
  /** Changes the time between measurements, in ms, from now on. */
  setCadence(ms: number): void
}

/**
 * Runs collectors at a cadence, each on its own: one that is slow or fails holds up no other, and is not started again
 * before it ended. `take` gets what one collection gave, in portions that fit a message.
 */
export function createSchedule(
  collectors: readonly Collector[],
  cadenceMs: number,
  take: (records: readonly MeasurementRecord[]) => void,
  logger: Logger,
): Schedule {
  const loops = collectors.map((collector) => new CollectorLoop(collector, cadenceMs, take, logger))
  return {
    start: () =>
      loops.forEach((loop) => {
        loop.start()
      }),
    stop: async () => {
      await Promise.all(loops.map((loop) => loop.stop()))
    },
    collectNow: () =>
      loops.forEach((loop) => {
        loop.collectNow()
      }),
    setCadence: (ms) =>
      loops.forEach((loop) => {
        loop.setCadence(ms)
      }),
  }
}

class CollectorLoop {
  readonly #collector: Collector
  readonly #take: (records: readonly MeasurementRecord[]) => void
  readonly #logger: Logger
  #cadenceMs: number
  #timer: NodeJS.Timeout | undefined
  #running: Promise<void> | undefined
  #due = 0
  #stopped = true

  constructor(
    collector: Collector,
    cadenceMs: number,
    take: (records: readonly MeasurementRecord[]) => void,
    logger: Logger,
  ) {
    this.#collector = collector
    this.#cadenceMs = cadenceMs
    this.#take = take
    this.#logger = logger
  }

  start(): void {
    this.#stopped = false
    this.#due = performance.now()
    this.#tick()
  }

  /** Waits for a collection that is under way, so that what it measured is taken. */
  async stop(): Promise<void> {
    this.#stopped = true
    clearTimeout(this.#timer)
    await this.#running
  }

  collectNow(): void {
    if (this.#stopped || this.#running) return
    this.#running = this.#collect().finally(() => {
      this.#running = undefined
    })
  }

  setCadence(ms: number): void {
    this.#cadenceMs = ms
    if (this.#stopped) return
    clearTimeout(this.#timer)
    this.#due = performance.now()
    this.#wait()
  }

  #tick(): void {
    this.collectNow()
    this.#wait()
  }

  /** The next multiple of the cadence: the time that collecting takes adds up to no drift. */
  #wait(): void {
    const now = performance.now()
    const missed = Math.max(0, Math.floor((now - this.#due) / this.#cadenceMs))
    this.#due += (missed + 1) * this.#cadenceMs
    this.#timer = setTimeout(() => this.#tick(), this.#due - now)
  }

  async #collect(): Promise<void> {
    try {
      const records = await this.#collector.collect()
      for (let from = 0; from < records.length; from += maxRecords) this.#take(records.slice(from, from + maxRecords))
    } catch (error) {
      this.#logger.error({ collector: this.#collector.name, err: error }, 'collector failed')
    }
  }
}
