import type { FieldType, Others, Points } from '../../line-protocol/point.ts'
import { parseSeriesKey } from '../../line-protocol/series-key.ts'
import { rowTurns } from '../../turns.ts'
import {
  type Catalog,
  type Field,
  type Measurement,
  readName,
  type Series,
  type SeriesName,
  type Table,
} from './catalog.ts'

/** A column of rows. It may be shorter than they are; there, and where a number is NaN that has no other, is null. */
export interface Cells {
  readonly numbers: number[]
  readonly others: Others
}

/** Rows of one table, column by column. */
export interface Rows {
  readonly times: bigint[]
  readonly sids: number[]
  /** By `Column.index`. */
  readonly columns: Cells[]
}

export interface TableBatch {
  readonly table: Table
  /** Newer than everything of their series: they need no look at what is stored. */
  readonly fresh: Rows
  /** At or before the newest of their series: each (series, time) once. */
  readonly late: Rows
  readonly lateRows: Map<string, number>
}

const beyondRetention = 'points beyond retention policy'

/** What every point has anyway: a field of this name is left out, as in InfluxDB. */
const timeName = 'time'

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

  /** Takes the points, in order, and tells why it does not take the others. */
  async add(points: Points): Promise<string[]> {
    const reasons: string[] = []
    const known: KnownFields = new Map()
    const time = points.names.indexOf(timeName)
    for (let point = 0; point < points.count; point++) {
      const reason = this.#addOne(points, point, known, time)
      if (reason !== undefined) reasons.push(reason)
      const waiting = this.#turn()
      if (waiting) await waiting
    }
    return reasons
  }

  /** @param timeAt place of the name that no field may have; -1 where it does not stand in the text */
  #addOne(points: Points, point: number, known: KnownFields, timeAt: number): string | undefined {
    const text = points.series(point)
    const time = points.times[point] as bigint
    if (timeAt >= 0 && !hasFields(points, point, timeAt)) {
      const { measurement } = parseSeriesKey(text)
      return `invalid field name: input field "time" on measurement "${measurement}" is invalid`
    }
    const recalled = this.#catalog.recall(text)
    if (recalled) return this.#addTo(recalled, time, points, point, known)
    const name = readName(text)
    if (name.repeats) return 'duplicate tags'
    const found = this.#catalog.find(text, name)
    if (found) return this.#addTo(found, time, points, point, known)
    if (this.#isExpired(name.measurement, time)) return beyondRetention
    const series = this.#addSeries(text, name, points, point, known)
    if (typeof series === 'string') return series
    this.#place(series, time, points, point, known)
    return undefined
  }

  #addTo(series: Series, time: bigint, points: Points, point: number, known: KnownFields): string | undefined {
    if (this.#isExpired(series.measurement.name, time)) return beyondRetention
    const conflict = this.#findConflict(series.measurement, points, point, known)
    if (conflict === undefined) this.#place(series, time, points, point, known)
    return conflict
  }

  #isExpired(measurement: string, time: bigint): boolean {
    const oldest = this.#oldest?.(measurement)
    return oldest !== undefined && time < oldest
  }

  #addSeries(text: string, name: SeriesName, points: Points, point: number, fields: KnownFields): Series | string {
    if (name.tags.some(([key]) => key === timeName)) {
      return `invalid tag key: input tag "time" on measurement "${name.measurement}" is invalid`
    }
    if (this.#catalog.series.size >= this.#limits.series) {
      return `max-series-per-database limit exceeded: (${this.#limits.series})`
    }
    const existing = this.#catalog.measurements.get(name.measurement)
    const conflict = existing && this.#findConflict(existing, points, point, fields)
    if (conflict !== undefined) return conflict
    const series = this.#catalog.addSeries(text, name)
    const conflictOfNew = existing ? undefined : this.#findConflict(series.measurement, points, point, fields)
    if (conflictOfNew !== undefined) {
      this.#catalog.dropSeries([series])
      this.#catalog.dropMeasurement(series.measurement)
      return conflictOfNew
    }
    if (!existing) this.newMeasurements.push(series.measurement)
    this.newSeries.push(series)
    return series
  }

  #place(series: Series, time: bigint, points: Points, point: number, known: KnownFields): void {
    const table = this.#table(series.measurement.home)
    if (time > series.last) {
      if (!this.#lastBefore.has(series)) this.#lastBefore.set(series, series.last)
      series.last = time
      series.batch = this.#number
      series.row = table.fresh.times.length
      table.fresh.times.push(time)
      table.fresh.sids.push(series.sid)
      this.#fill(series.measurement, table.fresh, series.row, points, point, known)
      this.rows++
    } else if (time === series.last && series.batch === this.#number) {
      this.#fill(series.measurement, table.fresh, series.row, points, point, known)
    } else {
      const key = `${series.sid}:${time}`
      let row = table.lateRows.get(key)
      if (row === undefined) {
        row = table.late.times.length
        table.lateRows.set(key, row)
        table.late.times.push(time)
        table.late.sids.push(series.sid)
        this.rows++
      }
      this.#fill(series.measurement, table.late, row, points, point, known)
    }
  }

  #fill(measurement: Measurement, rows: Rows, row: number, points: Points, point: number, known: KnownFields): void {
    const fields = fieldsOf(measurement, known)
    const end = points.end(point)
    for (let place = points.end(point - 1); place < end; place++) {
      const name = points.nameOf(place)
      const field = fields[name] ?? this.#addField(measurement, points, place)
      if (!field) continue
      fields[name] = field
      const cells = cellsOf(rows, field)
      while (cells.numbers.length < row) cells.numbers.push(Number.NaN)
      const number = points.number(place)
      cells.numbers[row] = number
      if (Number.isNaN(number)) cells.others.set(row, points.others.get(place) as bigint | string)
    }
  }

  /** The field of a value, which is added where there is none; undefined for `time`. */
  #addField(measurement: Measurement, points: Points, place: number): Field | undefined {
    const name = points.names[points.nameOf(place)] as string
    const known = measurement.fields.get(name)
    if (known || name === timeName) return known
    const field = this.#catalog.addField(measurement, Buffer.from(name).toString(), points.type(place))
    this.newFields.push({ measurement, field })
    return field
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

  #findConflict(measurement: Measurement, points: Points, point: number, known: KnownFields): string | undefined {
    const fields = fieldsOf(measurement, known)
    const end = points.end(point)
    let added: Map<string, FieldType> | undefined
    for (let place = points.end(point - 1); place < end; place++) {
      const type = points.type(place)
      const at = points.nameOf(place)
      if (fields[at]?.type === type) continue
      const name = points.names[at] as string
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
    this.#catalog.dropSeries(this.newSeries)
    for (const { measurement, field } of this.newFields.toReversed()) {
      if (!field.committed) this.#catalog.dropNewestField(measurement, field)
    }
    for (const measurement of this.newMeasurements.toReversed()) {
      if (!measurement.committed) this.#catalog.dropMeasurement(measurement)
    }
  }
}

/** The fields of measurements by the place of their name in the points, as far as they were looked for. */
type KnownFields = Map<Measurement, Field[]>

function fieldsOf(measurement: Measurement, known: KnownFields): Field[] {
  let fields = known.get(measurement)
  if (!fields) {
    fields = []
    known.set(measurement, fields)
  }
  return fields
}

function cellsOf({ columns }: Rows, { column: { index } }: Field): Cells {
  let cells = columns[index]
  if (!cells) {
    cells = { numbers: [], others: new Map() }
    columns[index] = cells
  }
  return cells
}

/** Whether a point has a field besides `time`. */
function hasFields(points: Points, point: number, timeAt: number): boolean {
  for (let place = points.end(point - 1); place < points.end(point); place++) {
    if (points.nameOf(place) !== timeAt) return true
  }
  return false
}
