import type { Options } from '@ioc/contract/options.ts'
import type { Logger } from '@ioc/runtime/logger.ts'
import type { embeddedOptions } from './options.ts'
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
}

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
        queryTimeoutMs: options.storageQueryTimeoutMs,
        queryRows: options.storageQueryRows,
        maxSeries: options.storageMaxSeries,
        queueLimit: options.storageQueueLimitMb * megabyte,
      },
      logger,
    )
    this.#server = new StoreServer(
      {
        bind: options.bind,
        port: options.port,
        token: options.token,
        database: options.database,
        bodyLimit: options.storageBodyLimitMb * megabyte,
        queryRows: options.storageQueryRows,
      },
      this.#store,
    )
  }

  /**
   * Opens the folder and listens; resolves to the port.
   * @throws IocError TOKEN_REQUIRED, FOLDER_UNUSABLE, PORT_IN_USE
   */
  async start(): Promise<number> {
    await this.#store.start()
    try {
      return await this.#server.start()
    } catch (error) {
      await this.#store.stop()
      throw error
    }
  }

  async stop(): Promise<void> {
    await this.#server.stop()
    await this.#store.stop()
  }

  gauges(): Record<string, number> {
    const { counts, catalog, queuedBytes } = this.#store
    const now = performance.now()
    const seconds = (now - this.#rate.at) / 1000
    const rate = seconds > 0 ? (counts.points - this.#rate.points) / seconds : 0
    this.#rate.points = counts.points
    this.#rate.at = now
    return {
      points_total: counts.points,
      points_per_s: Math.round(rate),
      rejected_total: counts.rejected,
      failures_total: counts.failures,
      series: catalog.series.length,
      queued_bytes: queuedBytes,
    }
  }
}
