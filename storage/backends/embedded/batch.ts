import type { FieldType, FieldValue, Point } from '../../line-protocol/point.ts'
import { parseSeriesKey, repeatsTag } from '../../line-protocol/series-key.ts'
import { rowTurns } from '../../turns.ts'
import type { Catalog, Field, Measurement, Series, Table } from './catalog.ts'

export type Cell = FieldValue | undefined

/** Rows of one table, column by column. */
export interface Rows {
  readonly times: bigint[]
  readonly sids: number[]
  /** By `Column.index`. A column may be shorter than the rows: what is missing is null. */
  readonly columns: Cell[][]
}

export interface TableBatch {
  readonly table: Table
  /** Newer than everything of their series: they need no look at what is stored. */
  readonly fresh: Rows
  /** At or before the newest of their series: each (series, time) once. */
  readonly late: Rows
  readonly lateRows: Map<string, number>
}

/** What every point has anyway: a field of this name is left out, as in InfluxDB. */
const timeName = 'time'

/** A line that the store does not take, and why. */
export interface Rejection {
  readonly point: Point
  readonly reason: string
}

export interface Limits {
  readonly series: number
  /** Fields of one measurement, by whether its table is shared. */
  readonly fields: (shared: boolean) => number
}

/** What one transaction will write, gathered from any number of requests. */
export class Batch {
  readonly tables = new Map<Table, TableBatch>()
  readonly newMeasurements: Measurement[] = []
  readonly newFields: { measurement: Measurement; field: Field }[] = []
  readonly newSeries: Series[] = []
  rows = 0
  readonly #number: number
  readonly #catalog: Catalog
  readonly #limits: Limits
  readonly #oldest: ((measurement: string) => bigint | undefined) | undefined
  readonly #lastBefore = new Map<Series, bigint>()
  readonly #turn = rowTurns()

  /** @param oldest time before which a measurement keeps nothing */
  constructor(
    number: number,
    catalog: Catalog,
    limits: Limits,
    oldest: ((measurement: string) => bigint | undefined) | undefined,
  ) {
    this.#oldest = oldest
    this.#number = number
    this.#catalog = catalog
    this.#limits = limits
  }

  /** Takes the points, in order, and tells of those that it does not take. */
  async add(points: readonly Point[]): Promise<Rejection[]> {
    const rejections: Rejection[] = []
    for (const point of points) {
      const reason = this.#addOne(point)
      if (reason !== undefined) rejections.push({ point, reason })
      await this.#turn()
    }
    return rejections
  }

