import type { FieldType } from '../../line-protocol/point.ts'
import type { Value } from '../source.ts'

/** Is given the points of one group in order, and says what becomes of each: its new value, or nothing. */
type Step = (time: bigint, value: Value) => Value | undefined

/** A function of InfluxQL that makes points of points, each from some that came before. */
export interface Transformation {
  readonly takes: readonly FieldType[]
  readonly gives: 'float' | 'integer' | 'same'
  /** What follows the field: a duration, in nanoseconds, which may be left out; or a count above 1; or nothing. */
  readonly parameter: 'unit' | 'count' | 'none'
  /** The unit where none was given: the width of the window, or this many nanoseconds. */
  readonly unit?: { readonly windowed?: true; readonly plain: bigint }
  /** Whether it looks at one window more, before the first of the answer. */
  readonly widens: boolean
  start(parameter: bigint, descending: boolean): Step
}

const numeric: readonly FieldType[] = ['float', 'integer', 'unsigned']
const any: readonly FieldType[] = [...numeric, 'boolean', 'string']
const second = 1_000_000_000n

/** Calls `of` with each point and the one before it. Of points of one time only the first counts. */
function pairs(of: (from: Value, to: Value, elapsed: bigint) => Value | undefined): Step {
  let before: { time: bigint; value: Value } | undefined
  return (time, value) => {
    if (before?.time === time) return undefined
    const result = before && of(before.value, value, time - before.time)
    before = { time, value }
    return result
  }
}

function minus(a: Value, b: Value): number | bigint {
  return typeof a === 'bigint' && typeof b === 'bigint' ? BigInt.asIntN(64, a - b) : Number(a) - Number(b)
}

function plus(a: Value, b: Value): number | bigint {
  return typeof a === 'bigint' && typeof b === 'bigint' ? BigInt.asIntN(64, a + b) : Number(a) + Number(b)
}

function derivative(least: number): Transformation['start'] {
  return (unit, descending) =>
    pairs((from, to, elapsed) => {
      const change = Number(minus(to, from))
      if (change < least) return undefined
      return change / (Number(descending ? -elapsed : elapsed) / Number(unit))
    })
}

function difference(least: number): Transformation['start'] {
  return () =>
    pairs((from, to) => {
      const change = minus(to, from)
      return change < least ? undefined : change
    })
}

function elapsed(unit: bigint): Step {
  let before: bigint | undefined
  return (time) => {
    const result = before === undefined ? undefined : (time - before) / unit
    before = time
    return result
  }
}

function cumulativeSum(): Step {
  let sum: number | bigint | undefined
  return (_time, value) => {
    sum = sum === undefined ? (value as number | bigint) : plus(sum, value)
    return sum
  }
}

function movingAverage(count: bigint): Step {
  const size = Number(count)
  const last: Value[] = []
  let next = 0
  let sum: number | bigint | undefined
  return (_time, value) => {
    // What leaves is taken away before what comes is added, as InfluxDB does: floats remember the order.
    if (last.length === size) sum = minus(sum ?? 0, last[next] as Value)
    last[next] = value
    next = (next + 1) % size
    sum = sum === undefined ? (value as number | bigint) : plus(sum, value)
    return last.length < size ? undefined : Number(sum) / size
  }
}

const unit = { windowed: true, plain: second } as const
const perUnit = { takes: numeric, gives: 'float', parameter: 'unit', unit, widens: true } as const
const plain = { takes: numeric, gives: 'same', parameter: 'none', widens: true } as const

/** Every transformation that queries may call. A new one is a line here. */
export const transformations: ReadonlyMap<string, Transformation> = new Map<string, Transformation>([
  ['derivative', { ...perUnit, start: derivative(Number.NEGATIVE_INFINITY) }],
  ['non_negative_derivative', { ...perUnit, start: derivative(0) }],
  ['difference', { ...plain, start: difference(Number.NEGATIVE_INFINITY) }],
  ['non_negative_difference', { ...plain, start: difference(0) }],
  ['cumulative_sum', { ...plain, widens: false, start: cumulativeSum }],
  ['moving_average', { takes: numeric, gives: 'float', parameter: 'count', widens: true, start: movingAverage }],
  ['elapsed', { ...plain, takes: any, gives: 'integer', parameter: 'unit', unit: { plain: 1n }, start: elapsed }],
])
