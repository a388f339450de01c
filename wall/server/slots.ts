import { IocError } from '@ioc/contract/errors.ts'

export interface SlotLimits {
  /** Tasks that run at once. */
  readonly maxRunning: number
  /** Tasks of one client that run or wait. */
  readonly maxPerClient: number
  /** Tasks of all clients that run or wait. */
  readonly maxInAll: number
  /** How long a task may wait, in ms: by then its client has given it up. */
  readonly maxWaitMs: number
}

/** Runs few tasks at once and lets some wait, in turn, so that one client cannot occupy the store. */
export class Slots {
  readonly #limits: SlotLimits
  readonly #byClient = new Map<string, number>()
  readonly #waiting: (() => void)[] = []
  #running = 0
  #inAll = 0

  constructor(limits: SlotLimits) {
    this.#limits = limits
  }

  /**
   * Runs a task when there is a slot for it.
   * @throws IocError STORE_UNREACHABLE when too many wait already or it waited for too long, and whatever the task throws
   */
  async run<T>(client: string, task: () => Promise<T>): Promise<T> {
    const { maxRunning, maxPerClient, maxInAll, maxWaitMs } = this.#limits
    const own = this.#byClient.get(client) ?? 0
    if (own >= maxPerClient || this.#inAll >= maxInAll) {
      throw new IocError('STORE_UNREACHABLE', 'too many queued requests to the store: try again later')
    }
    this.#byClient.set(client, own + 1)
    this.#inAll++
    const asked = performance.now()
    try {
      if (this.#running < maxRunning) this.#running++
      // The task that ends hands its slot over.
      else await new Promise<void>((resolve) => this.#waiting.push(resolve))
      try {
        if (performance.now() - asked > maxWaitMs)
          throw new IocError('STORE_UNREACHABLE', 'the store is too slow: the request waited for too long')
        return await task()
      } finally {
        const next = this.#waiting.shift()
        if (next) next()
        else this.#running--
      }
    } finally {
      this.#inAll--
      const left = (this.#byClient.get(client) ?? 1) - 1
      if (left > 0) this.#byClient.set(client, left)
      else this.#byClient.delete(client)
    }
  }
}
