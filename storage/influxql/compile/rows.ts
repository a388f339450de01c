import type { Value } from '../source.ts'
import { lookupSql } from '../sql.ts'
import type { Reference } from '../syntax/ast.ts'
import { intersection } from '../time.ts'
import type { Group } from './groups.ts'
import type { Scan } from './scan.ts'

/** SQL of the rows of a scan, which are of the table `t`. */
interface RowsSql {
  /** What `groupPlace` tells the group of a row by; `0` where there is one. */
  readonly gid: string
  readonly rank: string
  readonly table: string
  readonly where: string
}

function rowsSql(scan: Scan, conditions: readonly string[]): RowsSql {
  const { relation, groups, condition, range, limits, level } = scan
  const sids = groups.flatMap(({ series }) => series.map(({ sid }) => sid))
  const within = relation.within(intersection(range, limits), sids)
  const all = [...within, ...conditions, ...(condition === '' ? [] : [condition])]
  return {
    gid: groups.length > 1 && isAlone(scan) ? 'sid' : placeSql(groups),
    rank: relation.rank(sids),
    table: relation.table(level),
    where: `WHERE ${all.join(' AND ')}`,
  }
}

/**
 * FROM and WHERE of the rows of a scan, with the columns `gid` and `rank`.
 * @param conditions more conditions on `t`
 */
export function fromWhere(scan: Scan, ...conditions: string[]): string {
  const { gid, rank, table, where } = rowsSql(scan, conditions)
  return `FROM (SELECT *, ${gid} AS gid, ${rank} AS rank FROM ${table}) t ${where}`
}

/**
 * SQL of columns and aggregates of each group and window.
 * @param ranked whether the columns read `rank`: without it there is one SELECT less, which the engine would plan for a
 *   tenth of a millisecond
 */
export function groupedSql(
  scan: Scan,
  bucket: string,
  ranked: boolean,
  columns: readonly string[],
  ...conditions: string[]
): string {
  const { gid, table, where } = rowsSql(scan, conditions)
  // To plan an ORDER BY takes longer than to put few windows in order.
  return `SELECT ${ranked ? 'gid' : `${gid} AS gid`}, ${bucket} AS bucket, ${columns.join(', ')}
    ${ranked ? fromWhere(scan, ...conditions) : `FROM ${table} t ${where}`}
    GROUP BY ${ranked || gid !== '0' ? 'gid, ' : ''}bucket ${placesWindows(scan) ? '' : 'ORDER BY bucket'}`
}

/** Windows of all groups that are put in their places in memory although most of them may be empty, at most. */
const maxEmpty = 20_000

/** Whether each window is put in its place by its start, so that those of a function may come in any order. */
export function placesWindows({ windows, range, now, fill, relation, groups }: Scan): boolean {
  if (!windows) return true
  if (!relation.withinRange || range.from === undefined) return false
  const count = ((range.to ?? now) - range.from) / windows.interval + 2n
  return fill.kind !== 'none' || count * BigInt(groups.length) <= maxEmpty
}

/** A query of rows. */
export interface RowQuery {
  readonly sql: string
  /** Whether its rows, of one group, are yet to be put in the order of their times. */
  readonly unordered: boolean
}

/** Reads the places of groups, times and other columns of rows, in the order of the answer. */
export function rowQuery(scan: Scan, columns: readonly string[], limit: number, ...conditions: string[]): RowQuery {
  const { relation, groups, descending, maxRows } = scan
  const { rank, table, where } = rowsSql(scan, conditions)
  const gid = placeSql(groups)
  const sql = `SELECT ${gid} AS gid, t.time, ${columns.join(', ')} FROM ${table} t ${where}`
  // Rows of one series lie nearly in their order, and to plan an ORDER BY takes longer than to put few in order.
  if (rank === '0' && limit > maxRows) return { sql: `${sql} LIMIT ${limit}`, unordered: true }
  const direction = descending ? 'DESC' : 'ASC'
  const keys = [...(gid === '0' ? [] : [`gid ${direction}`]), ...relation.order(rank, direction)]
  return { sql: `${sql} ORDER BY ${keys.join(', ')} LIMIT ${limit}`, unordered: false }
}

/** SQL of the place of the group of a row. */
function placeSql(groups: readonly Group[]): string {
  if (groups.length === 1) return '0'
  return lookupSql(new Map(groups.flatMap(({ series }, gid) => series.map(({ sid }) => [sid, gid] as const))))
}

/** Gives the place of a group by the `gid` of its rows: the number of its series, where each group has but one. */
export function groupPlace(scan: Scan): (gid: Value | undefined) => number {
  if (scan.groups.length === 1 || !isAlone(scan)) return Number
  const places = new Map<Value | undefined, number>(scan.groups.map(({ series }, place) => [series[0]?.sid, place]))
  return (gid) => places.get(gid) as number
}

/** Whether no two rows of a group have the same time. */
export function isAlone({ relation, groups }: Scan): boolean {
  return relation.uniqueTimes && groups.every(({ series }) => series.length === 1)
}

/** The columns of the fields among the references, each once. */
export function fieldColumns({ relation }: Scan, references: readonly Reference[]): string[] {
  return [...new Set(references.flatMap((reference) => relation.field(reference)?.column ?? []))]
}
