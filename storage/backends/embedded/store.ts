import type { DuckDBConnection } from '@duckdb/node-api'
import { IocError } from '@ioc/contract/errors.ts'
import type { Logger } from '@ioc/runtime/logger.ts'
import type { Read, ScratchTable } from '../../influxql/source.ts'
import type { Points } from '../../line-protocol/point.ts'
import { Batch } from './batch.ts'
import { Catalog, type Table } from './catalog.ts'
import { CommitInDoubt, commitBatch } from './commit.ts'
import { type CompactionFigures, compact, noteScattered } from './compaction.ts'
import { type Columns, Database, type DatabaseOptions } from './database.ts'
import { firstLine } from './file.ts'
import { maxFields, ownColumns } from './options.ts'
import { expireOld, oldestKept, type Retention } from './retention.ts'
import { createSchema, loadCatalog } from './schema.ts'
import { createScratch, dropScratch } from './scratch.ts'
import { type Span, Upkeep, type Upkept } from './upkeep.ts'
import { type Verification, verify } from './verify.ts'

export interface StoreOptions extends DatabaseOptions {
  readonly maxSeries: number
  /** Bytes of text that may wait to be written. */
  readonly queueLimit: number
  readonly retention: Retention
  /** How often what is too old is looked for, in ms. */
  readonly expiryMs: number
  /** How often what is settled is looked for, in ms, and how many rows are rewritten at a time. */
  readonly compactMs: number
  readonly compactRows: number
}

interface Request {
  readonly points: Points
  readonly bytes: number
  resolve(rejections: string[]): void
  reject(error: unknown): void
}

/** Points of one transaction, at most. More wait for the next one. */
const groupPoints = 50_000

/** The points of one database: writes are grouped into transactions, reads see what was committed. */
export class Store {
  readonly #options: StoreOptions
  readonly #logger: Logger
  #database: Database
  #catalog = new Catalog(0)
  #queue: Request[] = []
  /** What else the writer does, one between two transactions of points. */
  #chores: (() => Promise<void>)[] = []
  /** What upkeep changes beside the writer, and when that is over. */
  #beside: (Span & { readonly over: Promise<void> }) | undefined
  #queuedBytes = 0
  #copies = 0
  #working: Promise<void> | undefined
  #batches = 0
  #state: 'opening' | 'open' | 'closed' = 'opening'
  readonly #upkeep: Upkeep
  readonly compaction: CompactionFigures = { rows: 0, pending: 0, longestMs: 0, notBefore: 0 }
  readonly verification: Verification = { rows: 0, done: false, damage: '' }
  readonly counts = { points: 0, rejected: 0, expired: 0, commits: 0, failures: 0 }

  constructor(options: StoreOptions, logger: Logger) {
    this.#options = options
    this.#logger = logger
    this.#database = new Database(options)
    this.#upkeep = new Upkeep(logger)
  }

