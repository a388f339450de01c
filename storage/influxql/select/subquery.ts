import type { FieldType } from '../../line-protocol/point.ts'
import type { AnswerSeries, ScratchTable, SourceField, SourceMeasurement, SourceSeries, Value } from '../source.ts'

/** The answer of a subquery, for the query around it. */
export interface InnerAnswer {
  readonly series: readonly AnswerSeries[]
  /**
   * Whether the query around it reads the rows of all series in the order of their times. It does, unless the subquery
   * gave each series one value for its whole time: then series follow each other.
   */
  readonly timed: boolean
  readonly descending: boolean
}

/** Puts the answers of subqueries into tables, which the query around them reads as measurements. */
export function derivedMeasurements(answers: readonly InnerAnswer[]): {
  tables: ScratchTable[]
  derived: SourceMeasurement[]
} {
  const byName = new Map<string, AnswerSeries[]>()
  for (const one of answers.flatMap(({ series }) => series)) {
    const name = one.name ?? ''
    const list = byName.get(name)
    if (list) list.push(one)
    else byName.set(name, [one])
  }
  const timed = answers.every((answer) => answer.timed)
  const descending = answers.some((answer) => answer.descending)
  const tables: ScratchTable[] = []
  const derived = [...byName].map(([name, series], index): SourceMeasurement => {
    const table = `scratch_${index}`
    const fields = fieldsOf(series)
    tables.push(tableOf(table, [...fields.values()], orderedRows(series, timed, descending)))
    const keyed = series.map(({ tags = {} }, sid): SourceSeries => {
      return { sid, key: String(sid).padStart(10, '0'), tags: new Map(Object.entries(tags)) }
    })
    return { name, table, committed: true, fields, series: keyed, derived: true }
  })
  return { tables, derived }
}

/** The columns of all series as fields, of the type that their values have. */
function fieldsOf(series: readonly AnswerSeries[]): Map<string, SourceField> {
  const fields = new Map<string, SourceField>()
  for (const { columns, values } of series) {
    columns.forEach((name, index) => {
      if (index === 0) return
      const type = typeOf(values, index)
      const known = fields.get(name)
      if (known && (type === undefined || known.type === 'float')) return
      fields.set(name, { id: known?.id ?? fields.size + 1, name, type: type ?? 'float', committed: true })
    })
  }
  return fields
}

const typeNames: Readonly<Record<string, FieldType>> = {
  bigint: 'integer',
  number: 'float',
  boolean: 'boolean',
  string: 'string',
}

function typeOf(values: readonly Value[][], index: number): FieldType | undefined {
  const sample = values.find((row) => row[index] !== null)?.[index]
  return typeNames[typeof sample]
}

interface InnerRow {
  readonly sid: number
  readonly columns: readonly string[]
  readonly values: readonly Value[]
}

function orderedRows(series: readonly AnswerSeries[], timed: boolean, descending: boolean): InnerRow[] {
  const rows = series.flatMap(({ columns, values }, sid) =>
    values.map((row): InnerRow => ({ sid, columns, values: row })),
  )
  if (!timed) return rows
  const sign = descending ? -1 : 1
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

/** A value in a column's type. What has no number, as the deviation of one value, is null. */
function cell(value: Value | undefined, { type }: SourceField): Value {
  if (value === undefined || value === null || (typeof value === 'number' && Number.isNaN(value))) return null
  return type === 'float' && typeof value === 'bigint' ? Number(value) : value
}
