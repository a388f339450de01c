import type { DuckDBConnection } from '@duckdb/node-api'
import { IocError } from '@ioc/contract/errors.ts'
import { parseSpan } from '../../tools/moment.ts'
import type { Series, Table } from './catalog.ts'
import { commit } from './commit.ts'
import { checkpoint, type Upkept } from './upkeep.ts'

/** How long points are kept, in ns, by measurement; `*` for those that are not named. Others are kept for ever. */
export type Retention = ReadonlyMap<string, bigint>

/** Rows of one step of deleting, about: a write waits for one step at most. */
const stepRows = 50_000

/**
 * Reads `system=90d,indicator=5y,*=2y`.
 * @throws IocError OPTION_INVALID
 */
export function parseRetention(text: string): Retention {
  const retention = new Map<string, bigint>()
  for (const entry of text.split(',').map((part) => part.trim())) {
    if (entry === '') continue
    const at = entry.lastIndexOf('=')
    const span = parseSpan(entry.slice(at + 1))
    if (at < 1 || span === undefined || span === 0n) {
      throw new IocError(
        'OPTION_INVALID',
        `IOC_STORAGE_RETENTION: expected MEASUREMENT=SPAN as in "system=90d,*=2y", got "${entry}"`,
      )
    }
    retention.set(entry.slice(0, at).trim(), span)
  }
  return retention
}

/** The oldest time, in ns, that a measurement keeps; undefined where it keeps everything. */
export function oldestKept(retention: Retention, measurement: string, now: bigint): bigint | undefined {
  const span = retention.get(measurement) ?? retention.get('*')
  return span === undefined ? undefined : now - span
}

/**
 * Deletes what is too old, in steps between which points are written.
 * @param count is told how many rows each step deleted
 */
export async function expireOld(store: Upkept, retention: Retention, count: (rows: number) => void): Promise<void> {
  let deleted = 0
  let dropped = 0
  const now = BigInt(Date.now()) * 1_000_000n
  for (const table of [...store.catalog.tables.values()]) {
    for (const [oldest, ids] of byOldest(table, retention, now)) {
      const expired = `time < ${oldest}${table.shared ? ` AND sid IN (${seriesOf(ids)})` : ''}`
      let some = 1
      while (some > 0 && !store.stopping.aborted) {
        some = (await store.chore((writer) => deleteStep(writer, table.name, expired))) ?? 0
        count(some)
        deleted += some
      }
      dropped += await dropExpired(store, table, oldest, ids)
    }
  }
  if (dropped > 0) store.logger.info({ dropped }, 'expired series removed')
  // Only a checkpoint gives the room of deleted rows to new ones.
  if (deleted === 0 || store.stopping.aborted) return
  await store.chore(checkpoint)
  store.logger.info({ deleted }, 'expired points deleted')
}

/** Series of one step, at most. */
const stepSeries = 10_000

/** Drops the series, of some measurements of a table, that have no point since a time; resolves to how many there were. */
async function dropExpired(store: Upkept, table: Table, oldest: bigint, ids: readonly number[]): Promise<number> {
  let dropped = 0
  while (!store.stopping.aborted) {
    const some = await store.chore(async (writer) => {
      // In the writer's turn no series is about to get a point. The catalog is another one after the file was opened again.
      const expired = expiredSeries(store.catalog.tables.get(table.id), oldest, ids)
      if (expired.length === 0) return 0
      await deleteSeries(writer, table.name, expired, oldest)
      store.catalog.dropSeries(expired)
      return expired.length
    })
    if (!some) break
    dropped += some
  }
  return dropped
}

function expiredSeries(table: Table | undefined, oldest: bigint, ids: readonly number[]): Series[] {
  const expired: Series[] = []
  for (const { id, series } of table?.measurements ?? []) {
    if (!ids.includes(id)) continue
    for (const one of series) {
      if (one.last < oldest) expired.push(one)
      if (expired.length === stepSeries) return expired
    }
  }
  return expired
}

/** Rows without their series would be damage: what a step before this one left of them goes in the same transaction. */
async function deleteSeries(
  writer: DuckDBConnection,
  table: string,
  series: readonly Series[],
  oldest: bigint,
): Promise<void> {
  const sids = `sid IN (${series.map(({ sid }) => sid).join(',')})`
  try {
    await writer.run('BEGIN')
    await writer.run(`DELETE FROM ${table} WHERE time < ${oldest} AND ${sids}`)
    await writer.run(`DELETE FROM series WHERE ${sids}`)
    await commit(writer)
  } catch (error) {
    await writer.run('ROLLBACK').catch(() => undefined)
    throw error
  }
}

/** The measurements of a table, by the oldest time that they keep. */
function byOldest({ measurements }: Table, retention: Retention, now: bigint): Map<bigint, number[]> {
  const groups = new Map<bigint, number[]>()
  for (const { id, name } of measurements) {
    const oldest = oldestKept(retention, name, now)
    if (oldest === undefined) continue
    const group = groups.get(oldest)
    if (group) group.push(id)
    else groups.set(oldest, [id])
  }
  return groups
}

function seriesOf(measurements: readonly number[]): string {
  return `SELECT sid FROM series WHERE measurement IN (${measurements.join(',')})`
}

/** Deletes some of the rows that a condition is true of, the oldest first; resolves to how many there were to delete. */
async function deleteStep(connection: DuckDBConnection, table: string, condition: string): Promise<number> {
  const newest = await connection.runAndReadAll(
    `SELECT max(time) FROM (SELECT time FROM ${table} WHERE ${condition} ORDER BY time LIMIT ${stepRows})`,
  )
  const to = newest.getRows()[0]?.[0] as bigint | null
  if (to === null) return 0
  const { rowsChanged } = await connection.run(`DELETE FROM ${table} WHERE ${condition} AND time <= ${to}`)
  return rowsChanged
}
