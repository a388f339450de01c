import fc from 'fast-check'
import { describe, expect, expectTypeOf, test } from 'vitest'
import * as aggregates from './aggregates.ts'
import type { Aggregate } from './column.ts'
import { byTime, type History, numRuns, readOf } from './testing/fold.ts'
import { type NaiveAggregate, type NaiveEvent, naiveAggregates, naiveCoveredSeconds } from './testing/naive.ts'

const hold = { hold_s: 3 }
const [from, to] = [1_764_000_000_000, 1_764_000_010_000]

const quarter = fc.integer({ min: -40, max: 40 }).map((value) => value / 4)
const counter = fc.integer({ min: 0, max: 400 }).map((value) => value / 4)
const state = fc.constantFrom('open', 'shut', 1, '1', true, false)

/** How the values of several devices make one: from all of their events, or from what each device comes to. */
type Across = 'events' | 'sum' | 'mean'

interface Case {
  readonly aggregate: Aggregate
  readonly naive: NaiveAggregate
  readonly text: string
  readonly columns: readonly string[]
  readonly input?: string
  readonly values?: fc.Arbitrary<NaiveEvent['value']>
  readonly across?: Across
  /** Relative, and 1e-9 beside; exact without. */
  readonly tolerance?: number
}

const rounding = 1e-9
const cases: readonly Case[] = [
  { aggregate: aggregates.count('x'), naive: naiveAggregates.count(), text: 'count(x)', columns: ['count'] },
  { aggregate: aggregates.sum('x'), naive: naiveAggregates.sum(), text: 'sum(x)', columns: ['count', 'sum'] },
  { aggregate: aggregates.mean('x'), naive: naiveAggregates.mean(), text: 'mean(x)', columns: ['count', 'sum'] },
  { aggregate: aggregates.min('x'), naive: naiveAggregates.min(), text: 'min(x)', columns: ['min'] },
  { aggregate: aggregates.max('x'), naive: naiveAggregates.max(), text: 'max(x)', columns: ['max'] },
  { aggregate: aggregates.first('x'), naive: naiveAggregates.first(), text: 'first(x)', columns: ['first'] },
  { aggregate: aggregates.last('x'), naive: naiveAggregates.last(), text: 'last(x)', columns: ['last'] },
  {
    aggregate: aggregates.increase('x', hold),
    naive: naiveAggregates.increase(hold),
    text: 'increase(x, {hold_s: 3})',
    columns: ['steps:3000'],
    values: counter,
    across: 'sum',
  },
  {
    aggregate: aggregates.rate('x', hold),
    naive: naiveAggregates.rate(hold),
    text: 'rate(x, {hold_s: 3})',
    columns: ['steps:3000'],
    values: counter,
    across: 'sum',
  },
  {
    aggregate: aggregates.quantile('x', 0.9),
    naive: naiveAggregates.quantile(0.9),
    text: 'quantile(x, 0.9)',
    columns: ['sketch:0.01'],
    tolerance: 0.01,
  },
  {
    aggregate: aggregates.quantile('x', 0.05, 0.1),
    naive: naiveAggregates.quantile(0.05, 0.1),
    text: 'quantile(x, 0.05, 0.1)',
    columns: ['sketch:0.1'],
    tolerance: 0.1,
  },
  {
    aggregate: aggregates.median('x'),
    naive: naiveAggregates.median(),
    text: 'median(x)',
    columns: ['sketch:0.01'],
    tolerance: 0.01,
  },
  {
    aggregate: aggregates.deviceCount('x', hold),
    naive: naiveAggregates.deviceCount(hold),
    text: 'deviceCount(x, {hold_s: 3})',
    columns: ['held:3000'],
    across: 'sum',
    tolerance: rounding,
  },
  {
    aggregate: aggregates.totalOfLast('x', hold),
    naive: naiveAggregates.totalOfLast(hold),
    text: 'totalOfLast(x, {hold_s: 3})',
    columns: ['held:3000'],
    across: 'sum',
    tolerance: rounding,
  },
  {
    aggregate: aggregates.entriesInto('x', 'open', hold),
    naive: naiveAggregates.entriesInto('open', hold),
    text: 'entriesInto(x, "open", {hold_s: 3})',
    input: 'is:"open"',
    columns: ['steps:3000'],
    values: state,
    across: 'sum',
  },
  {
    aggregate: aggregates.changeRate('x'),
    naive: naiveAggregates.changeRate(),
    text: 'changeRate(x)',
    columns: ['first', 'last'],
    tolerance: rounding,
  },
  {
    aggregate: aggregates.changeRate('x', { minSpan_s: 2 }),
    naive: naiveAggregates.changeRate({ minSpan_s: 2 }),
    text: 'changeRate(x, {minSpan_s: 2})',
    columns: ['first', 'last'],
    tolerance: rounding,
  },
  {
    aggregate: aggregates.devicesInState('x', false, hold),
    naive: naiveAggregates.devicesInState(false, hold),
    text: 'devicesInState(x, false, {hold_s: 3})',
    input: 'is:false',
    columns: ['held:3000'],
    values: state,
    across: 'sum',
  },
  {
    aggregate: aggregates.timeInState('x', 'open', hold),
    naive: naiveAggregates.timeInState('open', hold),
    text: 'timeInState(x, "open", {hold_s: 3})',
    input: 'is:"open"',
    columns: ['held:3000'],
    values: state,
    across: 'sum',
    tolerance: rounding,
  },
  {
    aggregate: aggregates.shareInState('x', true, hold),
    naive: naiveAggregates.shareInState(true, hold),
    text: 'shareInState(x, true, {hold_s: 3})',
    input: 'is:true',
    columns: ['held:3000'],
    values: state,
    across: 'mean',
    tolerance: rounding,
  },
]

