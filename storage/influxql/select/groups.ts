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
  {
    measurement,
    groups,
    selection,
    range,
    level,
  }: Pick<SelectContext, 'measurement' | 'groups' | 'selection' | 'range' | 'level'>,
  ...conditions: string[]
): string {
  const { derived } = measurement
  const table = (level > 0 && derived?.wider[level - 1]) || measurement.table
  // A subquery had its times already; those of its windows may be before the range.
  if (range.from !== undefined && !derived) conditions.push(`t.time >= ${range.from}`)
  if (range.to !== undefined && !derived) conditions.push(`t.time <= ${range.to}`)
  if (selection.sql !== '') conditions.push(selection.sql)
  const [only] = groups
  if (groups.length === 1 && only?.series.length === 1) {
    conditions.push(`t.sid = ${only.series[0]?.sid}`)
    return `FROM (SELECT *, 0 AS gid, ${derived ? 'rowid' : '0'} AS rank FROM ${table}) t${where(conditions)}`
  }
  let count = 0
  const series = groups.flatMap((group, gid) => group.series.map(({ sid }) => `(${sid},${gid},${count++})`))
  const [rows, rank] = derived ? [`(SELECT *, rowid AS rank FROM ${table})`, 'place'] : [table, 'rank']
  return `FROM ${rows} t JOIN (VALUES ${series.join(',')}) g(sid, gid, ${rank}) ON g.sid = t.sid${where(conditions)}`
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

function where(conditions: readonly string[]): string {
  return conditions.length > 0 ? ` WHERE ${conditions.join(' AND ')}` : ''
}
