import { accessSync, constants, mkdirSync, rmSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { type DuckDBConnection, DuckDBInstance, type DuckDBValue } from '@duckdb/node-api'
import { IocError } from '@ioc/contract/errors.ts'
import { makeFolder } from '@ioc/runtime/folder.ts'
import { appendColumn } from './chunk.ts'
import { checkFile, createFile, explainOpening, pointsFile } from './file.ts'

export interface DatabaseOptions {
  readonly folder: string
  readonly memoryMb: number
  readonly queryRows: number
}

/** Rows of a result, column by column. */
export interface Columns {
  readonly rowCount: number
  readonly columns: DuckDBValue[][]
}

/**
 * Queries that run side by side; the next ones wait for a place. Each takes a thread of Node's pool (`threads.ts`),
 * which must have more of them, or the writer waits for queries.
 */
const readers = 4

/**
 * Threads that one query may use. Where it is all cores, a small question, which most are, waits for threads that have
 * nothing to do for it, and a large one takes the machine from the broker and the engine.
 */
const threadsOfQuery = Math.max(1, Math.floor(availableParallelism() / 2))

/** Interval between requests to the engine to end a query, in ms. */
const interruptMs = 50

/** One DuckDB file: one connection that writes, a few that read. */
export class Database {
  readonly #options: DatabaseOptions
  #instance: DuckDBInstance | undefined
  #writer: DuckDBConnection | undefined
  #idle: DuckDBConnection[] = []
  #waiting: ((connection: DuckDBConnection | undefined) => void)[] = []
  readonly #busy = new Set<DuckDBConnection>()
  #whenIdle: (() => void) | undefined

  constructor(options: DatabaseOptions) {
    this.#options = options
  }

  /** @throws IocError FOLDER_UNUSABLE, STORE_DAMAGED */
  async start(): Promise<void> {
    const { folder, memoryMb } = this.#options
    const path = join(folder, pointsFile)
    try {
      makeFolder(folder)
      accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK)
      // What a crash in the middle of an export left.
      rmSync(this.outFolder, { recursive: true, force: true })
      mkdirSync(this.outFolder, { mode: 0o750 })
      if (!checkFile(path)) await createFile(path)
      this.#instance = await DuckDBInstance.create(path, {
        memory_limit: `${memoryMb}MB`,
        temp_directory: join(folder, 'spill'),
        threads: String(threadsOfQuery),
        // Each checkpoint holds up writes while it copies the write-ahead log into the file: often and short.
        checkpoint_threshold: '32MB',
        preserve_insertion_order: 'false',
        // A checkpoint, during which nothing is written, would join row groups that have lost rows: with compaction and
        // retention they lose the others soon, and what is empty goes all the same.
        max_vacuum_tasks: '0',
        autoinstall_known_extensions: 'false',
        autoload_known_extensions: 'false',
      })
      this.#writer = await this.#instance.connect()
      // Queries are text from outside, translated; what they can never need is switched off.
      await this.#writer.run(`SET allowed_directories = ['${this.outFolder.replaceAll("'", "''")}']`)
      await this.#writer.run('SET enable_external_access = false')
      for (let count = 0; count < readers; count++) this.#idle.push(await this.#instance.connect())
    } catch (error) {
      await this.stop()
      throw explainOpening(error, folder)
    }
  }

  /** Ends what runs, then closes the file, which folds the write-ahead log into it. */
  async stop(): Promise<void> {
    for (const waiting of this.#waiting.splice(0)) waiting(undefined)
    const instance = this.#instance
    this.#instance = undefined
    // A second instance on the file of one that is still in use would damage it.
    for (const connection of this.#busy) connection.interrupt()
    if (this.#busy.size > 0) {
      await new Promise<void>((resolve) => {
        this.#whenIdle = resolve
      })
    }
    for (const connection of this.#idle.splice(0)) connection.closeSync()
    this.#writer?.closeSync()
    instance?.closeSync()
    this.#writer = undefined
  }

  get isOpen(): boolean {
    return this.#instance !== undefined
  }

  get folder(): string {
    return this.#options.folder
  }

  /** The only folder, besides its own, that the engine may write files to: what is to be handed out. */
  get outFolder(): string {
    return join(this.#options.folder, 'out')
  }

  get writer(): DuckDBConnection {
    if (!this.#writer) throw closed()
    return this.#writer
  }

  /** Does something long on a connection of its own, so that it takes no place from queries. */
  async apart<T>(work: (connection: DuckDBConnection) => Promise<T>): Promise<T> {
    if (!this.#instance) throw closed()
    const connection = await this.#instance.connect()
    this.#busy.add(connection)
    try {
      return await work(connection)
    } finally {
      connection.closeSync()
      this.#done(connection)
    }
  }

  /**
   * Runs a query and reads its whole result, a piece at a time so that nothing else is held up.
   * @param signal aborted when the answer is no longer wanted, or takes too long
   * @throws IocError QUERY_INVALID when it answers with too much
   */
  async read(sql: string, signal?: AbortSignal): Promise<Columns> {
    return this.lend((connection) => this.readOn(connection, sql, signal), signal)
  }

  /**
   * Lends one of the reading connections, for as long as `use` runs.
   * @param signal aborted when it is no longer wanted
   */
  async lend<T>(use: (connection: DuckDBConnection) => Promise<T>, signal?: AbortSignal): Promise<T> {
    const connection = await this.#acquire()
    try {
      signal?.throwIfAborted()
      return await use(connection)
    } finally {
      this.#release(connection)
    }
  }

  /** As `read`, on a connection that was lent. */
  async readOn(connection: DuckDBConnection, sql: string, signal?: AbortSignal): Promise<Columns> {
    signal?.throwIfAborted()
    let interrupting: NodeJS.Timeout | undefined
    // Again and again: one that comes before the engine has begun has no effect.
    const interrupt = () => {
      connection.interrupt()
      interrupting = setInterval(() => connection.interrupt(), interruptMs)
    }
    signal?.addEventListener('abort', interrupt)
    try {
      const result = await connection.run(sql)
      const columns: DuckDBValue[][] = Array.from({ length: result.columnCount }, () => [])
      let rowCount = 0
      const chunks = result.chunkCount
      for (let place = 0; place < chunks; place++) {
        if (place > 0) await new Promise(setImmediate)
        // Not fetchChunk: what is there already needs no thread of the pool.
        const chunk = result.getChunk(place)
        rowCount += chunk.rowCount
        if (rowCount > this.#options.queryRows) {
          throw new IocError('QUERY_INVALID', `the answer has more than ${this.#options.queryRows} rows`)
        }
        columns.forEach((column, index) => {
          appendColumn(chunk, index, column)
        })
      }
      return { rowCount, columns }
    } catch (error) {
      if (!this.#instance) throw closed()
      throw error
    } finally {
      clearInterval(interrupting)
      signal?.removeEventListener('abort', interrupt)
    }
  }

  async #acquire(): Promise<DuckDBConnection> {
    if (!this.#instance) throw closed()
    const connection =
      this.#idle.pop() ??
      (await new Promise<DuckDBConnection | undefined>((resolve) => {
        this.#waiting.push(resolve)
      }))
    if (!connection) throw closed()
    this.#busy.add(connection)
    return connection
  }

  #release(connection: DuckDBConnection): void {
    const next = this.#waiting.shift()
    if (next) next(connection)
    else this.#idle.push(connection)
    this.#done(connection)
  }

  #done(connection: DuckDBConnection): void {
    this.#busy.delete(connection)
    if (this.#busy.size === 0) this.#whenIdle?.()
  }
}

function closed(): IocError {
  return new IocError('STORE_UNREACHABLE', 'the store is closed')
}
