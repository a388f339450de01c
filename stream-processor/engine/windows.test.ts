import type { Scope, Window } from '@ioc/contract/messages/live.ts'
import type { LogRecord } from '@ioc/ingest-log/ingest-log.ts'
import { propertyRuns } from '@ioc/runtime/testing/property-runs.ts'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { derived, history, type Indicator, indicator, latest } from '../indicators/indicator.ts'
import { createSavedState, testEngine } from '../testing/engine.ts'
import { type Expected, nameOf, type OracleEvent, recompute } from '../testing/oracle.ts'
import {
  count,
  first,
  increase,
  last,
  max,
  mean,
  min,
  quantile,
  rate,
  shareInState,
  sum,
  timeInState,
  totalOfLast,
} from './aggregates/aggregates.ts'
import { type Engine, joinPartitions, type Output } from './engine.ts'

const numRuns = propertyRuns(10)

/** 2025-10-31T16:50:00Z: ten minutes before a day, a month and, in Asia/Ho_Chi_Minh, before November. */
const t0 = Date.UTC(2025, 9, 31, 16, 50)
const title = { vi: 'thử', en: 'test' }
const about = { vi: 'Thử.', en: 'A test.' }
const every: readonly Scope[] = ['device', 'site', 'area', 'district']
const hold = { hold_s: 90 }
const limits = [30, 60] as const

const aggregates = {
  count: count('speed_kmh'),
  sum: sum('speed_kmh'),
  mean: mean('speed_kmh'),
  min: min('speed_kmh'),
  max: max('speed_kmh'),
  first: first('speed_kmh'),
  last: last('speed_kmh'),
  quantile: quantile('speed_kmh', 0.9),
  increase: increase('vehicles_total', hold),
  rate: rate('vehicles_total', hold),
  shareInState: shareInState('vehicle_class', 'bus', hold),
  totalOfLast: totalOfLast('speed_kmh', hold),
  timeInState: timeInState('vehicle_class', 'car', hold),
} as const

const windows: Readonly<Record<string, Window>> = {
  tumbling: { kind: 'tumbling', size_s: 60 },
  sliding: { kind: 'sliding', size_s: 300, every_s: 20 },
  long: { kind: 'sliding', size_s: 7200, every_s: 60 },
  uneven: { kind: 'sliding', size_s: 90, every_s: 60 },
  sparse: { kind: 'sliding', size_s: 60, every_s: 90 },
  day: { kind: 'calendar', unit: 'day' },
  month: { kind: 'calendar', unit: 'month' },
  quarter: { kind: 'calendar', unit: 'quarter' },
  year: { kind: 'calendar', unit: 'year' },
}

const declare = (id: string, window: Window, name: keyof typeof aggregates, more: object = {}) =>
  indicator({
    id,
    title,
    about,
    unit: '1',
    source: 'traffic',
    window,
    scopes: every,
    levels: { direction: 'above', attention: limits[0], warning: limits[1] },
    aggregates: { value: aggregates[name] as ReturnType<typeof mean<'speed_kmh'>> },
    value: ({ value }) => value,
    ...more,
  })

interface Event {
  readonly site: number
  readonly device: number
  readonly ts: number
  readonly speed: number
  readonly total: number
  readonly kind: string
}

interface Step {
  readonly events: readonly Event[]
  readonly restart: boolean
  readonly tick: boolean
}

/** Times: mostly going on, some late by minutes or days, some far ahead, some gaps. */
const time = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: 0, max: 1_800_000 }) },
  { weight: 1, arbitrary: fc.integer({ min: -3 * 86_400_000, max: 3 * 86_400_000 }) },
  { weight: 2, arbitrary: fc.constantFrom(0, 60_000, 600_000, 660_000, 599_999, 20_000, 1_200_000) },
)

const event: fc.Arbitrary<Event> = fc.record({
  site: fc.integer({ min: 0, max: 1 }),
  device: fc.integer({ min: 0, max: 1 }),
  ts: time.map((ms) => t0 + ms),
  // Quarters: exact in binary, so that sums do not depend on their order.
  speed: fc.integer({ min: 0, max: 400 }).map((quarters) => quarters / 4),
  total: fc.integer({ min: 0, max: 50 }),
  kind: fc.constantFrom('car', 'bus', 'motorbike'),
})

