import type { Hold } from '../aggregates.ts'

/** An event of one metric of one device. Times in ms. */
export interface NaiveEvent {
  readonly ts: number
  readonly value: number | string | boolean
}

/**
 * What an aggregate is of a window `[from, to)`, by its definition, from all that happened: slow, and simple enough to
 * be believed.
 * @param events those of the window, by time, and by value where times are equal
 * @param carry the newest event before the window, if it still holds at its start
 */
export type NaiveAggregate = (
  events: readonly NaiveEvent[],
  carry: NaiveEvent | undefined,
  from: number,
  to: number,
) => number | undefined

/** Each takes what the constructor of its aggregate takes after the metric. */
export const naiveAggregates = {
  count: () => ofNumbers((values) => values.length),
  sum: () => ofNumbers(total),
  mean: () => ofNumbers((values) => total(values) / values.length),
  min: () => ofNumbers((values) => Math.min(...values)),
  max: () => ofNumbers((values) => Math.max(...values)),
  first: () => ofNumbers((values) => values[0]),
  last: () => ofNumbers((values) => values.at(-1)),
  increase: (_hold: Hold) => (events, carry) => stepsOf(events, carry)?.increase,
  rate: (_hold: Hold) => (events, carry) => {
    const steps = stepsOf(events, carry)
    return steps && steps.increase / steps.seconds
  },
  /** The value itself: the aggregate's is within its relative accuracy. */
  quantile: (q: number, _accuracy?: number) => ofNumbers((values) => quantileOf(values, q)),
  median: () => ofNumbers((values) => quantileOf(values, 0.5)),
  deviceCount:
    ({ hold_s }: Hold) =>
    (events, carry, _from, to) => {
      const last = events.at(-1) ?? carry
      return last && last.ts + hold_s * 1000 >= to ? 1 : undefined
    },
  totalOfLast:
    ({ hold_s }: Hold) =>
    (events, carry, _from, to) => {
      const last = events.at(-1) ?? carry
      return last && last.ts + hold_s * 1000 >= to ? Number(last.value) : undefined
    },
  entriesInto: (state: NaiveEvent['value'], _hold: Hold) => (events, carry) => {
    const all = carry ? [carry, ...events] : events
    if ((all.at(-1)?.ts ?? 0) <= (all[0]?.ts ?? 0)) return undefined
    return all.filter(({ value }, index) => index > 0 && value === state && all[index - 1]?.value !== state).length
  },
  changeRate:
    ({ minSpan_s }: { readonly minSpan_s: number } = { minSpan_s: 0 }) =>
    (events) => {
      const [first, last] = [events[0], events.at(-1)]
      if (!first || !last || last.ts === first.ts || last.ts - first.ts < minSpan_s * 1000) return undefined
      return (Number(last.value) - Number(first.value)) / ((last.ts - first.ts) / 1000)
    },
  devicesInState:
    (state: NaiveEvent['value'], { hold_s }: Hold) =>
    (events, carry, _from, to) => {
      const last = events.at(-1) ?? carry
      return last && last.ts + hold_s * 1000 >= to ? Number(last.value === state) : undefined
    },
  timeInState: (state: NaiveEvent['value'], hold: Hold) => (events, carry, from, to) =>
    integralOf(spansOf(events, carry, from, to, hold), (value) => Number(value === state))?.integral,
  shareInState: (state: NaiveEvent['value'], hold: Hold) => (events, carry, from, to) =>
    integralOf(spansOf(events, carry, from, to, hold), (value) => Number(value === state))?.mean,
} satisfies Record<string, (...parameters: never[]) => NaiveAggregate>

/** For how long the value of a device is known, in seconds: what its means weigh among those of other devices. */
export function naiveCoveredSeconds(hold: Hold, ...[events, carry, from, to]: Parameters<NaiveAggregate>): number {
  return total(spansOf(events, carry, from, to, hold).map(({ seconds }) => seconds))
}

function ofNumbers(define: (values: number[]) => number | undefined): NaiveAggregate {
  return (events) => (events.length === 0 ? undefined : define(events.map(({ value }) => Number(value))))
}

function total(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0)
}

/** The nearest rank: the least of the values that a share `q` of them is not above. */
export function quantileOf(values: readonly number[], q: number): number | undefined {
  return values.toSorted((a, b) => a - b)[Math.max(1, Math.ceil(q * values.length - 1e-9)) - 1]
}

function stepsOf(events: readonly NaiveEvent[], carry: NaiveEvent | undefined) {
  const all = carry ? [carry, ...events] : events
  const values = all.map(({ value }) => Number(value))
  const steps = values.slice(1).map((to, index) => {
    const from = values[index] as number
    return to >= from ? to - from : to
  })
  const seconds = ((all.at(-1)?.ts ?? 0) - (all[0]?.ts ?? 0)) / 1000
  return seconds > 0 ? { increase: total(steps), seconds } : undefined
}

/** The values of a window, each with the seconds for which it holds. */
function spansOf(
  events: readonly NaiveEvent[],
  carry: NaiveEvent | undefined,
  from: number,
  to: number,
  { hold_s }: Hold,
) {
  const all = carry ? [carry, ...events] : events
  return all.map(({ ts, value }, index) => {
    const end = Math.min(all[index + 1]?.ts ?? to, ts + hold_s * 1000, to)
    return { value, seconds: (end - Math.max(ts, from)) / 1000 }
  })
}

function integralOf(
  spans: readonly { readonly value: NaiveEvent['value']; readonly seconds: number }[],
  of: (value: NaiveEvent['value']) => number,
) {
  const integral = total(spans.map(({ value, seconds }) => of(value) * seconds))
  const covered = total(spans.map(({ seconds }) => seconds))
  return covered > 0 ? { integral, mean: integral / covered } : undefined
}
