import { lookupSql, type Read, type SourceSeries, type Value } from '../source.ts'
import { intersection } from '../time.ts'
import type { SelectContext } from './context.ts'
import type { Group } from './group.ts'

/** Groups series by tags; groups and their series in InfluxDB's order. */
export function groupSeries(series: readonly SourceSeries[], dimensions: readonly string[]): Group[] {
  const groups = new Map<string, Group>()
  for (const one of series) {
    const values = dimensions.map((name) => one.tags.get(name) ?? '')
    const key = values.join('\0')
    const group = groups.get(key)
    if (group) group.series.push(one)
    else {
      const tags =
        dimensions.length > 0 ? Object.fromEntries(dimensions.map((name, i) => [name, values[i] ?? ''])) : undefined
      groups.set(key, { tags, series: [one] })
    }
  }
  for (const group of groups.values()) group.series.sort((a, b) => (a.key < b.key ? -1 : 1))
  return [...groups].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, group]) => group)
}

type Grouped = Pick<SelectContext, 'measurement' | 'groups' | 'selection' | 'range' | 'limits' | 'level'>

/** SQL of the rows of a statement, which are of the table `t`. */
interface RowsSql {
  /** What `groupPlace` tells the group of a row by; `0` where there is one. */
  readonly gid: string
  /** Place of its series in the group, or for the answer of a subquery of the row. */
  readonly rank: string
  readonly table: string
  readonly where: string
}

/**
 * FROM and WHERE of a statement's SQL, with the columns `gid` and `rank`.
 * @param conditions more conditions on `t`
 */
export function fromWhere(context: Grouped, ...conditions: string[]): string {
  const { gid, rank, table, where } = rowsSql(context, ...conditions)
  return `FROM (SELECT *, ${gid} AS gid, ${rank} AS rank FROM ${table}) t ${where}`
}

/** The same in parts: a SELECT in another is what DuckDB takes a tenth of a millisecond to plan. */
function rowsSql(context: Grouped, ...conditions: string[]): RowsSql {
  const { measurement, groups, selection, range, limits, level } = context
  const { derived } = measurement
  const table = (level > 0 && derived?.wider[level - 1]) || measurement.table
  // A subquery had its times already; those of its windows may be before the range.
  const { from, to } = derived ? { from: undefined, to: undefined } : intersection(range, limits)
  if (from !== undefined) conditions.push(`t.time >= ${from}`)
  if (to !== undefined) conditions.push(`t.time <= ${to}`)
  if (selection.sql !== '') conditions.push(selection.sql)
  const sids = groups.flatMap(({ series }) => series.map(({ sid }) => sid))
  const all = sids.length === measurement.series.length && !measurement.shared
  conditions.push(sidSql(sids, all))
  const gid = groups.length > 1 && isAlone(context) ? 'sid' : placeSql(groups)
  const rank = derived ? 'rowid' : sids.length === 1 ? '0' : lookupSql(new Map(sids.map((sid, place) => [sid, place])))
  return { gid, rank, table, where: `WHERE ${conditions.join(' AND ')}` }
}

/** SQL of the place of the group of a row. */
function placeSql(groups: readonly Group[]): string {
  if (groups.length === 1) return '0'
  return lookupSql(new Map(groups.flatMap(({ series }, gid) => series.map(({ sid }) => [sid, gid] as const))))
}

/** Gives the place of a group by the `gid` of its rows: the number of its series, where each group has but one. */
export function groupPlace({ groups, measurement }: Grouped): (gid: Value | undefined) => number {
  if (groups.length === 1 || !isAlone({ groups, measurement })) return Number
  const places = new Map<Value | undefined, number>(groups.map(({ series }, place) => [series[0]?.sid, place]))
  return (gid) => places.get(gid) as number
}

/** SQL of the condition that a row is of one of some series. */
function sidSql(sids: readonly number[], all: boolean): string {
  const first = sids.reduce((a, b) => Math.min(a, b))
  const last = sids.reduce((a, b) => Math.max(a, b))
  // A series that is new since the groups were made comes after all that the measurement had.
  if (all) return `t.sid <= ${last}`
  if (first === last) return `t.sid = ${last}`
  return last - first + 1 === sids.length ? `t.sid BETWEEN ${first} AND ${last}` : `t.sid IN (${sids.join(',')})`
}

/**
 * Columns and aggregates of each group and window.
 * @param ordered whether the windows of a group come in their order: to plan that takes longer than to put few in order
 */
export function groupedSql(
  context: Grouped,
  bucket: string,
  ordered: boolean,
  columns: readonly string[],
  ...conditions: string[]
): string {
  const { gid, table, where } = rowsSql(context, ...conditions)
  const chosen = columns.join(', ')
  // What chooses among rows of one time asks for their rank.
  const ranked = /\brank\b/.test(chosen)
  return `SELECT ${ranked ? 'gid' : `${gid} AS gid`}, ${bucket} AS bucket, ${chosen}
    ${ranked ? fromWhere(context, ...conditions) : `FROM ${table} t ${where}`}
    GROUP BY ${ranked || gid !== '0' ? 'gid, ' : ''}bucket ${ordered ? 'ORDER BY bucket' : ''}`
}

/** Whether no two rows of a group have the same time. */
export function isAlone({ measurement, groups }: Pick<SelectContext, 'measurement' | 'groups'>): boolean {
  return !measurement.derived && groups.every(({ series }) => series.length === 1)
}

/**
 * Reads the groups, times and other columns of rows in the order of group, time and series; those of a subquery come in
 * its own order.
 */
export async function readRows(
  context: Grouped & Pick<SelectContext, 'descending' | 'source'>,
  columns: readonly string[],
  limit: number,
  ...conditions: string[]
): Promise<ReadRows> {
  const { source, descending } = context
  const { rank, table, where } = rowsSql(context, ...conditions)
  const gid = placeSql(context.groups)
  const sql = `SELECT ${gid} AS gid, t.time, ${columns.join(', ')} FROM ${table} t ${where}`
  // Rows of one series lie nearly in their order, and to plan an ORDER BY takes longer than to put few in order.
  if (rank === '0' && limit > source.maxRows) return byTime(await source.read(`${sql} LIMIT ${limit}`), descending)
  const order = descending ? 'DESC' : 'ASC'
  const keys = [
    ...(gid === '0' ? [] : [`gid ${order}`]),
    ...(context.measurement.derived ? [rank] : [`t.time ${order}`]),
    ...(context.measurement.derived || rank === '0' ? [] : [`${rank} ${order}`]),
  ]
  return source.read(`${sql} ORDER BY ${keys.join(', ')} LIMIT ${limit}`)
}

type ReadRows = Awaited<ReturnType<Read>>

/** Puts rows in the order of their second column, in which most of them come. */
function byTime(read: ReadRows, descending: boolean): ReadRows {
  const times = (read.columns[1] ?? []) as bigint[]
  const rising = times.every((time, row) => row === 0 || (times[row - 1] as bigint) <= time)
  if (rising && !descending) return read
  const places = times.map((_, row) => row)
  if (!rising) places.sort((a, b) => ((times[a] as bigint) < (times[b] as bigint) ? -1 : 1))
  if (descending) places.reverse()
  return { ...read, columns: read.columns.map((column) => places.map((row) => column[row] as Value)) }
}