/** Some events before the window and in it, not in order; what is carried is the newest before, if it still holds. */
function history(values: fc.Arbitrary<NaiveEvent['value']>): fc.Arbitrary<History> {
  // A state has one value at a time: two at once are told apart by nothing.
  const time = fc.integer({ min: -20, max: 39 }).map((step) => from + step * 250)
  return fc
    .uniqueArray(fc.record({ ts: time, value: values }), { selector: ({ ts }) => ts, maxLength: 15 })
    .map((all) => {
      const newest = all
        .filter(({ ts }) => ts < from)
        .sort(byTime)
        .at(-1)
      const carry = newest && newest.ts + hold.hold_s * 1000 >= from ? newest : undefined
      return { events: all.filter(({ ts }) => ts >= from), carry }
    })
}

const paneMs = fc.constantFrom(250, 1000, 2500, 10_000)

describe.each(cases)(
  '$text',
  ({ aggregate, naive, text, columns, values = quarter, across = 'events', tolerance, input }) => {
    const ofDevice = ({ events, carry }: History) => naive(events.toSorted(byTime), carry, from, to)
    const coveredBy = ({ events, carry }: History) =>
      naiveCoveredSeconds(hold, events.toSorted(byTime), carry, from, to)

    const ofDevices = (devices: readonly History[]): number | undefined => {
      if (across === 'events') return ofDevice({ events: devices.flatMap(({ events }) => events), carry: undefined })
      const known = devices.flatMap((device) => {
        const value = ofDevice(device)
        return value === undefined ? [] : [{ value, weight: across === 'mean' ? coveredBy(device) : 1 }]
      })
      const total = known.reduce((sum, { value, weight }) => sum + value * weight, 0)
      if (known.length === 0) return undefined
      return across === 'sum' ? total : total / known.reduce((sum, { weight }) => sum + weight, 0)
    }

    const expectNear = (actual: number | undefined, expected: number | undefined) => {
      if (actual === undefined || expected === undefined || tolerance === undefined) expect(actual).toBe(expected)
      else expect(Math.abs(actual - expected)).toBeLessThanOrEqual(tolerance * Math.abs(expected) + rounding)
    }

    test('is what its definition says', () => {
      fc.assert(
        fc.property(history(values), paneMs, (device, pane) => {
          expectNear(readOf(aggregate, [device], from, to, pane), ofDevice(device))
        }),
        { numRuns },
      )
    })

    test('is what its definition says of several devices', () => {
      fc.assert(
        fc.property(fc.array(history(values), { minLength: 2, maxLength: 4 }), paneMs, (devices, pane) => {
          expectNear(readOf(aggregate, devices, from, to, pane), ofDevices(devices))
        }),
        { numRuns },
      )
    })

    test('says what it is, and what it is computed from', () => {
      expect(aggregate.text).toBe(text)
      expect(aggregate.columns.map(({ name }) => name)).toEqual(columns)
      expect(aggregate.input?.name).toBe(input)
    })
  },
)

test('a weighted sum takes the weight of the word beside the number', () => {
  const { text, input } = aggregates.weightedSum('vehicles', 'kind', { car: 1, bus: 2.5 })
  expect(text).toBe('weightedSum(vehicles, kind, {"car":1,"bus":2.5})')
  expect(input?.of(4, { kind: 'bus' })).toBe(10)
  expect(input?.of(4, { kind: 'constructor' })).toBeNaN()
  expect(input?.of(4, {})).toBeNaN()
  expect(input?.of('4', { kind: 'bus' })).toBeNaN()
})

test('a metric keeps its name in the type', () => {
  expectTypeOf(aggregates.mean('pm25')).toEqualTypeOf<Aggregate<'pm25'>>()
  expectTypeOf(aggregates.timeInState('door', 'open', hold)).toEqualTypeOf<Aggregate<'door'>>()
  expectTypeOf(aggregates.weightedSum('x', 'kind', {})).toEqualTypeOf<Aggregate<'x' | 'kind'>>()
})
