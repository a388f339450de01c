import { describe, expect, test } from 'vitest'
import { type LevelsAt, levelsOf } from '../indicators/level.ts'
import { caseIndicators, indicators as declared } from '../indicators/table.ts'
import { testEngine } from '../testing/engine.ts'
import { nameOf, type OracleEvent, recompute } from '../testing/oracle.ts'
import { recordsOf } from '../testing/play.ts'

const minute = 60_000
const start = Date.parse('2026-11-25T00:00:00Z')
const machine = declared.find(({ id }) => id === 'system_cpu_1m')
const air = declared.filter(({ id }) => id === 'air_pm25_1h' || id === 'air_vn_aqi_1h')
const indicators = [...(machine ? [machine] : []), ...air]

/** Levels of one site for a measured, a derived and a case indicator; of other places, those that are declared. */
const levelsAt: LevelsAt = levelsOf({
  levelsAt: (id, scope, key) =>
    scope === 'site' && key === 's'
      ? {
          system_cpu_1m: { direction: 'above' as const, attention: 10, warning: 20 },
          air_vn_aqi_1h: { direction: 'above' as const, critical: 1 },
          one_stop_overdue: { direction: 'above' as const, critical: 1 },
        }[id]
      : undefined,
})

/** Three hours: as often as a window of a machine needs to have a level. */
const events: readonly OracleEvent[] = ['s', 't'].flatMap((site) => [
  ...Array.from({ length: 540 }, (_, index) => {
    const values = { cpu_percent: 15 + index / 60 }
    return { type: 'system', site, device: 'm', area: 'A', ts: start + index * (minute / 3), values }
  }),
  ...Array.from({ length: 180 }, (_, index) => {
    return {
      type: 'air_quality',
      site,
      device: 'q',
      area: 'A',
      ts: start + index * minute,
      values: { pm25: 30, pm10: 40 },
    }
  }),
])

describe('the levels of a place', () => {
  test('are the district’s where it has some, else the declared ones: in points, live, and for the oracle', () => {
    const engine = testEngine({ indicators, levelsAt, areaOf: () => 'A' })
    const ordered = [...events].sort((a, b) => a.ts - b.ts)
    const processed = recordsOf(ordered).map((record, offset) =>
      engine.process({ offset, records: [record], next: offset + 1 }),
    )
    const live = engine.snapshot().flatMap(({ topic, read }) => {
      const value = read()
      return value && 'level' in value ? [[topic.slice('ioc/v1/_live/indicator/'.length), value.level] as const] : []
    })
    const outputs = [...processed, engine.tick(start + 400 * minute)]
    const levels = new Map<string, number>()
    for (const { indicator, place, ts, level } of outputs.flatMap(({ points }) => points))
      levels.set(nameOf(indicator.id, place.scope, place.key, place.group, ts), level)
    const expected = recompute(indicators, ordered, 1e15, levelsAt)
    expect(expected.size).toBeGreaterThan(100)
    for (const [name, { level }] of expected) expect([name, levels.get(name)]).toEqual([name, level])
    const seen = (id: string, key: string) =>
      new Set([...levels].flatMap(([name, level]) => (name.startsWith(`${id}|site|${key}|`) ? [level] : [])))
    expect(seen('system_cpu_1m', 's')).toContain(2)
    expect(seen('system_cpu_1m', 't')).toEqual(new Set([0]))
    expect(seen('air_vn_aqi_1h', 's')).toEqual(new Set([3]))
    expect(seen('air_vn_aqi_1h', 't')).toEqual(new Set([0]))
    expect(Object.fromEntries(live)).toMatchObject({
      'system_cpu_1m/site/s': 2,
      'system_cpu_1m/site/t': 0,
      'air_vn_aqi_1h/site/s': 3,
      'air_vn_aqi_1h/site/t': 0,
    })
  })

  test('hold for cases too', () => {
    const engine = testEngine({ indicators: [], caseIndicators, levelsAt })
    const payload = (site: string) => ({
      kind: 'cases' as const,
      site,
      node: 'n',
      arrival: start,
      payload: Buffer.from(
        JSON.stringify({
          epoch: 'e',
          seq: 1,
          sent: start,
          records: [
            {
              device: 'd',
              type: 'one_stop',
              ts: start,
              case: { id: '1', state: 'open', opened: start, due: start + minute, closed: null },
            },
          ],
        }),
      ),
    })
    engine.process({ offset: 0, records: [payload('s'), payload('t')], next: 2 })
    // Windows of 30 days end every 6 hours.
    const { points } = engine.tick(start + 6 * 60 * minute)
    const of = (key: string) =>
      points.findLast(({ indicator, place }) => indicator.id === 'one_stop_overdue' && place.key === key)
    expect(of('s')).toMatchObject({ value: 1, level: 3 })
    expect(of('t')).toMatchObject({ value: 1, level: 1 })
  })
})
