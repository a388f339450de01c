import { statfs } from 'node:fs/promises'
import type { DuckDBConnection } from '@duckdb/node-api'
import { never, type Scattered, type Table } from './catalog.ts'
import { commit } from './commit.ts'
import { checkpoint, restAfter, type Upkept } from './upkeep.ts'

/** How long before the newest point of its table a point is settled, in ns: what is newer is left as it came. */
const settledNs = 3_600_000_000_000n

/** Cells of one step, at most: a measurement of many fields is rewritten by fewer rows. */
const stepCells = 4_000_000

/**
 * Free room that a step must find on the disk, in bytes for each cell: as new rows, in the log and in what is sorted, four
 * times eight. One that runs out of room in the middle may make the store open its file again.
 */
const cellRoom = 32

/** Steps that are planned at once, at most; the next round plans the next ones. */
const planSteps = 256

/** Rounds after which rows that never cease to come into what is compacted are rewritten all the same. */
const maxRounds = 10

/** How long nothing is tried after a failure, in ms: a full disk does not become empty by trying. */
const afterFailureMs = 600_000

/** What compaction has done, and has to do. */
export interface CompactionFigures {
  rows: number
  /** Settled rows that are not rewritten yet, as last counted. */
  pending: number
  longestMs: number
  notBefore: number
}

/**
 * Rewrites what is settled in the order of series and time, in steps that each are a transaction and between which points
 * are written. A device's rows then lie together, and a query of it reads little. Crashes leave a step done or not done.
 * @param stepRows rows of one step, about
 */
export async function compact(store: Upkept, figures: CompactionFigures, stepRows: number): Promise<void> {
  if (performance.now() < figures.notBefore) return
  figures.pending = 0
  for (const table of [...store.catalog.tables.values()]) {
    const before = settledBefore(table)
    if (!table.committed || before === undefined) continue
    const started = performance.now()
    const done = await compactTable(store, figures, table, before, stepRows)
    if (done === 0) continue
    const seconds = Number(((performance.now() - started) / 1000).toFixed(1))
    const [first] = table.measurements
    store.logger.info({ measurement: first?.name, rows: done, seconds }, 'compaction round finished')
  }
}

async function compactTable(
  store: Upkept,
  figures: CompactionFigures,
  table: Table,
  before: bigint,
  stepRows: number,
): Promise<number> {
  const rows = Math.max(1, Math.min(stepRows, Math.floor(stepCells / (table.columns.length + 2))))
  const plan = await store.apart((connection) => planCompaction(connection, table, before, rows))
  figures.pending += plan.pending + (table.scattered.rows < rows ? 0 : table.scattered.rows)
  let done = 0
  for (const to of plan.ends) {
    // What is deleted while a backup or an export reads takes room until it ends.
    if (store.stopping.aborted || store.isCopying) break
    if (!(await hasRoom(store.folder, rows * (table.columns.length + 2) * cellRoom))) {
      store.logger.warn({ folder: store.folder }, 'not enough disk space for compaction')
      figures.notBefore = performance.now() + afterFailureMs
      break
    }
    const started = performance.now()
    const some = await store.beside({ table, before: to }, (connection) => compactStep(connection, table, to))
    // Only a checkpoint gives the room of what was rewritten to what is written next, and a late one takes long.
    const checked = await store.chore(checkpoint)
    if (some === undefined || checked === undefined) {
      figures.notBefore = performance.now() + afterFailureMs
      break
    }
    done += some
    figures.rows += some
    figures.pending = Math.max(0, figures.pending - some)
    const took = performance.now() - started
    figures.longestMs = Math.max(figures.longestMs, took)
    await restAfter(store, took)
  }
  return done
}

async function hasRoom(folder: string, bytes: number): Promise<boolean> {
  const { bavail, bsize } = await statfs(folder)
  return bavail * bsize > bytes
}

/** Notes rows that came into what is compacted. */
export function noteScattered({ scattered, compacted }: Table, times: readonly bigint[]): void {
  if (compacted === never) return
  for (const time of times) {
    if (time >= compacted) continue
    if (scattered.rows++ === 0 || time < scattered.from) scattered.from = time
  }
}

/**
 * Whether what is compacted is compacted again: rows that came into it are as many as a step rewrites, and since the last round
 * no more of them came. A month that is filled in is so rewritten once.
 */
function isScatteredDue(scattered: Scattered, stepRows: number): boolean {
  const { rows, seen } = scattered
  scattered.seen = rows
  if (rows < stepRows) return false
  scattered.rounds++
  return rows === seen || scattered.rounds >= maxRounds
}

function settledBefore({ measurements }: Table): bigint | undefined {
  // A device whose clock is ahead settles nothing.
  let newest = never
  const now = BigInt(Date.now()) * 1_000_000n
  for (const { series } of measurements) {
    for (const { last } of series) if (last > newest && last <= now) newest = last
  }
  return newest === never ? undefined : newest - settledNs
}

interface CompactionPlan {
  readonly pending: number
  /** Where each step ends, in ns. */
  readonly ends: readonly bigint[]
}

async function planCompaction(
  connection: DuckDBConnection,
  table: Table,
  before: bigint,
  stepRows: number,
): Promise<CompactionPlan> {
  const { scattered, name } = table
  if (isScatteredDue(scattered, stepRows)) {
    if (scattered.from < table.compacted) table.compacted = scattered.from
    scattered.rows = 0
    scattered.rounds = 0
  }
  const from = table.compacted
  const where = `${from === never ? '' : `time >= ${from} AND `}time < ${before}`
  const pending = Number(await first(connection, `SELECT count(*) FROM ${name} WHERE ${where}`))
  const steps = Math.min(Math.floor(pending / stepRows), planSteps)
  if (steps === 0) return { pending: 0, ends: [] }
  const parts = Array.from({ length: steps }, (_, index) => ((index + 1) * stepRows) / pending)
  const times = await first(
    connection,
    `SELECT approx_quantile(time, [${parts.join(',')}]) FROM ${name} WHERE ${where}`,
  )
  const ends = [...new Set((times as { readonly items: readonly bigint[] }).items)].filter((end) => end > from)
  return { pending, ends }
}

async function first(connection: DuckDBConnection, sql: string) {
  return (await connection.runAndReadAll(sql)).getRows()[0]?.[0]
}

/** Rewrites the rows from where the table is compacted up to a time, exclusive; resolves to how many there were. */
async function compactStep(connection: DuckDBConnection, table: Table, to: bigint): Promise<number> {
  const { id, name, compacted } = table
  const span = `${compacted === never ? '' : `time >= ${compacted} AND `}time < ${to}`
  try {
    await connection.run('BEGIN')
    await connection.run(`CREATE TEMP TABLE sorted AS SELECT * FROM ${name} WHERE ${span} ORDER BY sid, time`)
    const { rowsChanged } = await connection.run(`DELETE FROM ${name} WHERE ${span}`)
    await connection.run(`INSERT INTO ${name} SELECT * FROM sorted ORDER BY sid, time`)
    await connection.run(`UPDATE measurements SET compacted = ${to} WHERE id = ${id}`)
    await commit(connection)
    table.compacted = to
    return rowsChanged
  } catch (error) {
    await connection.run('ROLLBACK').catch(() => undefined)
    throw error
  }
}
