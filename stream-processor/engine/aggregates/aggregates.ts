import type { Aggregate, AggregateInput, Merged } from './column.ts'
import { countColumn, firstColumn, lastColumn, maxColumn, minColumn, sumColumn } from './numeric.ts'
import { closedHeld, closedSteps, heldColumn, stepsColumn } from './ordered.ts'
import { sketchColumn } from './sketch.ts'

/** How long a value holds, or counts as the one before, when no other follows, in seconds. */
export interface Hold {
  readonly hold_s: number
}

/** How many numbers there are. */
export function count<M extends string>(metric: M): Aggregate<M> {
  return {
    metric,
    text: `count(${metric})`,
    columns: [countColumn],
    read: ({ row }, [at = 0]) => row[at] || undefined,
  }
}

export function sum<M extends string>(metric: M): Aggregate<M> {
  return {
    metric,
    text: `sum(${metric})`,
    columns: [countColumn, sumColumn],
    read: ({ row }, [countAt = 0, sumAt = 0]) => (row[countAt] ? row[sumAt] : undefined),
  }
}

/**
 * The sum in which each number counts so many times as the word says that another metric of its measurement has. Where
 * there is no such word, or it has no weight, the number is left out.
 */
export function weightedSum<M extends string, W extends string>(
  metric: M,
  word: W,
  weights: Readonly<Record<string, number>>,
): Aggregate<M | W> {
  const parameters = `${word}, ${JSON.stringify(weights)}`
  const weightOf = new Map(Object.entries(weights))
  return {
    ...sum<M | W>(metric),
    text: `weightedSum(${metric}, ${parameters})`,
    input: {
      name: `weighted:${parameters}`,
      of: (value, values) =>
        (typeof value === 'number' ? value : Number.NaN) * (weightOf.get(`${values[word]}`) ?? Number.NaN),
    },
  }
}

export function mean<M extends string>(metric: M): Aggregate<M> {
  return {
    metric,
    text: `mean(${metric})`,
    columns: [countColumn, sumColumn],
    read: ({ row }, [countAt = 0, sumAt = 0]) => quotient(row[sumAt], row[countAt]),
  }
}

export function min<M extends string>(metric: M): Aggregate<M> {
  return {
    metric,
    text: `min(${metric})`,
    columns: [minColumn],
    read: ({ row }, [at = 0]) => finite(row[at]),
  }
}

export function max<M extends string>(metric: M): Aggregate<M> {
  return {
    metric,
    text: `max(${metric})`,
    columns: [maxColumn],
    read: ({ row }, [at = 0]) => finite(row[at]),
  }
}

/** The value of the earliest event. */
export function first<M extends string>(metric: M): Aggregate<M> {
  return {
    metric,
    text: `first(${metric})`,
    columns: [firstColumn],
    read: ({ row }, [at = 0]) => finite(row[at + 1]),
  }
}

/** The value of the latest event. */
export function last<M extends string>(metric: M): Aggregate<M> {
  return {
    metric,
    text: `last(${metric})`,
    columns: [lastColumn],
    read: ({ row }, [at = 0]) => finite(row[at + 1]),
  }
}

/** How much a counter that begins again at 0 went up. Over several devices the sum of theirs. */
export function increase<M extends string>(metric: M, { hold_s }: Hold): Aggregate<M> {
  return {
    metric,
    text: `increase(${metric}, {hold_s: ${hold_s}})`,
    columns: [stepsColumn(hold_s * 1000)],
    read: ({ row }, [at = 0]) => (row[at + closedSteps.devices] ? row[at + closedSteps.increase] : undefined),
  }
}

/** The same per second, between the first event and the last. Over several devices the sum of their rates. */
export function rate<M extends string>(metric: M, { hold_s }: Hold): Aggregate<M> {
  return {
    metric,
    text: `rate(${metric}, {hold_s: ${hold_s}})`,
    columns: [stepsColumn(hold_s * 1000)],
    read: ({ row }, [at = 0]) => (row[at + closedSteps.devices] ? row[at + closedSteps.ratePerSecond] : undefined),
  }
}

/**
 * How often the metric came into a state, from a value that was not it. Over several devices the sum of theirs.
 */
export function entriesInto<M extends string>(
  metric: M,
  state: string | number | boolean,
  { hold_s }: Hold,
): Aggregate<M> {
  return {
    ...increase(metric, { hold_s }),
    text: `entriesInto(${metric}, ${JSON.stringify(state)}, {hold_s: ${hold_s}})`,
    // 1 in the state, else 0: a counter that begins again at 0 goes up by 1 with each entry.
    input: isState(state),
  }
}

/**
 * How much the value changed per second, between the earliest event and the latest; of one event there is none.
 * @param minSpan_s seconds between the two, at least: with less there is no rate either
 */