const step: fc.Arbitrary<Step> = fc.record({
  events: fc.array(event, { minLength: 1, maxLength: 6 }),
  restart: fc.boolean(),
  tick: fc.boolean(),
})

const areas = ['24931', '24943']
const end = t0 + 800 * 86_400_000

function record({ site, device, ts, speed, total, kind }: Event, seq: number, arrival: number): LogRecord {
  const values = { speed_kmh: speed, vehicles_total: total, vehicle_class: kind }
  const message = { epoch: 'e', seq, sent: arrival, records: [{ device: `d${device}`, ts, type: 'traffic', values }] }
  return { kind: 'telemetry', site: `s${site}`, node: 'n', arrival, payload: Buffer.from(JSON.stringify(message)) }
}

/** The last word on each point: later writes replace earlier ones, as in the store. */
function settle(points: Map<string, Expected>, output: Output): void {
  for (const {
    indicator: { id },
    place,
    ts,
    value,
    level,
    samples,
  } of output.points) {
    const name = nameOf(id, place.scope, place.key, place.group, ts)
    if (value === undefined) points.delete(name)
    else points.set(name, { value, level, samples })
  }
}

/** Runs the steps with a partition for each site; returns what the store would hold. */
function runApart(indicators: readonly Indicator[], all: readonly Step[]): Map<string, Expected> {
  const areaOf = () => areas[0]
  const engines = [0, 1].map(() => testEngine({ indicators, areaOf }))
  joinPartitions(engines)
  const points = new Map<string, Expected>()
  let arrival = t0 + 5 * 86_400_000
  let seq = 0
  for (const { events, tick } of all) {
    arrival += tick ? 60_000 : 700
    for (const [partition, engine] of engines.entries()) {
      const records = events.filter(({ site }) => site === partition).map((one) => record(one, ++seq, arrival))
      settle(points, engine.process({ offset: 0, records, next: 0 }))
    }
  }
  for (const engine of engines) settle(points, engine.settle())
  for (let clock = arrival; clock < end; clock += 40 * 86_400_000) {
    for (const engine of engines) settle(points, engine.tick(clock))
  }
  return points
}

/** Runs the steps, some events twice, with restarts from what was saved; returns what the store would hold. */
function run(indicators: readonly Indicator[], steps: readonly Step[], latenessMs?: number): Map<string, Expected> {
  const state = createSavedState()
  const options = {
    indicators,
    archiveOf: state.archiveOf,
    areaOf: (site: string) => areas[Number(site[1])],
    ...(latenessMs === undefined ? {} : { latenessMs }),
  }
  const points = new Map<string, Expected>()
  let engine: Engine = testEngine(options)
  let arrival = t0 + 5 * 86_400_000
  let seq = 0
  let unsaved: LogRecord[] = []
  const feed = (records: readonly LogRecord[]) => settle(points, engine.process({ offset: 0, records, next: 0 }))
  const arrive = (events: readonly Event[]) => {
    const records = events.map((one) => record(one, ++seq, arrival))
    arrival += 700
    feed([...records, ...records.slice(0, 1)])
    unsaved.push(...records)
  }
  for (const { events, restart, tick } of steps) {
    // Half of them come while what was there before them is being saved.
    const half = restart ? events.length : Math.ceil(events.length / 2)
    arrive(events.slice(0, half))
    if (tick) {
      arrival += 60_000
      settle(points, engine.tick(arrival))
    }
    if (!restart) {
      unsaved = []
      state.take(engine.changes({ live: 0, backlog: 0 }), () => arrive(events.slice(half)))
      continue
    }
    // It is killed: what came since the last checkpoint is read from the log again.
    engine = testEngine(options)
    try {
      engine.restore(state.saved())
    } catch {
      // Nothing was saved yet.
    }
    feed(unsaved)
  }
  settle(points, engine.settle())
  // Long after the last event the clock closes everything.
  for (let clock = arrival; clock < end; clock += 40 * 86_400_000) settle(points, engine.tick(clock))
  settle(points, engine.tick(end))
  return points
}

