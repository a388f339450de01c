import type { FieldType } from '../line-protocol/point.ts'

/** A function of InfluxQL that makes one value of many, as SQL. */
export interface Aggregate {
  /** Types of field that it takes. */
  readonly takes: readonly FieldType[]
  /** How many numbers follow the field, as in `percentile(x, 90)`. */
  readonly numbers: number
  /**
   * SQL of the value over the column `f`.
   * @param alone whether all rows are of one series, so that no two have the same time
   */
  sql(f: string, type: FieldType, numbers: readonly number[], alone: boolean): string
  /**
   * A selector's value is that of one point, which its time and other fields can be asked for: the SQL order in which
   * that point comes first, or which of a `count` comes `nth`.
   */
  readonly selector?: { readonly order: string; nth?(numbers: readonly number[], count: string): string }
  /** What takes the place of a missing window's null. */
  readonly empty?: bigint
}

const numeric: readonly FieldType[] = ['float', 'integer', 'unsigned']
const any: readonly FieldType[] = [...numeric, 'boolean', 'string']
const noString: readonly FieldType[] = [...numeric, 'boolean']

/** The smallest value that at least so many percent of the values reach, counted from 1; null beyond the ends. */
const rank = ([percent = 0]: readonly number[], count: string) =>
  `CAST(floor(${count} * ${percent} / 100.0 + 0.5) AS BIGINT)`

/** Every aggregate that queries may call. A new one is a line here. */
export const aggregates: ReadonlyMap<string, Aggregate> = new Map<string, Aggregate>([
  ['count', { takes: any, numbers: 0, sql: (f) => `nullif(count(${f}), 0)`, empty: 0n }],
  ['mean', { takes: numeric, numbers: 0, sql: (f) => `avg(${f})` }],
  [
    'sum',
    {
      takes: numeric,
      numbers: 0,
      sql: (f, type) => (type === 'float' ? `sum(${f})` : `CAST(sum(${f}) AS ${type === 'integer' ? '' : 'U'}BIGINT)`),
    },
  ],
  ['min', { takes: noString, numbers: 0, sql: (f) => `min(${f})`, selector: { order: 'f ASC, time ASC' } }],
  ['max', { takes: noString, numbers: 0, sql: (f) => `max(${f})`, selector: { order: 'f DESC, time ASC' } }],
  [
    'first',
    {
      takes: any,
      numbers: 0,
      // Where two series have a point of the same time, InfluxDB takes the greater value.
      sql: (f, _type, _numbers, alone) =>
        alone ? `arg_min(${f}, t.time)` : `arg_max(${f}, (-t.time, ${f})) FILTER (${f} IS NOT NULL)`,
      selector: { order: 'time ASC, f DESC' },
    },
  ],
  [
    'last',
    {
      takes: any,
      numbers: 0,
      sql: (f, _type, _numbers, alone) =>
        alone ? `arg_max(${f}, t.time)` : `arg_max(${f}, (t.time, ${f})) FILTER (${f} IS NOT NULL)`,
      selector: { order: 'time DESC, f DESC' },
    },
  ],
  ['median', { takes: numeric, numbers: 0, sql: (f) => `median(CAST(${f} AS DOUBLE))` }],
  [
    'percentile',
    {
      takes: numeric,
      numbers: 1,
      sql: (f, _type, numbers) =>
        `list_extract(list_sort(list(${f}) FILTER (${f} IS NOT NULL)), greatest(${rank(numbers, `count(${f})`)}, 0))`,
      selector: { order: 'f ASC, time ASC', nth: rank },
    },
  ],
  ['stddev', { takes: numeric, numbers: 0, sql: (f) => `stddev_samp(${f})` }],
  ['spread', { takes: numeric, numbers: 0, sql: (f) => `max(${f}) - min(${f})` }],
])
