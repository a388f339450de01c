import type { LogRecord } from '@ioc/ingest-log/ingest-log.ts'
import { describe, expect, test } from 'vitest'
import { indicators as declared } from '../indicators/table.ts'
import { createSavedState, testEngine } from '../testing/engine.ts'
import { nameOf, type OracleEvent, recompute } from '../testing/oracle.ts'
import { type Engine, joinPartitions, type Output } from './engine.ts'

const t0 = Date.UTC(2026, 0, 31, 2)
const second = 1000
const minute = 60 * second
/** With windows that end often, so that it is seen at which one a level begins. */
const steps: Readonly<Record<string, number>> = { system_cpu_1m: 10, system_cpu_5m: 10, camera_online_1h: 60 }
const indicators = declared.flatMap((one) => {
  const every_s = steps[one.id]
  return every_s === undefined || one.window.kind !== 'sliding' ? [] : [{ ...one, window: { ...one.window, every_s } }]
})
const cpu5m = (scope: 'device' | 'site' | 'area' | 'district', key: string) => ({ id: 'system_cpu_5m', scope, key })
const ofMachine = cpu5m('device', 'ubnd/may')

/** A busy machine, measured each 10 s from one time to another, both included. */
function busy(from: number, to: number, site = 'ubnd'): OracleEvent[] {
  return Array.from({ length: (to - from) / (10 * second) + 1 }, (_, index) => ({
    type: 'system',
    site,
    device: 'may',
    area: '24931',
    ts: from + index * 10 * second,
    values: { cpu_percent: 99 },
  }))
}

/** Each arrival is an epoch of its own, so that nothing is taken for a repeat. */
function recordOf({ type, site, device, ts, values }: OracleEvent, seq: number, arrival: number): LogRecord {
  const message = { epoch: `e${arrival}`, seq, sent: arrival, records: [{ device, ts, type, values }] }
  return { kind: 'telemetry', site, node: 'n', arrival, payload: Buffer.from(JSON.stringify(message)) }
}

interface Named {
  readonly id: string
  readonly scope: 'device' | 'site' | 'area' | 'district'
  readonly key: string
}

/** An engine and what the store holds of what it emitted. */
function start(engine: Engine = testEngine({ indicators, areaOf: () => '24931' })) {
  const levels = new Map<string, number>()
  let seq = 0
  const take = ({ points }: Output) => {
    for (const { indicator, place, ts, value, level } of points) {
      if (value !== undefined) levels.set(nameOf(indicator.id, place.scope, place.key, place.group, ts), level)
    }
  }
  return {
    engine,
    feed(events: readonly OracleEvent[], arrival?: number) {
      for (const event of events) {
        const record = recordOf(event, ++seq, arrival ?? event.ts)
        take(engine.process({ offset: 0, records: [record], next: 0 }))
      }
    },
    tick: (clock: number) => take(engine.tick(clock)),
    stored: ({ id, scope, key }: Named, ts: number) => levels.get(nameOf(id, scope, key, undefined, ts)),
    live({ id, scope, key }: Named) {
      for (const { read } of engine.windows.sources()) {
        const value = read()
        if (value && 'id' in value && value.id === id && value.scope === scope && value.key === key) return value.level
      }
      return undefined
    },
    levels,
  }
}

