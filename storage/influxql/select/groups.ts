import type { Selection } from '../condition.ts'
import type { SourceMeasurement, SourceSeries } from '../source.ts'
import type { TimeRange } from '../time.ts'

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

/** FROM and WHERE of a statement's SQL, with the columns `gid` (place of the group) and `rank` (of the series). */
export function fromWhere(
  measurement: SourceMeasurement,
  groups: readonly Group[],
  selection: Selection,
  range: TimeRange,
): string {
  const conditions: string[] = []
  if (range.from !== undefined) conditions.push(`t.time >= ${range.from}`)
  if (range.to !== undefined) conditions.push(`t.time <= ${range.to}`)
  if (selection.sql !== '') conditions.push(selection.sql)
  let rank = 0
  const rows = groups.flatMap((group, gid) => group.series.map(({ sid }) => `(${sid},${gid},${rank++})`))
  const [only] = groups
  if (groups.length === 1 && only?.series.length === 1) {
    conditions.push(`t.sid = ${only.series[0]?.sid}`)
    return `FROM (SELECT *, 0 AS gid, 0 AS rank FROM ${measurement.table}) t${where(conditions)}`
  }
  return `FROM ${measurement.table} t JOIN (VALUES ${rows.join(',')}) g(sid, gid, rank) ON g.sid = t.sid${where(conditions)}`
}

function where(conditions: readonly string[]): string {
  return conditions.length > 0 ? ` WHERE ${conditions.join(' AND ')}` : ''
}
