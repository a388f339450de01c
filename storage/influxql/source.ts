import type { FieldType } from '../line-protocol/point.ts'

/** A value of an answer. Integers are bigints. */
export type Value = number | bigint | boolean | string | null

export interface SourceField {
  /** Its column is `f` and this number. */
  readonly id: number
  readonly name: string
  readonly type: FieldType
  readonly committed: boolean
}

export interface SourceSeries {
  readonly sid: number
  readonly key: string
  readonly tags: ReadonlyMap<string, string>
}

export interface SourceMeasurement {
  readonly name: string
  /** Table with the columns `time` (nanoseconds), `sid` and one `f<id>` for each field. */
  readonly table: string
  /** Whether other measurements have rows in the table, too. */
  readonly shared?: boolean
  readonly committed: boolean
  readonly fields: ReadonlyMap<string, SourceField>
  readonly series: readonly SourceSeries[]
}

/** What SQL answers with, column by column. */
export interface Rows {
  readonly rowCount: number
  readonly columns: Value[][]
}

/** Runs SQL whose answer has a limit: the engine makes the whole of it first. */
export type Read = (sql: string) => Promise<Rows>

/** A table that lives as long as a query: columns `time`, `sid` and `f1`, `f2`, … */
export interface ScratchTable {
  readonly name: string
  readonly types: readonly FieldType[]
  readonly times: readonly Value[]
  readonly sids: readonly number[]
  /** Column by column. */
  readonly columns: readonly (readonly Value[])[]
}

/** Finds those of the names that a regular expression matches. */
export type Matching = (regex: string, names: Iterable<string>) => Promise<ReadonlySet<string>>

/** What statements are analysed against. */
export interface Catalog {
  /** Name of the one database that there is. */
  readonly database: string
  readonly measurements: ReadonlyMap<string, SourceMeasurement>
  readonly matching: Matching
}

/** What statements are executed against. */
export interface QuerySource extends Omit<Catalog, 'matching'> {
  /** Most rows that a statement may answer with, and most values. */
  readonly maxRows: number
  readonly maxValues: number
  readonly read: Read
  /** Runs `use` with tables that only its own `read` sees, and drops them. */
  scratch<T>(tables: readonly ScratchTable[], use: (read: Read) => Promise<T>): Promise<T>
}

/** One series of an answer, in the shape of InfluxDB's JSON. Times are nanoseconds. */
export interface AnswerSeries {
  /** Whether the first column is the time. */
  readonly timed?: true
  readonly name?: string
  readonly tags?: Readonly<Record<string, string>>
  readonly columns: readonly string[]
  readonly values: Value[][]
}

export interface Answer {
  readonly series: readonly AnswerSeries[]
  /** Zone that times are printed in. */
  readonly zone?: string | undefined
}

const lookedAt = new WeakMap<readonly SourceSeries[], { readonly names: Set<string>; count: number }>()

/** The tags that series have. None is looked at twice: a list of series only ever grows. */
export function tagNames(series: readonly SourceSeries[]): ReadonlySet<string> {
  const seen = lookedAt.get(series) ?? { names: new Set(), count: 0 }
  lookedAt.set(series, seen)
  for (; seen.count < series.length; seen.count++) {
    for (const key of (series[seen.count] as SourceSeries).tags.keys()) seen.names.add(key)
  }
  return seen.names
}

type ByValue = Map<string, SourceSeries[]>

const indexes = new WeakMap<readonly SourceSeries[], Map<string, { readonly byValue: ByValue; count: number }>>()

/**
 * Series by their value of a tag, under an empty text where they have none; each list in their order. Made when it is first
 * asked for: a list of series only ever grows, and is another one after series were dropped.
 */
export function seriesByTag(
  series: readonly SourceSeries[],
  tag: string,
): ReadonlyMap<string, readonly SourceSeries[]> {
  const ofList = indexes.get(series) ?? new Map()
  indexes.set(series, ofList)
  const index = ofList.get(tag) ?? { byValue: new Map(), count: 0 }
  ofList.set(tag, index)
  for (; index.count < series.length; index.count++) {
    const one = series[index.count] as SourceSeries
    const value = one.tags.get(tag) ?? ''
    const list = index.byValue.get(value)
    if (list) list.push(one)
    else index.byValue.set(value, [one])
  }
  return index.byValue
}

/** How many values there are in series. */
export function valueCount(series: readonly AnswerSeries[]): number {
  return series.reduce((sum, { columns, values }) => sum + columns.length * values.length, 0)
}