describe('a level needs a filled window', () => {
  test('live: a new machine is not critical before half of the window has been measured', () => {
    const { feed, live } = start()
    const seen: [number, number | undefined][] = []
    for (const event of busy(t0 + 4 * second, t0 + 174 * second)) {
      feed([event])
      seen.push([(event.ts - t0) / second, live(ofMachine)])
    }
    expect(seen.filter(([, level]) => level === 0).map(([s]) => s)).toEqual(
      Array.from({ length: 15 }, (_, index) => 4 + 10 * index),
    )
    expect(seen.filter(([s]) => s >= 154).map(([, level]) => level)).toEqual([3, 3, 3])
  })

  test.each([
    cpu5m('device', 'ubnd/may'),
    cpu5m('site', 'ubnd'),
    cpu5m('area', '24931'),
    cpu5m('district', 'district'),
  ])('at the store: $scope', (place) => {
    const { feed, stored, tick } = start()
    feed(busy(t0, t0 + 10 * minute))
    tick(t0 + 60 * minute)
    const ends = [10, 60, 140, 150, 160, 300, 600]
    expect(ends.map((s) => stored(place, t0 + s * second))).toEqual([0, 0, 0, 3, 3, 3, 3])
    // Shorter windows are filled earlier.
    expect([20, 30].map((s) => stored({ ...place, id: 'system_cpu_1m' }, t0 + s * second))).toEqual([0, 3])
  })

  test('what adds up devices by themselves waits too, and an area is as old as its first device', () => {
    const { feed, stored } = start()
    const camera = (device: string, from: number, to: number): OracleEvent[] =>
      Array.from({ length: (to - from) / minute + 1 }, (_, index) => ({
        type: 'camera',
        site: 'cho',
        device,
        area: '24931',
        ts: from + index * minute,
        values: { state: 'offline' },
      }))
    const all = [...camera('cu', t0, t0 + 120 * minute), ...camera('moi', t0 + 80 * minute, t0 + 120 * minute)]
    feed(all.toSorted((a, b) => a.ts - b.ts))
    const levelsOf = (scope: 'device' | 'area', key: string) =>
      [20, 29, 30, 90, 109, 110].map((m) => stored({ id: 'camera_online_1h', scope, key }, t0 + m * minute))
    expect(levelsOf('device', 'cho/cu')).toEqual([0, 0, 3, 3, 3, 3])
    expect(levelsOf('device', 'cho/moi')).toEqual([undefined, undefined, undefined, 0, 0, 3])
    expect(levelsOf('area', '24931')).toEqual([0, 0, 3, 3, 3, 3])
  })

  test('a late event before the first one moves it back: what was emitted is emitted again with its level', () => {
    const { feed, stored, tick } = start()
    const began = t0 + 20 * minute
    const ends = [30, 60, 140, 150].map((s) => began + s * second)
    feed(busy(began, began + 200 * second))
    expect(ends.map((ts) => stored(ofMachine, ts))).toEqual([0, 0, 0, 3])
    const late = { ...(busy(t0, t0)[0] as OracleEvent) }
    feed([late], began + 201 * second)
    tick(began + 400 * second)
    // Two measurements are still too few; three are enough from now on.
    const names = [10, 20, 30, 140].map((s) => stored(ofMachine, began + s * second))
    expect(names).toEqual([0, 0, 3, 3])
  })

  test('a machine that was silent for longer than the window is known: three measurements are enough', () => {
    const { feed, stored, tick } = start()
    const back = t0 + 60 * minute
    feed([...busy(t0, t0 + 5 * minute), ...busy(back, back + minute)])
    tick(back + 10 * minute)
    expect([10, 20, 30].map((s) => stored(ofMachine, back + s * second))).toEqual([0, 0, 3])
  })

  test('a restart in between changes nothing; what was saved without the time has been measured for long', () => {
    const state = createSavedState()
    const options = { indicators, areaOf: () => '24931', archiveOf: state.archiveOf }
    const before = start(testEngine(options))
    before.feed(busy(t0, t0 + 100 * second))
    state.take(before.engine.changes({ live: 0, backlog: 0 }))
    const saved = state.saved()
    const levelsOf = (from: typeof saved) => {
      const after = start(testEngine(options))
      after.engine.restore(from)
      after.feed(busy(t0 + 110 * second, t0 + 200 * second))
      return [140, 150, 160].map((s) => after.stored(ofMachine, t0 + s * second))
    }
    expect(levelsOf(saved)).toEqual([0, 3, 3])
    const streams = saved.indicators.streams.map((stream) => ({ ...stream, first: [] }))
    expect(levelsOf({ ...saved, indicators: { ...saved.indicators, streams } })).toEqual([3, 3, 3])
  })

  test('an area is measured since its first measurement in any partition', () => {
    const engines = [0, 1].map(() => testEngine({ indicators, areaOf: () => '24931' }))
    joinPartitions(engines)
    const [one, two] = engines.map((engine) => start(engine)) as [ReturnType<typeof start>, ReturnType<typeof start>]
    const began = t0 + 20 * minute
    one.feed(busy(began, began + 100 * second))
    const place = cpu5m('area', '24931')
    expect(one.stored(place, began + 60 * second)).toBe(0)
    two.feed(busy(t0, t0 + minute, 'tram'), began + 110 * second)
    one.tick(began + 200 * second)
    expect(one.stored(place, began + 60 * second)).toBe(3)
    expect(one.stored(ofMachine, began + 60 * second)).toBe(0)
  })

  test('all of it equals the recomputation from all events', () => {
    const events = [...busy(t0, t0 + 6 * minute), ...busy(t0 + 9 * minute, t0 + 30 * minute)]
    const { feed, levels, tick } = start()
    feed([...events.slice(7), ...events.slice(0, 7)])
    tick(t0 + 60 * minute)
    const expected = recompute(indicators, events)
    expect([...levels].sort()).toEqual([...expected].map(([name, { level }]) => [name, level]).sort())
  })
})
