import type { WriteApi } from '@influxdata/influxdb-client'
import { IocError, isIocError } from '@ioc/contract/errors.ts'
import type { StoreTarget } from '../target.ts'
import { createWriteApi, send } from './send.ts'

export interface WriterOptions {
  readonly target: StoreTarget
  /** Lines of one request, at most. Default 20,000. */
  readonly maxLines?: number
  /**
   * How long lines wait for others that share their request, in ms, unless half of a request is full. Default 0: a request
   * costs the store as much as a thousand lines, but whoever writes may have nothing else to do.
   */
  readonly lingerMs?: number
  /** Told of each line that the store will not take, and why. It is not tried again. */
  readonly onRejected?: (line: string, reason: string) => void
  /** Told each time that the store did not take a batch for a reason that may pass; the writer waits and goes on. */
  readonly onWaiting?: (error: IocError, waitMs: number) => void
}

export interface Writer {
  /**
   * Writes lines, with timestamps in milliseconds; resolves when the store has them, however long that takes. In the
   * order of the calls, one request at a time; what is called meanwhile shares the next request.
   * @throws IocError STORE_UNREACHABLE once the writer is stopped, and for nothing else
   */
  write(lines: readonly string[]): Promise<void>
  /** Lines that wait. The caller bounds them by awaiting `write`. */
  readonly queued: number
  /** Ends the request under way; what waits is rejected. */
  stop(): Promise<void>
}

const defaultMaxLines = 20_000
const firstWaitMs = 100
const maxWaitMs = 5_000

interface Pending {
  readonly lines: readonly string[]
  resolve(): void
  reject(error: Error): void
}

/** Creates a writer. It connects when something is written. */
export function createWriter(options: WriterOptions): Writer {
  return new BatchingWriter(options)
}

class BatchingWriter implements Writer {
  readonly #options: WriterOptions
  readonly #maxLines: number
  readonly #lingerMs: number
  readonly #queue: Pending[] = []
  readonly #stopping = new AbortController()
  #api: WriteApi | undefined
  #working: Promise<void> | undefined
  #endLinger: () => void = () => undefined
  queued = 0

  constructor(options: WriterOptions) {
    this.#options = options
    this.#maxLines = options.maxLines ?? defaultMaxLines
    this.#lingerMs = options.lingerMs ?? 0
  }

  write(lines: readonly string[]): Promise<void> {
    if (this.#stopping.signal.aborted) return Promise.reject(stopped())
    if (lines.length === 0) return Promise.resolve()
    return new Promise((resolve, reject) => {
      this.#queue.push({ lines, resolve, reject })
      this.queued += lines.length
      this.#working ??= this.#work()
      if (this.#isHalfFull()) this.#endLinger()
    })
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    this.#endLinger()
    await this.#working
    this.#api?.dispose()
  }

  async #work(): Promise<void> {
    // What is called in the same turn shares a request.
    await undefined
    while (this.#queue.length > 0) {
      await this.#linger()
      const group = this.#takeGroup()
      const lines = group.length === 1 ? (group[0]?.lines ?? []) : group.flatMap((pending) => pending.lines)
      try {
        for (let from = 0; from < lines.length; from += this.#maxLines) {
          await this.#deliver(lines.slice(from, from + this.#maxLines))
        }
        for (const pending of group) pending.resolve()
      } catch (error) {
        for (const pending of group) pending.reject(error as Error)
      }
      this.queued -= lines.length
    }
    // In the same step as the last look at the queue: a write that comes later starts anew.
    this.#working = undefined
  }

  #linger(): Promise<void> {
    if (this.#lingerMs === 0 || this.#isHalfFull() || this.#stopping.signal.aborted) return Promise.resolve()
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, this.#lingerMs)
      this.#endLinger = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }

  #isHalfFull(): boolean {
    return this.queued >= this.#maxLines / 2
  }

  #takeGroup(): Pending[] {
    let count = 0
    let lines = 0
    for (const pending of this.#queue) {
      if (count > 0 && lines + pending.lines.length > this.#maxLines) break
      count++
      lines += pending.lines.length
    }
    return this.#queue.splice(0, count)
  }

  /** Sends lines until the store has them. A refused batch is halved until the lines at fault stand alone. */
  async #deliver(lines: string[]): Promise<void> {
    for (let waitMs = firstWaitMs; ; waitMs = Math.min(waitMs * 2, maxWaitMs)) {
      if (this.#stopping.signal.aborted) throw stopped()
      this.#api ??= createWriteApi(this.#options.target, this.#maxLines)
      try {
        return await send(this.#api, lines)
      } catch (error) {
        if (!isIocError(error)) throw error
        if (error.code === 'STORE_REFUSED') return this.#divide(lines, error.message)
        this.#options.onWaiting?.(error, waitMs)
      }
      await this.#wait(waitMs)
    }
  }

  async #divide(lines: string[], reason: string): Promise<void> {
    const [only] = lines
    if (lines.length === 1 && only !== undefined) {
      this.#options.onRejected?.(only, reason)
      return
    }
    const middle = lines.length >> 1
    await this.#deliver(lines.slice(0, middle))
    await this.#deliver(lines.slice(middle))
  }

  #wait(ms: number): Promise<void> {
    const { signal } = this.#stopping
    return new Promise((resolve) => {
      if (signal.aborted) return resolve()
      const done = () => {
        clearTimeout(timer)
        signal.removeEventListener('abort', done)
        resolve()
      }
      // Up to a quarter less, so that writers that lost the store together do not come back together.
      const timer = setTimeout(done, ms * (1 - Math.random() / 4))
      signal.addEventListener('abort', done)
    })
  }
}

function stopped(): IocError {
  return new IocError('STORE_UNREACHABLE', 'the writer has been stopped')
}
