import type { MeasurementRecord } from '@ioc/contract/messages/telemetry.ts'

/** Time for which measurements gather after the last message, in ms. */
const gatherMs = 250
/** Records of one message, at most, unless one collector has more. */
export const maxRecords = 1_000

/** Queues measurements as one message. Returns whether it is on disk. */
export type PutMeasurements = (records: readonly MeasurementRecord[]) => boolean

/**
 * Gathers what collectors measure soon after each other into one message: a message is a write that waits for the disk, which
 * takes 50 ms on a memory card, and the agent of two hundred devices had twenty of them each second. What is measured when
 * none was queued for a while is queued at once.
 */
export class Gather {
  readonly #put: PutMeasurements
  #records: MeasurementRecord[] = []
  #waiting: PromiseWithResolvers<boolean>[] = []
  #timer: NodeJS.Timeout | undefined
  #lastPut = Number.NEGATIVE_INFINITY

  constructor(put: PutMeasurements) {
    this.#put = put
  }

  /** Queues measurements, alone or with others. Resolves to whether they are on disk. @throws what queueing them throws */
  add(records: readonly MeasurementRecord[]): Promise<boolean> {
    if (this.#records.length + records.length > maxRecords) this.flush()
    const outcome = Promise.withResolvers<boolean>()
    this.#records.push(...records)
    this.#waiting.push(outcome)
    const waitMs = this.#lastPut + gatherMs - performance.now()
    if (waitMs <= 0) this.flush()
    else this.#timer ??= setTimeout(() => this.flush(), waitMs)
    return outcome.promise
  }

  /** Queues what has gathered. */
  flush(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    if (this.#records.length === 0) return
    const [records, waiting] = [this.#records, this.#waiting]
    this.#records = []
    this.#waiting = []
    try {
      const isQueued = this.#put(records)
      for (const { resolve } of waiting) resolve(isQueued)
    } catch (error) {
      for (const { reject } of waiting) reject(error)
    }
    // After the write, which may take long: the next ones gather meanwhile.
    this.#lastPut = performance.now()
  }
}
