import type { SourceSeries } from '../source.ts'
import type { SelectContext } from './context.ts'

/** Series that share the values of the tags that a statement groups by. */
export interface Group {
  /** Absent where the statement groups by no tag. */
  readonly tags: Readonly<Record<string, string>> | undefined
  readonly series: SourceSeries[]
}

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

/**
 * FROM and WHERE of a statement's SQL, with the columns `gid` (place of the group) and `rank` (of the series, or for the
 * answer of a subquery of the row).
 * @param conditions more conditions on `t`
 */
export function fromWhere(
  context: Pick<SelectContext, 'measurement' | 'groups' | 'selection' | 'range' | 'level'>,
  ...conditions: string[]
): string {
  const { measurement, groups, selection, range, level } = context
  const { derived } = measurement
  const table = (level > 0 && derived?.wider[level - 1]) || measurement.table
  // A subquery had its times already; those of its windows may be before the range.
  if (range.from !== undefined && !derived) conditions.push(`t.time >= ${range.from}`)
  if (range.to !== undefined && !derived) conditions.push(`t.time <= ${range.to}`)
  if (selection.sql !== '') conditions.push(selection.sql)
  const series = groups.flatMap((group, gid) => group.series.map(({ sid }) => ({ sid, gid })))
  const sids = series.map(({ sid }) => sid)
  const last = sids.reduce((a, b) => Math.max(a, b))
  // A series that is new since the groups were made comes after all that the measurement had.
  const all = sids.length === measurement.series.length
  conditions.push(all ? `t.sid <= ${last}` : sids.length === 1 ? `t.sid = ${last}` : `t.sid IN (${sids.join(',')})`)
  const gid = groups.length === 1 ? '0' : lookupSql(new Map(series.map((one) => [one.sid, one.gid])))
  const rank = derived ? 'rowid' : sids.length === 1 ? '0' : lookupSql(new Map(sids.map((sid, place) => [sid, place])))
  return `FROM (SELECT *, ${gid} AS gid, ${rank} AS rank FROM ${table}) t WHERE ${conditions.join(' AND ')}`
}

/** Numbers that may lie between those of series, for each of these, in a list that is looked up. */
const maxSparse = 64

/** SQL of a number for each series. To look it up in a list takes a fraction of the time that a join with a table does. */
export function lookupSql(numbers: ReadonlyMap<number, number>): string {
  const sids = [...numbers.keys()].sort((a, b) => a - b)
  const [first = 0] = sids
  const span = (sids.at(-1) ?? 0) - first + 1
  if (span > maxSparse * sids.length) {
    const entries = sids.map((sid) => `${sid}: ${numbers.get(sid)}`)
    return `MAP {${entries.join(', ')}}[sid]`
  }
  const list = Array.from({ length: span }, (_, index) => numbers.get(first + index) ?? 'NULL')
  return `[${list.join(',')}][sid - ${first} + 1]`
}

/** Whether no two rows of a group have the same time. */
export function isAlone({ measurement, groups }: Pick<SelectContext, 'measurement' | 'groups'>): boolean {
  return !measurement.derived && groups.every(({ series }) => series.length === 1)
}

/** ORDER BY of rows: by group, time and series; those of a subquery come in its own order. */
export function rowOrder({ measurement, descending }: Pick<SelectContext, 'measurement' | 'descending'>): string {
  const order = descending ? 'DESC' : 'ASC'
  return measurement.derived ? `ORDER BY gid ${order}, rank` : `ORDER BY gid ${order}, t.time ${order}, rank ${order}`
}
