import { defaultParameters } from '@ioc/contract/district/parameters.ts'
import { describe, expect, test } from 'vitest'
import { nameOf, type OracleEvent } from '../testing/oracle.ts'
import { play } from '../testing/play.ts'
import { serviceLevelOf, trafficIndicators } from './traffic.ts'

const minuteMs = 60_000
/** Midnight in Asia/Ho_Chi_Minh. */
const t0 = Date.UTC(2026, 0, 31, 17)
const perMinute = { motorbike: 30, car: 6, trailer: 1, rickshaw: 2 }

/** One record of each class a minute, as long as `minutes`. */
function road(device: string, minutes: number): OracleEvent[] {
  return Array.from({ length: minutes }, (_, minute) =>
    Object.entries(perMinute).map(([vehicle_class, vehicles]) => ({
      type: 'traffic',
      site: 's',
      device,
      ts: t0 + minute * minuteMs,
      values: {
        vehicle_class,
        vehicles,
        // Switched off and on after half an hour.
        vehicles_total: vehicles * (minute < 30 ? 1000 + minute : minute - 30),
        speed_kmh: minute % 20,
        occupancy_percent: vehicles,
      },
    })),
  ).flat()
}

const end = t0 + 60 * minuteMs
const byTime = (a: OracleEvent, b: OracleEvent) => a.ts - b.ts

describe('traffic', () => {
  const values = play(
    trafficIndicators(defaultParameters),
    [...road('a', 90), ...road('b', 90)].sort(byTime),
    t0 + 26 * 60 * minuteMs,
  )
  const found = (id: string, { scope = 'device' as 'device' | 'site', group = undefined as string | undefined } = {}) =>
    values.get(nameOf(id, scope, scope === 'device' ? 's/a' : 's', group, end))?.value

  test('flow is vehicles an hour, of all classes and of each', () => {
    expect(found('traffic_flow_15m')).toBe(39 * 60)
    expect(found('traffic_flow_15m', { scope: 'site' })).toBe(2 * 39 * 60)
    expect(found('traffic_class_flow_15m', { group: 'motorbike' })).toBe(30 * 60)
    expect(found('traffic_class_flow_15m', { group: 'rickshaw' })).toBe(2 * 60)
  })

  test('passenger-car units weigh each class, and leave unknown ones out', () => {
    expect(found('traffic_pcu_15m')).toBeCloseTo((30 * 0.3 + 6 * 1 + 1 * 4) * 60)
  })

  test('speeds and occupancy', () => {
    // The last quarter holds the minutes 45 to 59.
    expect(found('traffic_speed_15m')).toBeCloseTo(12)
    expect(Math.abs((found('traffic_speed_p85_15m') as number) - 17)).toBeLessThanOrEqual(0.17)
    expect(found('traffic_occupancy_15m')).toBeCloseTo(39 / 4)
  })

  test('vehicles are counted by their counter, which may begin again', () => {
    // 29 steps, then from 0 on, 29 steps more.
    expect(found('traffic_vehicles_1h', { group: 'car' })).toBe(58 * 6)
    expect(found('traffic_vehicles_1h', { group: 'car', scope: 'site' })).toBe(2 * 58 * 6)
    const midnight = nameOf('traffic_vehicles_1d', 'device', 's/a', 'car', t0 + 24 * 60 * minuteMs)
    expect(values.get(midnight)?.value).toBe(88 * 6)
  })
})

