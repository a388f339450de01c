import { setTimeout as delay } from 'node:timers/promises'
import type { DuckDBConnection } from '@duckdb/node-api'
import type { Logger } from '@ioc/runtime/logger.ts'
import type { Catalog, Table } from './catalog.ts'
import { firstLine } from './file.ts'

/** Rows of a table before a time, in ns. */
export interface Span {
  readonly table: Table
  readonly before: bigint
}

/** What upkeep is given of the store that it keeps. */
export interface Upkept {
  readonly catalog: Catalog
  readonly logger: Logger
  /** Aborted when the store closes. */
  readonly stopping: AbortSignal
  /** Whether a backup or an export is being made. */
  readonly isCopying: boolean
  /** Where its file is. */
  readonly folder: string
  /** Does something with the writer between two transactions of points; `undefined` where it failed, which is told of. */
  chore(work: (writer: DuckDBConnection) => Promise<number>): Promise<number | undefined>
  /**
   * Changes rows on a connection of its own, beside the writes that do not change the same rows; `undefined` where it
   * failed, which is told of.
   */
  beside(rows: Span, work: (connection: DuckDBConnection) => Promise<number>): Promise<number | undefined>
  /** Reads something on a connection of its own. */
  apart<T>(work: (connection: DuckDBConnection) => Promise<T>): Promise<T>
}

/** Work that comes round again and again, each kind with itself never twice at once. */
export class Upkeep {
  readonly #timers: NodeJS.Timeout[] = []
  readonly #running = new Set<Promise<void>>()
  readonly #stopping = new AbortController()
  readonly #logger: Logger

  constructor(logger: Logger) {
    this.#logger = logger
  }

  get stopping(): AbortSignal {
    return this.#stopping.signal
  }

  /** Does something now, and again so many ms later. */
  every(ms: number, round: () => Promise<void>): void {
    let busy = false
    const begin = () => {
      if (busy) return
      busy = true
      this.once(() =>
        round().finally(() => {
          busy = false
        }),
      )
    }
    this.#timers.push(setInterval(begin, ms).unref())
    begin()
  }

  once(round: () => Promise<void>): void {
    const running = round()
      .catch((error: unknown) => {
        if (!this.stopping.aborted) this.#logger.error({ error: String(error) }, 'maintenance of the store failed')
      })
      .finally(() => this.#running.delete(running))
    this.#running.add(running)
  }

  /** Begins nothing more; resolves when what runs has come to its next pause. */
  async stop(): Promise<void> {
    this.#stopping.abort()
    for (const timer of this.#timers.splice(0)) clearInterval(timer)
    await Promise.all(this.#running)
  }
}

/** Upkeep rests for so many times as long as a step of it took: points and queries go first. */
const restFactor = 3

/** Rests after a step that took so many ms; at once over when the store closes. */
export async function restAfter({ stopping }: Upkept, tookMs: number): Promise<void> {
  await delay(restFactor * tookMs, undefined, { signal: stopping, ref: false }).catch(() => undefined)
}

/**
 * Folds the write-ahead log into the file, by which the room of what was deleted is free. Where the engine says that another
 * transaction is in its way, as it does now and then beside queries, that is left to the next one: to wait for it (FORCE)
 * would hold up all writes.
 */
export async function checkpoint(writer: DuckDBConnection): Promise<number> {
  try {
    await writer.run('CHECKPOINT')
  } catch (error) {
    if (!firstLine(error).includes('other write transactions')) throw error
  }
  return 0
}
