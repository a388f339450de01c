import type { FieldType } from '../../line-protocol/point.ts'
import { formatSeriesKey, parseSeriesKey, type SeriesKey } from '../../line-protocol/series-key.ts'

/** The column `f<id>` of a table. */
export interface Column {
  readonly id: number
  readonly type: FieldType
  /** Place among the table's columns after time and series. */
  readonly index: number
  committed: boolean
}

/** A field of a measurement, and the column that it is in. */
export interface Field {
  /** That of the column. */
  readonly id: number
  readonly name: string
  readonly type: FieldType
  readonly column: Column
  /** Whether it is in the database, so that queries may name it. */
  committed: boolean
}

/** Where rows are: those of one measurement, or of many. */
export interface Table {
  /** That of its first measurement. */
  readonly id: number
  /** A number, because names in the database know no difference of case. */
  readonly name: string
  readonly shared: boolean
  readonly columns: Column[]
  readonly measurements: Measurement[]
  committed: boolean
  /** Rows before this time, in ns, lie in the order of series and time, but for those that came since. */
  compacted: bigint
  readonly scattered: Scattered
}

/** Rows that came into what is compacted. */
export interface Scattered {
  rows: number
  /** The earliest time of them, in ns. */
  from: bigint
  /** How many there were when compaction last looked, and since how many looks they are worth a step. */
  seen: number
  rounds: number
}

export interface Series {
  readonly sid: number
  readonly measurement: Measurement
  readonly key: string
  readonly tags: ReadonlyMap<string, string>
  /** Newest time that the series holds, in nanoseconds. */
  last: bigint
  /** Where that newest row stands in the batch of this number, so that another line of the same time can join it. */
  batch: number
  row: number
}

export interface Measurement {
  readonly id: number
  readonly name: string
  readonly home: Table
  readonly table: string
  readonly shared: boolean
  readonly fields: Map<string, Field>
  /** In the order of their numbers. A list of its own after series were dropped, so that who reads the old one keeps it. */
  series: Series[]
  committed: boolean
}

/** What a line begins with, taken apart. */
export interface SeriesName extends SeriesKey {
  /** The canonical text. */
  readonly key: string
}

/** @param text the beginning of a line, of which nothing is kept: a slice keeps the whole body in memory */
export function readName(text: string): SeriesName {
  const parsed = parseSeriesKey(Buffer.from(text).toString())
  return { ...parsed, key: formatSeriesKey(parsed) }
}

/** Before every time that can be stored. */
export const never = -(2n ** 63n)

/** Texts of series, as clients write them, that are remembered so that they need no parsing; more are forgotten. */
const maxRemembered = 200_000

/** Which measurements, fields and series there are. In memory; the database holds the same in three tables. */
export class Catalog {
  readonly tables = new Map<number, Table>()
  readonly measurements = new Map<string, Measurement>()
  /** By number. */
  readonly series = new Map<number, Series>()
  readonly #byKey = new Map<string, Series>()
  readonly #remembered = new Map<string, Series>()
  readonly #ownColumns: number
  #nextMeasurement = 1
  #nextColumn = 1
  #nextSeries = 0

  /** @param ownColumns columns of all tables, from which on new measurements have none of their own */
  constructor(ownColumns: number) {
    this.#ownColumns = ownColumns
  }

  /** The series that a line begins with, if it was looked up before. */
  recall(text: string): Series | undefined {
    return this.#remembered.get(text)
  }

  /** The series of a name that a line begins with, if it exists. */
  find(text: string, { key }: SeriesName): Series | undefined {
    const series = this.#byKey.get(key)
    if (series) this.#remember(text, series)
    return series
  }

  #remember(text: string, series: Series): void {
    if (this.#remembered.size >= maxRemembered) this.#remembered.clear()
    // A slice would keep the whole body that it was cut from in memory.
    this.#remembered.set(Buffer.from(text).toString(), series)
  }

