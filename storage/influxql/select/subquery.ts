import type { AnswerSeries, ScratchTable, SourceField, SourceMeasurement, SourceSeries, Value } from '../source.ts'
import { addTypes, type ColumnType } from './types.ts'

/** The answer of a subquery, for the query around it. */
export interface InnerAnswer {
  readonly series: readonly AnswerSeries[]
  /** Its columns, with the types of those that are stored anywhere. */
  readonly types: ReadonlyMap<string, ColumnType>
  /** Tags that it has only because the query around it groups by them. */
  readonly hidden: readonly string[]
  /**
   * Whether the query around it reads the rows of all series in the order of their times. It does, unless the subquery, or
   * one that it asked for points as they are, gave each series one value for its whole time: then series follow each other.
   */
  readonly timed: boolean
  readonly descending: boolean
  /**
   * Whether it asked what is stored for its points as they are. Others come in the order of their series, where they are
   * of one time, even if the answer descends.
   */
  readonly plain: boolean
}

/**
 * Puts the answers of subqueries into tables, which the query around them reads as measurements.
 * @param levels the answers, then those with one window more before the first, and so on
 */
export function derivedMeasurements(levels: readonly (readonly InnerAnswer[])[]): {
  tables: ScratchTable[]
  derived: SourceMeasurement[]
} {
  const tables: ScratchTable[] = []
  const names = new Set(levels.flat().flatMap(({ series }) => series.map(({ name = '' }) => name)))
  const derived = [...names].map((name, index): SourceMeasurement => {
    const answers = levels.map((level) =>
      level.flatMap((one) => {
        const series = one.series.filter((series) => series.name === name)
        return series.length > 0 ? [{ ...one, series }] : []
      }),
    )
    const { fields, ...columns } = columnsOf(answers.flat())
    const series = seriesOf(answers.flat())
    const [table = '', ...wider] = answers.map((level, place) => {
      const table = `scratch_${index}_${place}`
      tables.push(tableOf(table, [...fields.values()], orderedRows(level, series)))
      return table
    })
    const hidden = new Set(levels.flat().flatMap((one) => one.hidden))
    const timed = levels.flat().every((one) => one.timed)
    const derived = { wider, hidden, timed, ...columns }
    return { name, table, committed: true, fields, series: [...series.values()], derived }
  })
  // What has no rows has columns: mistakes are found whatever the points.
  const empty = levels[0]?.filter(({ series }) => series.length === 0) ?? []
  if (empty.length > 0) {
    const { fields, ...columns } = columnsOf(empty)
    const nothing = { name: '', table: '', committed: true, fields, series: [] }
    derived.push({ ...nothing, derived: { wider: [], hidden: new Set(), timed: true, ...columns } })
  }
  return { tables, derived }
}

function columnsOf(answers: readonly InnerAnswer[]) {
  const types = new Map<string, ColumnType>()
  for (const answer of answers) addTypes(types, answer.types)
  const fields = new Map<string, SourceField>()
  const untyped = new Set<string>()
  const tags = new Set<string>()
  for (const [name, kind] of types) {
    const type = kind === 'tag' ? 'string' : kind
    if (type) fields.set(name, { id: fields.size + 1, name, type, committed: true })
    else untyped.add(name)
    if (kind === 'tag') tags.add(name)
  }
  return { fields, untyped, tags }
}

const keyOf = ({ tags = {} }: AnswerSeries) => JSON.stringify(tags)

/** One series for each combination of tags, whichever subqueries and times have it. */
function seriesOf(answers: readonly InnerAnswer[]): Map<string, SourceSeries> {
  const found = new Map<string, SourceSeries>()
  for (const one of answers.flatMap(({ series }) => series)) {
    const key = keyOf(one)
    if (!found.has(key)) found.set(key, { sid: found.size, key, tags: new Map(Object.entries(one.tags ?? {})) })
  }
  return found
}

interface InnerRow {
  readonly sid: number
  readonly columns: readonly string[]
  readonly values: readonly Value[]
}

function orderedRows(answers: readonly InnerAnswer[], known: ReadonlyMap<string, SourceSeries>): InnerRow[] {
  const rows = answers
    .flatMap(({ series, descending, plain }) => (descending && !plain ? series.toReversed() : series))
    .flatMap((one) => {
      const sid = known.get(keyOf(one))?.sid ?? 0
      return one.values.map((values): InnerRow => ({ sid, columns: one.columns, values }))
    })
  if (!answers.every(({ timed }) => timed)) return rows
  const sign = answers.some(({ descending }) => descending) ? -1 : 1
  return rows.sort((a, b) => {
    const [x, y] = [a.values[0] as bigint, b.values[0] as bigint]
    return x < y ? -sign : x > y ? sign : 0
  })
}

function tableOf(name: string, fields: readonly SourceField[], rows: readonly InnerRow[]): ScratchTable {
  const columns = fields.map((field) =>
    rows.map(({ columns: names, values }) => cell(values[names.indexOf(field.name)], field)),
  )
  return {
    name,
    types: fields.map(({ type }) => type),
    times: rows.map(({ values }) => values[0] as Value),
    sids: rows.map(({ sid }) => sid),
    columns,
  }
}

/** A value in a column's type; null where there is none. */
function cell(value: Value | undefined, { type }: SourceField): Value {
  switch (type) {
    case 'float':
      return typeof value === 'number' || typeof value === 'bigint' ? Number(value) : null
    case 'integer':
    case 'unsigned':
      if (typeof value === 'number') return Number.isFinite(value) ? BigInt(Math.trunc(value)) : null
      return typeof value === 'bigint' ? value : null
    default:
      return typeof value === type ? (value as Value) : null
  }
}
