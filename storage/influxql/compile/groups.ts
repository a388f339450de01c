import type { SourceSeries } from '../source.ts'

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
