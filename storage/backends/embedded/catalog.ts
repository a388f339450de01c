import type { FieldType } from '../../line-protocol/point.ts'
import { formatSeriesKey, parseSeriesKey, repeatsTag } from '../../line-protocol/series-key.ts'

/** A field of a measurement, which is the column `f<id>` of its table. */
export interface Field {
  readonly id: number
  readonly name: string
  readonly type: FieldType
  /** Place among the measurement's columns after time and series. */
  readonly index: number
  /** Whether the column is in the database, so that queries may name it. */
  committed: boolean
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
  /** Table of its rows. A number, because names in the database know no difference of case. */
  readonly table: string
  readonly fields: Map<string, Field>
  readonly columns: Field[]
  readonly series: Series[]
  committed: boolean
  /** Rows before this time, in ns, lie in the order of series and time, but for those that came since. */
  compacted: bigint
  /** How many of these there are, and the earliest time of them. */
  readonly scattered: { rows: number; from: bigint }
}

/** Before every time that can be stored. */
export const never = -(2n ** 63n)

/** Texts of series, as clients write them, that are remembered so that they need no parsing; more are forgotten. */
const maxRemembered = 200_000

/** Which measurements, fields and series there are. In memory; the database holds the same in three tables. */
export class Catalog {
  readonly measurements = new Map<string, Measurement>()
  readonly series: Series[] = []
  readonly #byKey = new Map<string, Series>()
  readonly #remembered = new Map<string, Series>()
  #nextMeasurement = 1
  #nextField = 1

  /** The series that a line begins with, if it exists and the line names it as it may. */
  find(text: string): Series | undefined {
    const remembered = this.#remembered.get(text)
    if (remembered) return remembered
    if (repeatsTag(text)) return undefined
    const series = this.#byKey.get(formatSeriesKey(parseSeriesKey(text)))
    if (series) this.#remember(text, series)
    return series
  }

  #remember(text: string, series: Series): void {
    if (this.#remembered.size >= maxRemembered) this.#remembered.clear()
    // A slice would keep the whole body that it was cut from in memory.
    this.#remembered.set(Buffer.from(text).toString(), series)
  }

  /** Adds a series that `find` did not find. */
  addSeries(text: string): Series {
    const { measurement: name, tags } = parseSeriesKey(Buffer.from(text).toString())
    const measurement = this.measurements.get(name) ?? this.addMeasurement(name, this.#nextMeasurement)
    return this.restoreSeries(measurement, this.series.length, formatSeriesKey({ measurement: name, tags }), tags)
  }

  restoreSeries(
    measurement: Measurement,
    sid: number,
    key: string,
    tags: readonly (readonly [string, string])[],
  ): Series {
    const series: Series = { sid, measurement, key, tags: new Map(tags), last: never, batch: -1, row: -1 }
    this.series[sid] = series
    this.#byKey.set(key, series)
    measurement.series.push(series)
    return series
  }

  addMeasurement(name: string, id: number): Measurement {
    const measurement: Measurement = {
      id,
      name,
      table: `m_${id}`,
      fields: new Map(),
      columns: [],
      series: [],
      committed: false,
      compacted: never,
      scattered: { rows: 0, from: never },
    }
    this.measurements.set(name, measurement)
    this.#nextMeasurement = Math.max(this.#nextMeasurement, id + 1)
    return measurement
  }

  addField(measurement: Measurement, name: string, type: FieldType, id = this.#nextField): Field {
    const field: Field = { id, name, type, index: measurement.columns.length, committed: false }
    measurement.columns.push(field)
    measurement.fields.set(name, field)
    this.#nextField = Math.max(this.#nextField, id + 1)
    return field
  }

  /** Takes back the newest series and what came with it. Only ever the last one, so that ids stay without a gap. */
  dropNewestSeries(): void {
    const series = this.series.pop()
    if (!series) return
    this.#byKey.delete(series.key)
    this.#remembered.clear()
    series.measurement.series.pop()
  }

  dropNewestField(measurement: Measurement): void {
    const field = measurement.columns.pop()
    if (field) measurement.fields.delete(field.name)
  }

  dropMeasurement(measurement: Measurement): void {
    this.measurements.delete(measurement.name)
  }
}
