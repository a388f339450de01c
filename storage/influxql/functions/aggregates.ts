import type { FieldType } from '../../line-protocol/point.ts'

/**
 * How a selector finds its point, among those that have the field: as the one whose key is least (`arg_min`) or greatest
 * (`arg_max`), or by its place in the order of the values, counted from 1.
 */
export type Selector =
  | {
      readonly by: 'arg_min' | 'arg_max'
      /** SQL of the key. It reads `rank` unless all rows are of one series, so that no two have the same time. */
      key(f: string, alone: boolean, type: FieldType): string
    }
  | { readonly by: 'place'; place(numbers: readonly number[], count: string): string }

/** A function of InfluxQL that makes one value of many, as SQL. */
export interface Aggregate {
  /** Types of field that it takes. */
  readonly takes: readonly FieldType[]
  /** How many numbers follow the field, as in `percentile(x, 90)`. */
  readonly numbers?: number
  /**
   * SQL of the value over the column `f`.
   * @param alone whether all rows are of one series, so that no two have the same time
   */
  sql(f: string, type: FieldType, numbers: readonly number[], alone: boolean): string
  /** Whether the SQL reads `rank` where rows are of several series. */
  readonly ranked?: boolean
  /** A selector's value is that of one point, which its time and other fields can be asked for. */
  readonly selector?: Selector
  /** Type of the value: its own, or that of the field. */
  readonly gives: 'float' | 'integer' | 'same'
  /** What takes the place of a missing window's null. */
  readonly empty?: bigint
}

const numeric: readonly FieldType[] = ['float', 'integer', 'unsigned']
const any: readonly FieldType[] = [...numeric, 'boolean', 'string']
const noString: readonly FieldType[] = [...numeric, 'boolean']

/** The smallest value that at least so many percent of the values reach, counted from 1; null beyond the ends. */
const rank = ([percent = 0]: readonly number[], count: string) =>
  `CAST(floor(${count} * ${percent} / 100.0 + 0.5) AS BIGINT)`

type ByKey = Extract<Selector, { by: 'arg_min' | 'arg_max' }>

// The earliest point of the value counts. Of points of the same time, which only several series can have, first and last
// take the greatest, except that for first false comes before true.
const least: ByKey = { by: 'arg_min', key: (f, alone) => (alone ? `(${f}, t.time)` : `(${f}, t.time, rank)`) }
const greatest: ByKey = { by: 'arg_max', key: (f, alone) => (alone ? `(${f}, -t.time)` : `(${f}, -t.time, -rank)`) }
const earliest: ByKey = {
  by: 'arg_max',
  key: (f, alone, type) => (alone ? '-t.time' : `(-t.time, ${type === 'boolean' ? `NOT ${f}` : f}, -rank)`),
}
const latest: ByKey = { by: 'arg_max', key: (f, alone) => (alone ? 't.time' : `(t.time, ${f}, -rank)`) }

function picked(selector: ByKey): Aggregate {
  const sql: Aggregate['sql'] = (f, type, _numbers, alone) =>
    `${selector.by}(${f}, ${selector.key(f, alone, type)}) FILTER (${f} IS NOT NULL)`
  return { takes: any, gives: 'same', ranked: true, selector, sql }
}

// One value has no deviation: its window is present and empty, which NaN stands for until it is printed. DuckDB refuses values
// that are not finite. InfluxDB skips NaN, and has no deviation where a value is infinite.
function stddev(f: string, type: FieldType): string {
  const finite = `stddev_samp(${f}) FILTER (isfinite(${f}))`
  const deviation = type === 'float' ? `CASE WHEN NOT bool_or(isinf(${f})) THEN ${finite} END` : `stddev_samp(${f})`
  return `CASE WHEN count(${f}) > 0 THEN coalesce(${deviation}, 'nan'::DOUBLE) END`
}

function percentile(f: string, _type: FieldType, numbers: readonly number[]): string {
  const place = `greatest(${rank(numbers, `count(${f})`)}, 0)`
  return `list_extract(list_sort(list(${f}) FILTER (${f} IS NOT NULL)), ${place})`
}

function sum(f: string, type: FieldType): string {
  return type === 'float' ? `sum(${f})` : `CAST(sum(${f}) AS ${type === 'integer' ? '' : 'U'}BIGINT)`
}

/** Every aggregate that queries may call. A new one is a line here. */
export const aggregates: ReadonlyMap<string, Aggregate> = new Map<string, Aggregate>([
  ['count', { takes: any, gives: 'integer', sql: (f) => `nullif(count(${f}), 0)`, empty: 0n }],
  ['mean', { takes: numeric, gives: 'float', sql: (f) => `avg(${f})` }],
  ['sum', { takes: numeric, gives: 'same', sql: sum }],
  ['min', { takes: noString, gives: 'same', sql: (f) => `min(${f})`, selector: least }],
  ['max', { takes: noString, gives: 'same', sql: (f) => `max(${f})`, selector: greatest }],
  ['first', picked(earliest)],
  ['last', picked(latest)],
  ['median', { takes: numeric, gives: 'float', sql: (f) => `median(CAST(${f} AS DOUBLE))` }],
  [
    'percentile',
    { takes: numeric, gives: 'same', numbers: 1, sql: percentile, selector: { by: 'place', place: rank } },
  ],
  ['stddev', { takes: numeric, gives: 'float', sql: stddev }],
  ['spread', { takes: numeric, gives: 'same', sql: (f) => `max(${f}) - min(${f})` }],
])
