import type { Options } from '@ioc/contract/options.ts'
import type { Logger } from '@ioc/runtime/logger.ts'
import type { embeddedOptions } from './options.ts'
import { parseRetention } from './retention.ts'
import { StoreServer } from './server/server.ts'
import { Store } from './store.ts'

export interface EmbeddedOptions extends Options<typeof embeddedOptions> {
  readonly bind: string
  /** 0 lets the system choose. */
  readonly port: number
  readonly token: string
  readonly database: string
  /** Folder that holds the points. */
  readonly folder: string
  /** How often points beyond their retention are looked for, in ms. Default a minute. */
  readonly expiryMs?: number
  /** How often settled points are looked for, in ms. Default ten seconds. */
  readonly compactMs?: number
}

const minute = 60_000

const megabyte = 1_000_000

/** The embedded store: an InfluxDB for one machine, in this process. */
export class EmbeddedStore {
  readonly #store: Store
  readonly #server: StoreServer
  readonly #rate = { points: 0, at: 0 }

  constructor(options: EmbeddedOptions, logger: Logger) {
    this.#store = new Store(
      {
        folder: options.folder,
        memoryMb: options.storageMemoryMb,
        queryRows: options.storageQueryRows,
        maxSeries: options.storageMaxSeries,
        queueLimit: options.storageQueueLimitMb * megabyte,
        retention: parseRetention(options.storageRetention),
        expiryMs: options.expiryMs ?? minute,
        compactMs: options.compactMs ?? minute / 6,
        compactRows: options.storageCompactRows,
      },
      logger,
    )
    this.#server = new StoreServer(
      {
        bind: options.bind,
        port: options.port,
        allowedHosts: options.allowedHosts,
        token: options.token,
        database: options.database,
        bodyLimit: options.storageBodyLimitMb * megabyte,
        queryRows: options.storageQueryRows,
        queryTimeoutMs: options.storageQueryTimeoutMs,
        requestTimeoutMs: options.storageRequestTimeoutMs,
      },
      this.#store,
    )
  }

  /**
   * Listens, then opens the folder; resolves to the port when it takes points. Until then requests are told that the
   * store opens, which a large one does for a while.
   * @throws IocError TOKEN_REQUIRED, PORT_IN_USE, FOLDER_UNUSABLE, STORE_DAMAGED
   */
  async start(): Promise<number> {
    const port = await this.#server.start()
    try {
      await this.#store.start()
    } catch (error) {
      await this.#server.stop()
      throw error
    }
    return port
  }

  /** Answers what was asked, takes nothing new, closes. */
  async stop(): Promise<void> {
    await this.#store.finish()
    await this.#server.stop()
    await this.#store.stop()
  }

  gauges(): Record<string, number> {
    const { counts, catalog, compaction, verification, queuedBytes } = this.#store
    const now = performance.now()
    const seconds = (now - this.#rate.at) / 1000
    const rate = seconds > 0 ? (counts.points - this.#rate.points) / seconds : 0
    this.#rate.points = counts.points
    this.#rate.at = now
    return {
      points_total: counts.points,
      points_per_s: Math.round(rate),
      rejected_total: counts.rejected,
      expired_total: counts.expired,
      compacted_total: compaction.rows,
      compaction_pending: compaction.pending,
      damaged: Number(verification.damage !== ''),
      compaction_longest_ms: Math.round(compaction.longestMs),
      failures_total: counts.failures,
      series: catalog.series.size,
      queued_bytes: queuedBytes,
    }
  }
}