  /** Adds a series that `find` did not find. */
  addSeries(text: string, { measurement: name, tags, key }: SeriesName): Series {
    const measurement = this.measurements.get(name) ?? this.addMeasurement(name, this.#nextMeasurement, this.#newHome())
    const series = this.restoreSeries(measurement, this.#nextSeries, key, tags)
    this.#remember(text, series)
    return series
  }

  restoreSeries(
    measurement: Measurement,
    sid: number,
    key: string,
    tags: readonly (readonly [string, string])[],
  ): Series {
    const series: Series = { sid, measurement, key, tags: new Map(tags), last: never, batch: -1, row: -1 }
    this.series.set(sid, series)
    this.#nextSeries = Math.max(this.#nextSeries, sid + 1)
    this.#byKey.set(key, series)
    measurement.series.push(series)
    return series
  }

  /** The table that a new measurement shares; undefined where it has one of its own. */
  #newHome(): number | undefined {
    let columns = 0
    for (const { id, shared, columns: some } of this.tables.values()) {
      if (shared) return id
      columns += some.length + 2
    }
    return columns < this.#ownColumns ? undefined : this.#nextMeasurement
  }

  /** @param home the table that it shares with others, if it does */
  addMeasurement(name: string, id: number, home?: number): Measurement {
    const table = this.tables.get(home ?? id) ?? this.#addTable(home ?? id, home !== undefined)
    const { shared } = table
    const measurement: Measurement = {
      id,
      name,
      home: table,
      table: table.name,
      shared,
      fields: new Map(),
      series: [],
      committed: false,
    }
    table.measurements.push(measurement)
    this.measurements.set(name, measurement)
    this.#nextMeasurement = Math.max(this.#nextMeasurement, id + 1)
    return measurement
  }

  #addTable(id: number, shared: boolean): Table {
    const table: Table = {
      id,
      name: `m_${id}`,
      shared,
      columns: [],
      measurements: [],
      committed: false,
      compacted: never,
      scattered: { rows: 0, from: never, seen: 0, rounds: 0 },
    }
    this.tables.set(id, table)
    return table
  }

  /** Adds a field in the first column of its type that the measurement has no field in. */
  addField(measurement: Measurement, name: string, type: FieldType): Field {
    const place = [...measurement.fields.values()].filter((field) => field.type === type).length
    const column = measurement.home.columns.filter((one) => one.type === type)[place]
    return this.restoreField(measurement, name, type, column?.id ?? this.#nextColumn)
  }

  restoreField(measurement: Measurement, name: string, type: FieldType, id: number): Field {
    const { columns } = measurement.home
    let column = columns.find((one) => one.id === id)
    if (!column) {
      column = { id, type, index: columns.length, committed: false }
      columns.push(column)
      this.#nextColumn = Math.max(this.#nextColumn, id + 1)
    }
    const field: Field = { id, name, type, column, committed: false }
    measurement.fields.set(name, field)
    return field
  }

  hasSeries(key: string): boolean {
    return this.#byKey.has(key)
  }

  /** Removes series that have no rows. Their numbers are not used again before the next start. */
  dropSeries(dropped: readonly Series[]): void {
    if (dropped.length === 0) return
    const measurements = new Set<Measurement>()
    for (const { sid, key, measurement } of dropped) {
      this.series.delete(sid)
      this.#byKey.delete(key)
      measurements.add(measurement)
    }
    this.#remembered.clear()
    for (const measurement of measurements) {
      measurement.series = measurement.series.filter(({ sid }) => this.series.has(sid))
    }
  }

  /** Takes back the newest field, and its column where no other has it. */
  dropNewestField({ fields, home }: Measurement, { name, column }: Field): void {
    fields.delete(name)
    if (!column.committed && home.columns.at(-1) === column) home.columns.pop()
  }

  /** Takes back the newest measurement. */
  dropMeasurement({ name, home }: Measurement): void {
    this.measurements.delete(name)
    home.measurements.pop()
    if (home.measurements.length === 0) this.tables.delete(home.id)
  }
}
