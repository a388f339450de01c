import { accessSync, constants, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { type DuckDBConnection, DuckDBInstance, type DuckDBValue } from '@duckdb/node-api'
import { IocError } from '@ioc/contract/errors.ts'

export interface DatabaseOptions {
  readonly folder: string
  readonly memoryMb: number
  readonly queryTimeoutMs: number
  readonly queryRows: number
}

/** Rows of a result, column by column. */
export interface Columns {
  readonly rowCount: number
  readonly columns: DuckDBValue[][]
}

/** Queries that run side by side; the next ones wait for a place. */
const readers = 4

/** One DuckDB file: one connection that writes, a few that read. */
export class Database {
  readonly #options: DatabaseOptions
  #instance: DuckDBInstance | undefined
  #writer: DuckDBConnection | undefined
  #idle: DuckDBConnection[] = []
  #waiting: ((connection: DuckDBConnection | undefined) => void)[] = []

  constructor(options: DatabaseOptions) {
    this.#options = options
  }

  /** @throws IocError FOLDER_UNUSABLE */
  async start(): Promise<void> {
    const { folder, memoryMb } = this.#options
    try {
      mkdirSync(folder, { recursive: true, mode: 0o750 })
      accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK)
      this.#instance = await DuckDBInstance.create(join(folder, 'points.duckdb'), {
        memory_limit: `${memoryMb}MB`,
        temp_directory: join(folder, 'spill'),
        // Each checkpoint holds up writes while it copies the write-ahead log into the file: often and short.
        checkpoint_threshold: '32MB',
        preserve_insertion_order: 'false',
        // Queries are text from outside, translated; what they can never need is switched off.
        enable_external_access: 'false',
        autoinstall_known_extensions: 'false',
        autoload_known_extensions: 'false',
      })
    } catch (error) {
      throw new IocError('FOLDER_UNUSABLE', `cannot use the folder ${folder}: ${firstLine(error)}`, { cause: error })
    }
    this.#writer = await this.#instance.connect()
    for (let count = 0; count < readers; count++) this.#release(await this.#instance.connect())
  }

  /** Closes the file, which folds the write-ahead log into it. */
  async stop(): Promise<void> {
    for (const waiting of this.#waiting.splice(0)) waiting(undefined)
    for (const connection of this.#idle.splice(0)) connection.closeSync()
    this.#writer?.closeSync()
    this.#instance?.closeSync()
    this.#writer = undefined
    this.#instance = undefined
  }

  get isOpen(): boolean {
    return this.#writer !== undefined
  }

  get writer(): DuckDBConnection {
    if (!this.#writer) throw new IocError('STORE_UNREACHABLE', 'the store is closed')
    return this.#writer
  }

  /**
   * Runs a query and reads its whole result, a piece at a time so that nothing else is held up.
   * @throws IocError QUERY_INVALID when it takes too long or answers with too much
   */
  async read(sql: string, values: DuckDBValue[] = []): Promise<Columns> {
    return this.lend((connection) => this.readOn(connection, sql, values))
  }

  /** Lends one of the reading connections, for as long as `use` runs. */
  async lend<T>(use: (connection: DuckDBConnection) => Promise<T>): Promise<T> {
    const connection = await this.#acquire()
    try {
      return await use(connection)
    } finally {
      this.#release(connection)
    }
  }

  /** As `read`, on a connection that was lent. */
  async readOn(connection: DuckDBConnection, sql: string, values: DuckDBValue[] = []): Promise<Columns> {
    let timedOut = false
    const timer = setTimeout(() => {
      timedOut = true
      connection.interrupt()
    }, this.#options.queryTimeoutMs)
    try {
      const result = await connection.stream(sql, values)
      const columns: DuckDBValue[][] = Array.from({ length: result.columnCount }, () => [])
      let rowCount = 0
      for (;;) {
        const chunk = await result.fetchChunk()
        if (!chunk || chunk.rowCount === 0) return { rowCount, columns }
        rowCount += chunk.rowCount
        if (rowCount > this.#options.queryRows) {
          throw new IocError('QUERY_INVALID', `the answer has more than ${this.#options.queryRows} rows`)
        }
        columns.forEach((column, index) => {
          chunk.appendColumnValues(index, column)
        })
      }
    } catch (error) {
      if (timedOut) throw new IocError('QUERY_INVALID', `the query took more than ${this.#options.queryTimeoutMs} ms`)
      throw error
    } finally {
      clearTimeout(timer)
    }
  }

  async #acquire(): Promise<DuckDBConnection> {
    const connection =
      this.#idle.pop() ??
      (this.#instance && (await new Promise<DuckDBConnection | undefined>((resolve) => this.#waiting.push(resolve))))
    if (!connection) throw new IocError('STORE_UNREACHABLE', 'the store is closed')
    return connection
  }

  #release(connection: DuckDBConnection): void {
    const next = this.#waiting.shift()
    if (next) next(connection)
    else if (this.#instance) this.#idle.push(connection)
    else connection.closeSync()
  }
}

export function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n', 1)[0] ?? ''
}