  /** @throws IocError FOLDER_UNUSABLE, STORE_DAMAGED */
  async start(): Promise<void> {
    await this.#database.start()
    try {
      await createSchema(this.#database)
      this.#catalog = await loadCatalog(this.#database, ownColumns(this.#options.memoryMb))
      this.#state = 'open'
      this.#startUpkeep()
    } catch (error) {
      await this.#database.stop()
      throw error
    }
  }

  /** Takes no more writes; resolves when those that wait are on disk. */
  async finish(): Promise<void> {
    this.#state = 'closed'
    await this.#upkeep.stop()
    await this.#working
  }

  async stop(): Promise<void> {
    await this.finish()
    await this.#database.stop()
  }

  get state(): 'opening' | 'open' | 'closed' {
    return this.#state
  }

  get catalog(): Catalog {
    return this.#catalog
  }

  get queuedBytes(): number {
    return this.#queuedBytes
  }

  /** @param signal aborted when the answer is no longer wanted, or takes too long */
  read(sql: string, signal?: AbortSignal): Promise<Columns> {
    return this.#database.read(sql, signal)
  }

  /** Makes a copy of what is stored, beside writes and queries. */
  async copy<T>(work: (database: Database, connection: DuckDBConnection) => Promise<T>): Promise<T> {
    const database = this.#database
    this.#copies++
    try {
      return await database.apart((connection) => work(database, connection))
    } finally {
      this.#copies--
    }
  }

  /** Runs `use` with tables that only its own reads see. */
  scratch<T>(tables: readonly ScratchTable[], use: (read: Read) => Promise<T>, signal?: AbortSignal): Promise<T> {
    const database = this.#database
    return database.lend(async (connection) => {
      try {
        await createScratch(connection, tables)
        // Columns only ever have the types that `Value` names.
        return await use((sql) => database.readOn(connection, sql, signal) as ReturnType<Read>)
      } finally {
        await dropScratch(connection, tables)
      }
    }, signal)
  }

  /**
   * Writes points; when it resolves, they are on disk, except those for each of which it tells why.
   * @param bytes size of the text that they came from
   * @throws IocError DISK_FULL, STORE_UNREACHABLE when too much waits or the store stops
   */
  write(points: Points, bytes: number): Promise<string[]> {
    if (this.#state !== 'open') throw new IocError('STORE_UNREACHABLE', `the store is ${this.#state}`)
    if (this.#queue.length > 0 && this.#queuedBytes + bytes > this.#options.queueLimit) {
      throw new IocError('STORE_UNREACHABLE', 'too many queued writes: try again later')
    }
    return new Promise((resolve, reject) => {
      this.#queue.push({ points, bytes, resolve, reject })
      this.#queuedBytes += bytes
      this.#working ??= this.#work()
    })
  }

  async #work(): Promise<void> {
    while (this.#queue.length > 0 || this.#chores.length > 0) {
      // What arrives in the same turn of the event loop shares a transaction.
      await new Promise(setImmediate)
      if (this.#queue.length > 0) await this.#commitGroup(this.#takeGroup())
      await this.#chores.shift()?.()
    }
    // In the same step as the last look at the queue: a write that comes later starts anew.
    this.#working = undefined
  }

  async #commitGroup(group: readonly Request[]): Promise<void> {
    try {
      const rejections = await this.#commit(group)
      group.forEach((request, index) => {
        request.resolve(rejections[index] ?? [])
      })
    } catch (error) {
      this.counts.failures++
      const clear = await this.#recover(error)
      for (const request of group) request.reject(clear)
    }
  }

  #startUpkeep(): void {
    const { retention, expiryMs, compactMs, compactRows } = this.#options
    const upkept = this.#upkept()
    if (retention.size > 0) {
      this.#upkeep.every(expiryMs, () => expireOld(upkept, retention, (some) => (this.counts.expired += some)))
    }
    this.#upkeep.every(compactMs, () => compact(upkept, this.compaction, compactRows))
    this.#upkeep.once(() => verify(upkept, this.verification))
  }