function toOracle(steps: readonly Step[]): OracleEvent[] {
  return steps.flatMap(({ events }) =>
    events.map(({ site, device, ts, speed, total, kind }) => ({
      type: 'traffic',
      site: `s${site}`,
      device: `d${device}`,
      area: areas[site] as string,
      ts,
      values: { speed_kmh: speed, vehicles_total: total, vehicle_class: kind },
    })),
  )
}

/** Equal, but for what rounding does, and for the accuracy of a sketch. */
function expectEqual(actual: Map<string, Expected>, expected: Map<string, Expected>): void {
  expect([...actual.keys()].sort()).toEqual([...expected.keys()].sort())
  for (const [name, want] of expected) {
    const got = actual.get(name) as Expected
    const tolerance = name.includes('quantile') ? 0.0101 : 1e-9
    expect({ name, samples: got.samples }).toEqual({ name, samples: want.samples })
    const off = Math.abs(got.value - want.value)
    if (off > tolerance * Math.max(1, Math.abs(want.value))) expect({ name, ...got }).toEqual({ name, ...want })
    // What rounding does may be on the other side of a limit.
    const isNearLimit = limits.some((limit) => Math.abs(want.value - limit) <= 2 * tolerance * limit)
    if (!isNearLimit) expect({ name, level: got.level }).toEqual({ name, level: want.level })
  }
}

const steps = fc.array(step, { minLength: 1, maxLength: 20 })

