import { defaultParameters } from '@ioc/contract/district/parameters.ts'
import { describe, expect, test } from 'vitest'
import { nameOf, type OracleEvent } from '../testing/oracle.ts'
import { play } from '../testing/play.ts'
import { trafficIndicators } from './traffic.ts'

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