  #upkept(): Upkept {
    const store = this
    return {
      logger: this.#logger,
      folder: this.#options.folder,
      stopping: this.#upkeep.stopping,
      get catalog() {
        return store.#catalog
      },
      get isCopying() {
        return store.#copies > 0
      },
      chore: (work) => this.#chore(work),
      beside: (rows, work) => this.#workBeside(rows, work),
      apart: (work) => this.#database.apart(work),
    }
  }

  /** Does something with the writer, in its turn. What fails is told of. */
  async #chore(work: (writer: DuckDBConnection) => Promise<number>): Promise<number | undefined> {
    // Waited for here, so that seldom a write has to wait for it as well.
    await this.#beside?.over
    return this.#turn(async () => {
      await this.#beside?.over
      return work(this.#database.writer)
    })
  }

  /** Does something in the writer's turn, and opens the file again where that fails in a way that asks for it. */
  #turn<T>(work: () => Promise<T>): Promise<T | undefined> {
    return new Promise((resolve) => {
      this.#chores.push(async () => {
        try {
          if (!this.#database.isOpen) await this.#reopen()
          resolve(await work())
        } catch (error) {
          await this.#recover(error)
          resolve(undefined)
        }
      })
      this.#working ??= this.#work()
    })
  }

  /** Begins in the writer's turn, so that no write is under way that would have to wait. */
  async #workBeside(rows: Span, work: (connection: DuckDBConnection) => Promise<number>): Promise<number | undefined> {
    const begun = await this.#turn(async () => {
      const database = this.#database
      const done = database.apart(work)
      const over = done.then(
        () => undefined,
        () => undefined,
      )
      this.#beside = { ...rows, over: over.then(() => (this.#beside = undefined)) }
      return { database, done }
    })
    try {
      return await begun?.done
    } catch (error) {
      await this.#turn(async () => {
        // A write that failed of the same has opened the file again.
        if (this.#database === begun?.database) throw error
      })
      return undefined
    }
  }

  #takeGroup(): Request[] {
    let count = 0
    let points = 0
    for (const request of this.#queue) {
      if (count > 0 && points + request.points.count > groupPoints) break
      count++
      points += request.points.count
      this.#queuedBytes -= request.bytes
    }
    return this.#queue.splice(0, count)
  }

  async #commit(group: readonly Request[]): Promise<string[][]> {
    if (!this.#database.isOpen) await this.#reopen()
    const { maxSeries, memoryMb, retention } = this.#options
    const at = now()
    const oldest = (measurement: string) => oldestKept(retention, measurement, at)
    const limits = { series: maxSeries, fields: (shared: boolean) => maxFields(memoryMb, shared) }
    const batch = new Batch(this.#batches++, this.#catalog, limits, retention.size > 0 ? oldest : undefined)
    try {
      const rejections: string[][] = []
      for (const { points } of group) rejections.push(await batch.add(points))
      if (this.#beside && changes(batch, this.#beside)) await this.#beside.over
      if (batch.rows > 0) await commitBatch(this.#database, batch)
      for (const { table, fresh, late } of batch.tables.values()) {
        noteScattered(table, fresh.times)
        noteScattered(table, late.times)
      }
      const rejected = rejections.reduce((sum, some) => sum + some.length, 0)
      this.counts.commits++
      this.counts.rejected += rejected
      this.counts.points += group.reduce((sum, request) => sum + request.points.count, 0) - rejected
      return rejections
    } catch (error) {
      batch.undo()
      throw error
    }
  }

  /**
   * Opens the file again after an error that leaves open what is on disk, or after which DuckDB closes itself to
   * everything: only so do the newest times in memory become what is stored, on which it hangs that no point is
   * stored twice.
   */
  async #recover(error: unknown): Promise<IocError> {
    const text = error instanceof Error ? error.message : String(error)
    this.#logger.error({ error: firstLine(error) }, 'write failed')
    if (error instanceof CommitInDoubt || /FATAL|invalidated|INTERNAL/.test(text)) {
      try {
        await this.#reopen()
      } catch (again) {
        this.#logger.error({ error: firstLine(again) }, 'cannot reopen the store')
      }
    }
    return isDiskFull(text)
      ? new IocError('DISK_FULL', `no space left on the disk of ${this.#options.folder}`, { cause: error })
      : new IocError('STORE_UNREACHABLE', firstLine(error), { cause: error })
  }

  async #reopen(): Promise<void> {
    await this.#database.stop()
    const database = new Database(this.#options)
    try {
      await database.start()
      this.#catalog = await loadCatalog(database, ownColumns(this.#options.memoryMb))
    } catch (error) {
      await database.stop()
      throw error
    }
    this.#database = database
  }
}

/** Whether a batch changes rows of a span, or the columns of its table. */
function changes({ tables, newFields }: Batch, { table: { id }, before }: Span): boolean {
  const inTable = (table: Table) => table.id === id
  return (
    newFields.some(({ measurement, field }) => inTable(measurement.home) && !field.column.committed) ||
    [...tables.values()].some(({ table, late }) => inTable(table) && late.times.some((time) => time < before))
  )
}

/** Nanoseconds since 1970. */
function now(): bigint {
  return BigInt(Date.now()) * 1_000_000n
}

function isDiskFull(text: string): boolean {
  return /no space left|disk full|not enough (?:disk )?space|ENOSPC|Could not write/i.test(text)
}