export function changeRate<M extends string>(metric: M, { minSpan_s = 0 } = {}): Aggregate<M> {
  const span = minSpan_s === 0 ? '' : `, {minSpan_s: ${minSpan_s}}`
  return {
    metric,
    text: `changeRate(${metric}${span})`,
    columns: [firstColumn, lastColumn],
    read({ row }, [first = 0, last = 0]) {
      const ms = (row[last] as number) - (row[first] as number)
      return ms > 0 && ms >= minSpan_s * 1000
        ? (((row[last + 1] as number) - (row[first + 1] as number)) / ms) * 1000
        : undefined
    },
  }
}

/**
 * The least of the values that a share of them is not above (the nearest rank). Exact up to 32 different values.
 * @param q the share, between 0 and 1
 * @param accuracy how far off it may be with more of them, relative: 0.01 is one per cent
 */
export function quantile<M extends string>(metric: M, q: number, accuracy = defaultAccuracy): Aggregate<M> {
  const options = accuracy === defaultAccuracy ? `${q}` : `${q}, ${accuracy}`
  return quantileAs(`quantile(${metric}, ${options})`, metric, q, accuracy)
}

/** The quantile of a half. */
export function median<M extends string>(metric: M): Aggregate<M> {
  return quantileAs(`median(${metric})`, metric, 0.5, defaultAccuracy)
}

/** How many devices have a value that still holds at the end of the window: schools that report, or places of lodging. */
export function deviceCount<M extends string>(metric: M, { hold_s }: Hold): Aggregate<M> {
  return {
    metric,
    text: `deviceCount(${metric}, {hold_s: ${hold_s}})`,
    columns: [heldColumn(hold_s * 1000)],
    read: ({ row }, [at = 0]) => row[at + closedHeld.devices] || undefined,
  }
}

/**
 * The last value, if it still holds at the end of the window. Over several devices the sum of theirs: what all of them
 * have together, as beds or arrears, of which each reports its own.
 */
export function totalOfLast<M extends string>(metric: M, { hold_s }: Hold): Aggregate<M> {
  return {
    metric,
    text: `totalOfLast(${metric}, {hold_s: ${hold_s}})`,
    columns: [heldColumn(hold_s * 1000)],
    read: ({ row }, [at = 0]) => (row[at + closedHeld.devices] ? row[at + closedHeld.last] : undefined),
  }
}

/** How long the metric was in a state, in seconds. Over several devices the sum of theirs. */
export function timeInState<M extends string>(
  metric: M,
  state: string | number | boolean,
  { hold_s }: Hold,
): Aggregate<M> {
  return {
    metric,
    text: `timeInState(${metric}, ${JSON.stringify(state)}, {hold_s: ${hold_s}})`,
    columns: [heldColumn(hold_s * 1000)],
    input: isState(state),
    read: ({ row }, [at = 0]) =>
      row[at + closedHeld.coveredMs] ? (row[at + closedHeld.integral] as number) / 1000 : undefined,
  }
}

/**
 * 1 if the metric is in a state and this still holds at the end of the window, else 0. Over several devices the sum: how
 * many of them are in the state.
 */
export function devicesInState<M extends string>(
  metric: M,
  state: string | number | boolean,
  { hold_s }: Hold,
): Aggregate<M> {
  return {
    ...totalOfLast(metric, { hold_s }),
    text: `devicesInState(${metric}, ${JSON.stringify(state)}, {hold_s: ${hold_s}})`,
    input: isState(state),
  }
}

/** The share of the time of which the state is known, between 0 and 1. */
export function shareInState<M extends string>(
  metric: M,
  state: string | number | boolean,
  { hold_s }: Hold,
): Aggregate<M> {
  return {
    metric,
    text: `shareInState(${metric}, ${JSON.stringify(state)}, {hold_s: ${hold_s}})`,
    columns: [heldColumn(hold_s * 1000)],
    input: isState(state),
    read: shareOfTime,
  }
}

const defaultAccuracy = 0.01

function isState(state: string | number | boolean): AggregateInput {
  return { name: `is:${JSON.stringify(state)}`, of: (value) => (value === state ? 1 : 0) }
}

function quantileAs<M extends string>(text: string, metric: M, q: number, accuracy: number): Aggregate<M> {
  const column = sketchColumn(accuracy)
  return {
    metric,
    text,
    columns: [column],
    read: ({ cells }, [at = 0]) => cells[at] && column.quantileOf(cells[at], q),
  }
}

function shareOfTime({ row }: Merged, [at = 0]: readonly number[]): number | undefined {
  return quotient(row[at + closedHeld.integral], row[at + closedHeld.coveredMs])
}

function quotient(dividend = 0, divisor = 0): number | undefined {
  return divisor === 0 ? undefined : dividend / divisor
}

function finite(value = Number.NaN): number | undefined {
  return Number.isFinite(value) ? value : undefined
}
