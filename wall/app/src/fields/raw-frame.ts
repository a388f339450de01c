import type { Target } from '../../../shared/boards/board.ts'
import type { Cell, QueryResult, QuerySeries } from '../../../shared/boards/panel-data.ts'
import type { Field } from './frame.ts'
import type { Names } from './names.ts'

/** A table before overrides, thresholds and units are applied. */
export interface RawFrame {
  readonly refId: string
  readonly name: string
  readonly fields: readonly RawField[]
}

export interface RawField extends Pick<Field, 'name' | 'kind' | 'labels' | 'values'> {
  /** What the query or a transformation calls it; a display name of the panel goes before it. */
  readonly title?: string
}

export const timeName = 'Time'

/** The frames of one query, as Grafana's InfluxDB data source makes them. */
export function rawFrames(result: QueryResult, target: Target | undefined, names: Names): RawFrame[] {
  const { refId, series } = result
  if (target?.resultFormat === 'table') {
    const table = tableOf(refId, series)
    return table ? [table] : []
  }
  return series.flatMap((one) => seriesFrames(refId, one, target?.alias, names))
}

/** One frame for each column besides the time. */
function seriesFrames(refId: string, series: QuerySeries, alias: string | undefined, names: Names): RawFrame[] {
  const { columns, values, tags = {} } = series
  const time = field(timeName, columnOf(values, 0).map(instant), 'time')
  return columns.slice(1).map((column, index) => {
    const title = alias ? aliasOf(alias, series, column, names) : defaultTitle(series, column, names)
    return {
      refId,
      name: title,
      fields: [time, { ...field('Value', columnOf(values, index + 1)), labels: tags, title }],
    }
  })
}

/** All series below each other: the time, the tags, and the columns. */
function tableOf(refId: string, series: readonly QuerySeries[]): RawFrame | undefined {
  const [first] = series
  if (!first) return undefined
  const tags = [...new Set(series.flatMap((one) => Object.keys(one.tags ?? {})))]
  const hasTime = first.columns[0] === 'time'
  const columns = first.columns.slice(hasTime ? 1 : 0)
  const rows = series.flatMap((one) =>
    one.values.map((row): readonly Cell[] => [
      ...row.slice(0, hasTime ? 1 : 0).map(instant),
      ...tags.map((tag) => one.tags?.[tag] ?? null),
      ...row.slice(hasTime ? 1 : 0),
    ]),
  )
  const heads = [...(hasTime ? [timeName] : []), ...tags, ...columns]
  return {
    refId,
    name: first.name,
    fields: heads.map((name, index) => field(name, columnOf(rows, index), name === timeName ? 'time' : undefined)),
  }
}

/** An aggregate over the whole range has the time 0, which is none. */
function instant(time: Cell): Cell {
  return time === 0 ? null : time
}

export function field(name: string, values: readonly Cell[], kind: Field['kind'] = kindOf(values)): RawField {
  return { name, kind, labels: {}, values }
}

function columnOf(rows: readonly (readonly Cell[])[], index: number): Cell[] {
  return rows.map((row) => row[index] ?? null)
}

/** What a column holds, by its first value that is one. */
function kindOf(values: readonly Cell[]): Field['kind'] {
  const type = typeof values.find((value) => value !== null)
  return type === 'string' || type === 'boolean' ? type : 'number'
}

/** `$tag_x`, `$col`, `$measurement` (`$m`), and the same in `[[…]]`. */
function aliasOf(alias: string, { name, tags = {} }: QuerySeries, column: string, names: Names): string {
  const named = alias.replace(/\$(\w+)|\[\[([^\]]+)\]\]/g, (whole, plain?: string, bracketed?: string) => {
    const variable = plain ?? bracketed ?? ''
    if (variable === 'm' || variable === 'measurement') return name
    if (variable === 'col') return column
    const tag = variable.startsWith('tag_') ? variable.slice('tag_'.length) : undefined
    return tag === undefined ? whole : names.tag(tag, tags[tag] ?? '', tags)
  })
  // A device that is called as its site is named once, by the site where its own name is its type and its site.
  const parts = [...new Set(named.split(' · '))]
  return parts.filter((part) => !parts.some((other) => other !== part && repeats(part, other))).join(' · ')
}

/** Whether a name says nothing beside another. */
function repeats(name: string, other: string): boolean {
  return name.endsWith(` – ${other}`) || (other.includes(name) && !other.endsWith(` – ${name}`))
}

function defaultTitle({ name, tags = {} }: QuerySeries, column: string, names: Names): string {
  const labels = Object.entries(tags).map(([tag, value]) => names.tag(tag, value, tags))
  return labels.length > 0 ? labels.join(', ') : `${name}.${column}`
}