describe('windows equal a recomputation from all events, under disorder, duplicates, gaps and restarts', () => {
  for (const [kind, window] of Object.entries(windows)) {
    test(`${kind}: every aggregate, every scope`, () => {
      const indicators = (Object.keys(aggregates) as (keyof typeof aggregates)[]).map((name) =>
        declare(`${kind}_${name}`, window, name),
      )
      fc.assert(
        fc.property(steps, (all) => expectEqual(run(indicators, all), recompute(indicators, toOracle(all)))),
        // Each run of it gives out a hundred times as many windows as one of the others.
        { numRuns: kind === 'long' ? Math.ceil(numRuns / 5) : numRuns },
      )
    })
  }

  test('any one of them over a few events', () => {
    const kinds = fc.constantFrom(...Object.values(windows))
    const names = fc.constantFrom(...(Object.keys(aggregates) as (keyof typeof aggregates)[]))
    const few = fc.array(step, { minLength: 1, maxLength: 4 })
    fc.assert(
      fc.property(kinds, names, few, (window, name, all) => {
        const indicators = [declare(name, window, name)]
        expectEqual(run(indicators, all), recompute(indicators, toOracle(all)))
      }),
      // Short streams are quick, and find what is wrong at once: there are many of them.
      { numRuns: 20 * numRuns },
    )
  })

  test('filters, groups, and several windows over the same panes', () => {
    const isFast = ({ speed_kmh = 0 }: { readonly speed_kmh?: number }) => speed_kmh > 50
    const indicators = [
      declare('fast', windows['sliding'] as Window, 'mean', { where: isFast }),
      declare('at_times', windows['sliding'] as Window, 'mean', {
        where: (_: unknown, ts: number) => ts % 60_000 < 20_000,
      }),
      declare('by_class', windows['tumbling'] as Window, 'mean', { by: 'vehicle_class' }),
      declare('short', { kind: 'sliding', size_s: 40, every_s: 20 }, 'max'),
      declare('wide', windows['sliding'] as Window, 'mean'),
    ]
    fc.assert(
      fc.property(steps, (all) => expectEqual(run(indicators, all), recompute(indicators, toOracle(all)))),
      { numRuns },
    )
  })

  test('derived indicators, with history, and derived from derived ones', () => {
    const minute = declare('minute', windows['tumbling'] as Window, 'mean')
    const smooth = derived({
      id: 'smooth',
      title,
      about,
      unit: '1',
      window: { kind: 'tumbling', size_s: 60 },
      scopes: every,
      formula: 'weighted mean of the last five minutes',
      inputs: { minute: history(minute, 5) },
      value: ({ minute: values }) => {
        const known = values.flatMap((value, back) => (value === undefined ? [] : [{ value, weight: 1 / (back + 1) }]))
        const total = known.reduce((all, { weight }) => all + weight, 0)
        return known.length < 2 ? undefined : known.reduce((all, one) => all + one.value * one.weight, 0) / total
      },
    })
    const jump = derived({
      id: 'jump',
      title,
      about,
      unit: '1',
      window: { kind: 'tumbling', size_s: 120 },
      scopes: ['device', 'district'],
      formula: 'minute − smooth, + the minute of the hour',
      inputs: { minute: latest(minute), smooth: history(smooth, 2) },
      value: ({ minute: [now], smooth: [, before] }, ts) =>
        now === undefined || before === undefined ? undefined : now - before + ((ts / 60_000) % 60),
    })
    const indicators = [minute, smooth, jump]
    fc.assert(
      fc.property(steps, (all) => expectEqual(run(indicators, all), recompute(indicators, toOracle(all)))),
      { numRuns },
    )
  })

  test('areas and the district span the partitions', () => {
    const ordered = (['timeInState', 'increase', 'shareInState', 'totalOfLast'] as const).map((name) =>
      declare(`ordered_${name}`, windows['tumbling'] as Window, name),
    )
    const plain = (['mean', 'quantile', 'max', 'last'] as const).map((name) =>
      declare(`plain_${name}`, windows['sliding'] as Window, name),
    )
    const indicators = [...ordered, ...plain, declare('day', windows['day'] as Window, 'max')]
    fc.assert(
      fc.property(steps, (all) => {
        const events = toOracle(all).map((one) => ({ ...one, area: areas[0] as string }))
        expectEqual(runApart(indicators, all), recompute(indicators, events))
      }),
      { numRuns },
    )
  })

  test('what is later than the lateness changes nothing', () => {
    const latenessMs = 120_000
    const indicators = [
      declare('mean', windows['tumbling'] as Window, 'mean'),
      declare('sum', windows['sliding'] as Window, 'sum'),
    ]
    fc.assert(
      fc.property(steps, (all) =>
        expectEqual(run(indicators, all, latenessMs), recompute(indicators, toOracle(all), latenessMs)),
      ),
      { numRuns },
    )
  })

  test('what has been quiet for long is let go of, and begins anew when it is heard of again', () => {
    const state = createSavedState()
    const day = 86_400_000
    const indicators = [
      declare('mean', windows['sliding'] as Window, 'mean'),
      declare('held', windows['tumbling'] as Window, 'timeInState'),
    ]
    const options = { indicators, archiveOf: state.archiveOf, latenessMs: day, forgetMs: 2 * day }
    let engine = testEngine(options)
    const say = (device: number, ts: number, seq: number) =>
      engine.process({
        offset: 0,
        records: [record({ site: 0, device, ts, speed: device, total: 1, kind: 'car' }, seq, ts)],
        next: 0,
      })
    const series = () => engine.windows.streams.reduce((sum, { windows: { size } }) => sum + size, 0)
    for (let device = 0; device < 50; device++) say(device, t0 + device * 1000, device + 1)
    const full = series()
    state.take(engine.changes({ live: 0, backlog: 0 }))
    // The first device goes on; the others are not heard of again.
    for (let hour = 1; hour <= 24 * 7; hour++) say(0, t0 + hour * 3_600_000, 100 + hour)
    expect(series()).toBeLessThan(full / 10)
    state.take(engine.changes({ live: 0, backlog: 0 }))
    engine = testEngine(options)
    engine.restore(state.saved())
    expect(series()).toBeLessThan(full / 10)
    const again = t0 + 8 * day
    const points = new Map<string, Expected>()
    settle(points, say(1, again, 999))
    settle(points, engine.tick(again + day))
    const name = nameOf('mean', 'device', 's0/d1', undefined, Math.floor(again / 20_000) * 20_000 + 20_000)
    expect(points.get(name)).toEqual({ value: 1, level: 0, samples: 1 })
  })
})
