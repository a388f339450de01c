import type { AnswerSeries, ScratchTable, SourceField, SourceSeries, Value } from '../source.ts'
import type { Reference } from '../syntax/ast.ts'
import type { TimeRange } from '../time.ts'
import { castColumns, fieldAs, sidSql } from './fields.ts'
import {
  type AnswerShape,
  addTypes,
  type ColumnType,
  type Relation,
  type RelationField,
  type SubqueryAnswer,
} from './relation.ts'

/**
 * The answers of subqueries of one name, in temporary tables. Rows are in the order of their number (`rowid`), and a series
 * may have several of one time.
 */
export class DerivedRelation implements Relation {
  readonly name: string
  readonly series: readonly SourceSeries[]
  readonly castsRows = false
  /** The subqueries counted theirs. */
  readonly countsSeries = false
  readonly uniqueTimes = false
  /** The windows of a subquery may begin before the range. */
  readonly withinRange = false
  readonly byTime: boolean
  readonly ofPoints = false
  readonly limitOfOffset = undefined
  readonly #shapes: readonly AnswerShape[]
  readonly #fields = new Map<string, SourceField>()
  readonly #types = new Map<string, ColumnType>()
  readonly #tags: ReadonlySet<string>
  readonly #hidden: ReadonlySet<string>
  readonly #place: number
  readonly #casts: string

  /**
   * @param shapes those of the subqueries that have series of the name
   * @param place among the relations of the statement, by which its tables are named
   */
  constructor(
    name: string,
    shapes: readonly AnswerShape[],
    place: number,
    series: readonly SourceSeries[] = [],
    casts = '',
  ) {
    this.name = name
    this.series = series
    this.byTime = shapes.every(({ byTime }) => byTime)
    this.#shapes = shapes
    this.#place = place
    this.#casts = casts
    for (const { types } of shapes) addTypes(this.#types, types)
    this.#tags = new Set(shapes.flatMap(({ dimensions }) => dimensions))
    this.#hidden = new Set(shapes.flatMap(({ hidden }) => hidden))
    for (const [name, kind] of this.#types) {
      const type = kind === 'tag' ? 'string' : kind
      if (type) this.#fields.set(name, { id: this.#fields.size + 1, name, type, committed: true })
    }
  }

  field(reference: Reference): RelationField | undefined {
    return fieldAs(this.#fields.get(reference.name), reference, true)
  }

  typeOf(name: string): ColumnType {
    return this.#types.get(name) ?? (this.#tags.has(name) ? 'tag' : undefined)
  }

  hasTag({ name, of }: Reference): boolean {
    return (of === '' || of === 'tag') && this.#tags.has(name) && !this.#hidden.has(name)
  }

  comparesTag({ name, of }: Reference): boolean {
    // A column that is stored nowhere has no value, and is no tag.
    if (this.#types.has(name) && !this.#fields.has(name)) return false
    return of === '' || of === 'tag' || (of === 'field' && !this.#tags.has(name))
  }

  comparedTag(series: SourceSeries, { name, of }: Reference): string {
    return (of === '' || of === 'tag' ? series.tags.get(name) : undefined) ?? ''
  }

  shownTag(series: SourceSeries | undefined, { name, of }: Reference): string | undefined {
    return (of === '' || of === 'tag') && !this.#hidden.has(name) ? series?.tags.get(name) : undefined
  }

  /** Columns that are tags of what the subquery reads count as tags. */
  wildcard(of: 'field' | 'tag' | 'any'): Pick<Reference, 'name' | 'of'>[] {
    const excluded = { field: 'tag', tag: 'field', any: '' }[of]
    const columns = [...this.#types].filter(([, type]) => (type === 'tag' ? 'tag' : 'field') !== excluded)
    return [
      ...(of === 'field' ? [] : [...this.#tags].map((name) => ({ name, of: 'tag' as const }))),
      ...columns.map(([name]) => ({ name, of: 'field' as const })),
    ]
  }

  canCast(reference: Reference): boolean {
    const { name, of } = reference
    if (this.#fields.has(name)) return this.field(reference) !== undefined
    // Where there are no measurements, anything may be a tag.
    const anything = this.#shapes.every(({ names }) => names.length === 0)
    return anything || this.#types.has(name) || ((of === '' || of === 'tag') && this.#tags.has(name))
  }

  withCasts(references: readonly Reference[]): Relation {
    const casts = castColumns(this.#fields, references)
    return casts === '' ? this : new DerivedRelation(this.name, this.#shapes, this.#place, this.series, casts)
  }

  table(level: number): string {
    const table = this.#tableName(level)
    return this.#casts === '' ? table : `(SELECT *, rowid${this.#casts} FROM ${table})`
  }

  /** The subqueries had their times. */
  within(_time: TimeRange, sids: readonly number[]): string[] {
    return [sidSql(sids, sids.length === this.series.length)]
  }

  rank(): string {
    return 'rowid'
  }

  order(rank: string): string[] {
    return [rank]
  }

  sequence(descending: boolean): string {
    return descending ? 'time, rank' : 'rank'
  }

  /** A row exists because the subquery made it, if only of tags. */
  exists(_columns: readonly string[], known: boolean): string[] | undefined {
    return known ? [] : undefined
  }

  load(levels: readonly (readonly SubqueryAnswer[])[]) {
    const own = levels.map((answers) =>
      answers
        .map((one) => ({ ...one, series: one.series.filter(({ name = '' }) => name === this.name) }))
        .filter(({ series }) => series.length > 0),
    )
    const series = new Map<string, SourceSeries>()
    for (const one of own.flat().flatMap(({ series }) => series)) {
      const key = keyOf(one)
      if (!series.has(key)) series.set(key, { sid: series.size, key, tags: new Map(Object.entries(one.tags ?? {})) })
    }
    const relation = new DerivedRelation(this.name, this.#shapes, this.#place, [...series.values()], this.#casts)
    const tables = own.map((answers, level) =>
      tableOf(this.#tableName(level), [...this.#fields.values()], orderedRows(answers, series)),
    )
    return { relation, tables }
  }

  #tableName(level: number): string {
    return `scratch_${this.#place}_${level}`
  }
}

/** One series for each combination of tags, whichever subqueries and times have it. */
const keyOf = ({ tags = {} }: AnswerSeries) => JSON.stringify(tags)

interface InnerRow {
  readonly sid: number
  readonly columns: readonly string[]
  readonly values: readonly Value[]
}

function orderedRows(answers: readonly SubqueryAnswer[], known: ReadonlyMap<string, SourceSeries>): InnerRow[] {
  const rows = answers
    .flatMap(({ series, shape }) => (shape.descending && !shape.ofPoints ? series.toReversed() : series))
    .flatMap((one) => {
      const sid = known.get(keyOf(one))?.sid ?? 0
      return one.values.map((values): InnerRow => ({ sid, columns: one.columns, values }))
    })
  if (!answers.every(({ shape }) => shape.byTime)) return rows
  const sign = answers.some(({ shape }) => shape.descending) ? -1 : 1
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
