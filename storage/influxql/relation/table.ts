import { type SourceMeasurement, type SourceSeries, tagNames } from '../source.ts'
import { lookupSql } from '../sql.ts'
import type { Reference } from '../syntax/ast.ts'
import type { TimeRange } from '../time.ts'
import { castColumns, fieldAs, sidSql } from './fields.ts'
import type { ColumnType, Relation, RelationField } from './relation.ts'

/** A stored measurement. Rows are in no order; a series has one row of each time. */
export class TableRelation implements Relation {
  readonly name: string
  readonly series: readonly SourceSeries[]
  readonly castsRows = true
  readonly countsSeries = true
  readonly uniqueTimes = true
  readonly withinRange = true
  readonly byTime = true
  readonly ofPoints = true
  readonly limitOfOffset = 1
  readonly #measurement: SourceMeasurement
  readonly #table: string

  constructor(measurement: SourceMeasurement, table = measurement.table) {
    this.name = measurement.name
    this.series = measurement.series
    this.#measurement = measurement
    this.#table = table
  }

  field(reference: Reference): RelationField | undefined {
    return fieldAs(this.#measurement.fields.get(reference.name), reference, false)
  }

  typeOf(name: string): ColumnType {
    const field = this.#measurement.fields.get(name)
    if (field?.committed) return field.type
    return tagNames(this.series).has(name) ? 'tag' : undefined
  }

  hasTag({ name, of }: Reference): boolean {
    return (of === '' || of === 'tag') && tagNames(this.series).has(name)
  }

  comparesTag({ name, of }: Reference): boolean {
    return of === '' || of === 'tag' || (of === 'field' && !tagNames(this.series).has(name))
  }

  comparedTag(series: SourceSeries, reference: Reference): string {
    return reference.name === '_name' ? this.name : (this.shownTag(series, reference) ?? '')
  }

  shownTag(series: SourceSeries | undefined, { name, of }: Reference): string | undefined {
    return of === '' || of === 'tag' ? series?.tags.get(name) : undefined
  }

  wildcard(of: 'field' | 'tag' | 'any'): Pick<Reference, 'name' | 'of'>[] {
    const tags = [...tagNames(this.series)].map((name) => ({ name, of: 'tag' as const }))
    const fields = [...this.#measurement.fields.values()].flatMap(({ name, committed }) =>
      committed ? [{ name, of: 'field' as const }] : [],
    )
    return [...tags, ...fields].filter((one) => of === 'any' || of === one.of)
  }

  canCast(reference: Reference): boolean {
    if (this.#measurement.fields.has(reference.name)) return this.field(reference) !== undefined
    return this.series.length === 0 || this.hasTag(reference)
  }

  withCasts(references: readonly Reference[]): Relation {
    const columns = castColumns(this.#measurement.fields, references)
    return columns === ''
      ? this
      : new TableRelation(this.#measurement, `(SELECT *${columns} FROM ${this.#measurement.table})`)
  }

  table(): string {
    return this.#table
  }

  within({ from, to }: TimeRange, sids: readonly number[]): string[] {
    return [
      ...(from === undefined ? [] : [`t.time >= ${from}`]),
      ...(to === undefined ? [] : [`t.time <= ${to}`]),
      sidSql(sids, sids.length === this.series.length && !this.#measurement.shared),
    ]
  }

  rank(sids: readonly number[]): string {
    return sids.length === 1 ? '0' : lookupSql(new Map(sids.map((sid, place) => [sid, place])))
  }

  order(rank: string, direction: 'ASC' | 'DESC'): string[] {
    return [`t.time ${direction}`, ...(rank === '0' ? [] : [`${rank} ${direction}`])]
  }

  sequence(): string {
    return 'time, rank'
  }

  /** Tags alone make no row. */
  exists(columns: readonly string[]): string[] | undefined {
    if (columns.length === 0) return undefined
    return [`(${columns.map((column) => `t.${column} IS NOT NULL`).join(' OR ')})`]
  }

  load() {
    return { relation: this, tables: [] }
  }
}