describe('the flow of traffic', () => {
  const hourMs = 60 * minuteMs
  const dayMs = 24 * hourMs
  /** 60 km/h by night, slow in the evening; most vehicles from 17:00 to 18:00. */
  const events = Array.from({ length: 3 * 24 * 4 }, (_, index): OracleEvent[] => {
    const hour = (index / 4) % 24
    const speed_kmh = hour >= 17 && hour < 18 ? 21 : hour >= 12 && hour < 13 ? 41 : 60
    const vehicles = hour >= 17 && hour < 18 ? 40 : 10
    return ['motorbike', 'truck', 'rickshaw'].map((vehicle_class) => ({
      type: 'traffic',
      site: 's',
      device: 'a',
      ts: t0 + index * 15 * minuteMs,
      values: { vehicle_class, vehicles, ...(vehicle_class === 'truck' ? {} : { speed_kmh }) },
    }))
  }).flat()
  const values = play(trafficIndicators(defaultParameters), events, t0 + 11 * dayMs)
  const at = (id: string, ms: number) => values.get(nameOf(id, 'device', 's/a', undefined, t0 + ms))

  test('is of a level of service by its speed against that of the nights before', () => {
    const on = (day: number, hour: number) => at('traffic_service_level_1h', day * dayMs + hour * hourMs)
    expect(at('traffic_free_flow_7d', 2 * dayMs)?.value).toBe(60)
    // 60 ÷ 60, 41 ÷ 60 = 68 %, 21 ÷ 60 = 35 %.
    expect(on(1, 9)).toMatchObject({ value: 1, level: 0 })
    expect(on(1, 13)).toMatchObject({ value: 2, level: 0 })
    expect(on(1, 18)).toMatchObject({ value: 5, level: 2 })
    expect(at('traffic_travel_time_index_1h', dayMs + 18 * hourMs)?.value).toBeCloseTo(60 / 21)
  })

  test.each([
    // Only the hour from 17:00 on, only that from 12:00 on, and all of the day but the last hour.
    [[17, 18], 85, 21],
    [[12, 13], 85, 41],
    [[0, 23], 1, 21],
  ])('the speed of a free road is that of the night %j, at the percentile %i', (night, percentile, speed) => {
    const { free_flow_night, free_flow_percentile } = defaultParameters
    const parameters = {
      ...defaultParameters,
      free_flow_night: { ...free_flow_night, value: night },
      free_flow_percentile: { ...free_flow_percentile, value: percentile },
    }
    const changed = play(trafficIndicators(parameters), events, t0 + 3 * dayMs)
    const found = changed.get(nameOf('traffic_free_flow_7d', 'device', 's/a', undefined, t0 + 2 * dayMs))?.value
    expect(Math.abs((found as number) - speed)).toBeLessThanOrEqual(0.01 * speed)
  })

  test.each([
    [86, 1],
    [85, 2],
    [67.1, 2],
    [67, 3],
    [50, 4],
    [40, 5],
    [30.1, 5],
    [30, 6],
    [0, 6],
  ])('%f %% of the free-flow speed is level %i', (share, level) => {
    expect(serviceLevelOf(share, defaultParameters.service_level_limits.value)).toBe(level)
  })

  test('has its peak hour in the evening', () => {
    expect(at('traffic_flow_1h', dayMs + 18 * hourMs)?.value).toBe(3 * 4 * 40)
    expect(at('traffic_peak_flow_1d', 2 * dayMs)?.value).toBe(480)
    expect(at('traffic_peak_hour_1d', 2 * dayMs)?.value).toBe(17)
    expect(at('traffic_peak_share_1d', 2 * dayMs)?.value).toBeCloseTo((100 * 480) / (23 * 120 + 480))
  })

  test('is made of classes, of which unknown ones have no units', () => {
    expect(at('traffic_pcu_1h', dayMs + 18 * hourMs)?.value).toBeCloseTo(160 * 0.3 + 160 * 2)
    expect(at('traffic_pcu_1d', 2 * dayMs)?.value).toBeCloseTo((23 * 40 + 160) * 2.3)
    expect(at('traffic_motorbike_share_1h', dayMs + hourMs)?.value).toBe(50)
    expect(at('traffic_heavy_share_1h', dayMs + hourMs)?.value).toBe(50)
    expect(at('traffic_speed_known_1h', dayMs + hourMs)).toMatchObject({ value: expect.closeTo(200 / 3), level: 2 })
    expect(at('traffic_per_minute_5m', dayMs + 5 * minuteMs)?.value).toBe(6)
  })
})