  #addOne(point: Point): string | undefined {
    if (point.names.every((name) => name === timeName)) {
      const { measurement } = parseSeriesKey(point.series)
      return `invalid field name: input field "time" on measurement "${measurement}" is invalid`
    }
    let series = this.#catalog.find(point.series)
    const oldest = this.#oldest?.(series?.measurement.name ?? parseSeriesKey(point.series).measurement)
    if (oldest !== undefined && point.time < oldest) return 'points beyond retention policy'
    if (series) {
      const conflict = this.#findConflict(series.measurement, point)
      if (conflict !== undefined) return conflict
    } else {
      const invalid = seriesFault(point.series)
      if (invalid !== undefined) return invalid
      if (this.#catalog.series.length >= this.#limits.series) {
        return `max-series-per-database limit exceeded: (${this.#limits.series})`
      }
      const conflict = this.#addSeries(point)
      if (typeof conflict === 'string') return conflict
      series = conflict
    }
    this.#place(series, point)
    return undefined
  }

  #addSeries(point: Point): Series | string {
    const known = this.#catalog.measurements.size
    const series = this.#catalog.addSeries(point.series)
    const created = this.#catalog.measurements.size > known
    const conflict = this.#findConflict(series.measurement, point)
    if (conflict !== undefined) {
      this.#catalog.dropNewestSeries()
      if (created) this.#catalog.dropMeasurement(series.measurement)
      return conflict
    }
    if (created) this.newMeasurements.push(series.measurement)
    this.newSeries.push(series)
    return series
  }

  #place(series: Series, point: Point): void {
    const table = this.#table(series.measurement.home)
    if (point.time > series.last) {
      if (!this.#lastBefore.has(series)) this.#lastBefore.set(series, series.last)
      series.last = point.time
      series.batch = this.#number
      series.row = table.fresh.times.length
      table.fresh.times.push(point.time)
      table.fresh.sids.push(series.sid)
      this.#fill(series.measurement, table.fresh, series.row, point)
      this.rows++
    } else if (point.time === series.last && series.batch === this.#number) {
      this.#fill(series.measurement, table.fresh, series.row, point)
    } else {
      const key = `${series.sid}:${point.time}`
      let row = table.lateRows.get(key)
      if (row === undefined) {
        row = table.late.times.length
        table.lateRows.set(key, row)
        table.late.times.push(point.time)
        table.late.sids.push(series.sid)
        this.rows++
      }
      this.#fill(series.measurement, table.late, row, point)
    }
  }

  #fill(measurement: Measurement, rows: Rows, row: number, point: Point): void {
    for (let index = 0; index < point.names.length; index++) {
      const name = point.names[index] as string
      let field = measurement.fields.get(name)
      if (!field) {
        if (name === timeName) continue
        field = this.#catalog.addField(measurement, Buffer.from(name).toString(), point.types[index] as FieldType)
        this.newFields.push({ measurement, field })
      }
      const { index: place } = field.column
      let column = rows.columns[place]
      if (!column) {
        column = []
        rows.columns[place] = column
      }
      while (column.length < row) column.push(undefined)
      column[row] = point.values[index]
    }
  }

  #table(home: Table): TableBatch {
    let table = this.tables.get(home)
    if (!table) {
      const empty = (): Rows => ({ times: [], sids: [], columns: [] })
      table = { table: home, fresh: empty(), late: empty(), lateRows: new Map() }
      this.tables.set(home, table)
    }
    return table
  }

  #findConflict(measurement: Measurement, point: Point): string | undefined {
    const { names, types } = point
    let added: Map<string, FieldType> | undefined
    for (let index = 0; index < names.length; index++) {
      const name = names[index] as string
      const type = types[index] as FieldType
      const known = measurement.fields.get(name)?.type ?? added?.get(name)
      if (known === undefined) {
        if (name === timeName) continue
        added ??= new Map()
        added.set(name, type)
      } else if (known !== type) {
        return `field type conflict: input field "${name}" on measurement "${measurement.name}" is type ${type}, already exists as type ${known}`
      }
    }
    if (!added) return undefined
    const most = this.#limits.fields(measurement.shared)
    return measurement.fields.size + added.size > most
      ? `max-fields-per-measurement limit exceeded: (${most})`
      : undefined
  }

  /**
   * Takes back from the catalog what was not written: the newest times always; series, fields and measurements too,
   * except columns that the database already has.
   */
  undo(): void {
    for (const [series, last] of this.#lastBefore) series.last = last
    for (let count = 0; count < this.newSeries.length; count++) this.#catalog.dropNewestSeries()
    for (const { measurement, field } of this.newFields.toReversed()) {
      if (!field.committed) this.#catalog.dropNewestField(measurement, field)
    }
    for (const measurement of this.newMeasurements.toReversed()) {
      if (!measurement.committed) this.#catalog.dropMeasurement(measurement)
    }
  }
}

/** Why a series cannot be, if it cannot. */
function seriesFault(text: string): string | undefined {
  if (repeatsTag(text)) return 'duplicate tags'
  const { measurement, tags } = parseSeriesKey(text)
  return tags.some(([key]) => key === 'time')
    ? `invalid tag key: input tag "time" on measurement "${measurement}" is invalid`
    : undefined
}
