import type { FieldType } from '../line-protocol/point.ts'

/** A value of an answer. Integers are bigints. */
export type Value = number | bigint | boolean | string | null

export interface SourceField {
  /** What its column is called after `f`. */
  readonly id: number | string
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
  /**
   * Only of the answer of a subquery: its rows are in the order of their number (`rowid`), and a series may have
   * several of one time.
   */
  readonly derived?: {
    /** For each window more before the first that was looked at: its own table. */
    readonly wider: readonly string[]
    /** Tags that only the query around groups by, so that it cannot ask for them. */
    readonly hidden: ReadonlySet<string>
    /** Columns that are stored nowhere: they have no value, and are no tags. */
    readonly untyped: ReadonlySet<string>
    /** Columns that are tags of what the subquery asked: wildcards take them for such. */
    readonly tags: ReadonlySet<string>
    /** Whether its rows are in the order of their times; else series follow each other. */
    readonly timed: boolean
  }
}

/** Runs SQL whose answer has a limit: the engine makes the whole of it first. */
export type Read = (sql: string) => Promise<{ rowCount: number; columns: Value[][] }>

/** A table that lives as long as a query: columns `time`, `sid` and `f1`, `f2`, … */
export interface ScratchTable {
  readonly name: string
  readonly types: readonly FieldType[]
  readonly times: readonly Value[]
  readonly sids: readonly number[]
  /** Column by column. */
  readonly columns: readonly (readonly Value[])[]
}

/** What queries are run against. */
export interface QuerySource {
  /** Name of the one database that there is. */
  readonly database: string
  readonly measurements: ReadonlyMap<string, SourceMeasurement>
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

/** Text as an expression of SQL. A literal ends at the character 0, which names and values may have. */
export function sqlText(text: string): string {
  const literals = text.split('\0').map((part) => `'${part.replaceAll("'", "''")}'`)
  return literals.length === 1 ? (literals[0] as string) : `(${literals.join(' || chr(0) || ')})`
}

/** Numbers that may lie between those of series, for each of these, in a list that is looked up. */
const maxSparse = 64

/**
 * SQL of a number for each series. To look it up in a list takes a fraction of the time that a join with a table does, and
 * a list that is read from text a third of that of one that is parsed as SQL.
 */
export function lookupSql(numbers: ReadonlyMap<number, number>): string {
  const sids = [...numbers.keys()].sort((a, b) => a - b)
  const [first = 0] = sids
  const span = (sids.at(-1) ?? 0) - first + 1
  if (span > maxSparse * sids.length) {
    const entries = sids.map((sid) => `${sid}: ${numbers.get(sid)}`)
    return `MAP {${entries.join(', ')}}[sid]`
  }
  const list = Array.from({ length: span }, (_, index) => numbers.get(first + index) ?? 'NULL')
  // A row that a condition excludes may be looked up before that is asked: its number may be less than the first.
  return `('[${list.join(',')}]'::INTEGER[])[CAST(sid AS BIGINT) - ${first} + 1]`
}

/**
 * Those of the names that a regular expression matches. DuckDB matches them because its expressions are InfluxDB's
 * (RE2): the same syntax, and no expression that takes exponential time.
 * @throws IocError QUERY_INVALID for an expression that is none
 */
export async function matching(source: QuerySource, regex: string, names: Iterable<string>): Promise<Set<string>> {
  const list = [...new Set(names)]
  if (list.length === 0) return new Set()
  const { columns } = await source.read(
    `SELECT name FROM (SELECT unnest([${list.map(sqlText).join(',')}]) AS name) WHERE regexp_matches(name, ${sqlText(regex)})`,
  )
  return new Set(columns[0] as string[])
}
