import { describe, expect, test } from 'vitest'
import { nameOf, type OracleEvent } from '../testing/oracle.ts'
import { play } from '../testing/play.ts'
import { infrastructureIndicators } from './infrastructure.ts'

const minuteMs = 60_000
const hourMs = 60 * minuteMs
/** Midnight in Asia/Ho_Chi_Minh. */
const t0 = Date.UTC(2026, 0, 31, 17)

/** Two hours of two sites of a commune: the power of both is cut from 01:00 to 01:30, and of one from 00:10 to 00:20. */
const events = Array.from({ length: 120 }, (_, minute): OracleEvent[] =>
  ['office', 'school'].map((site) => {
    const isCut = (minute >= 60 && minute < 90) || (site === 'school' && minute >= 10 && minute < 20)
    return {
      type: 'site_power',
      site,
      device: 'power',
      area: '24934',
      ts: t0 + minute * minuteMs,
      values: {
        mains: !isCut,
        mains_v: isCut ? 0 : site === 'office' ? 225 : 205,
        battery_percent: isCut && minute >= 60 ? 100 - (minute - 60) * 2 : 100,
        battery_minutes: isCut ? 90 - (minute - 60) : 300,
        load_w: site === 'office' ? 400 : 250,
        // The network of the school has no battery.
        network: !(site === 'school' && isCut),
        latency_ms: minute % 10 === 0 ? 500 : 20,
        loss_percent: 4,
      },
    }
  }),
).flat()
const values = play(infrastructureIndicators, events, t0 + 26 * hourMs)
const of = (id: string, scope: 'site' | 'area', ms: number, site = 'office') =>
  values.get(nameOf(id, scope, scope === 'area' ? '24934' : site, undefined, t0 + ms))

describe('a power cut', () => {
  test('takes its share of the time, and is counted for each site', () => {
    expect(of('power_mains_1h', 'site', 2 * hourMs)).toMatchObject({ value: 50, level: 3 })
    expect(of('power_mains_1h', 'area', hourMs)?.value).toBeCloseTo(100 - 100 / 12)
    expect(of('power_outages_1d', 'site', 24 * hourMs)?.value).toBe(1)
    expect(of('power_outages_1d', 'area', 24 * hourMs)?.value).toBe(3)
    expect(of('power_outage_time_1d', 'area', 24 * hourMs)?.value).toBeCloseTo(70 / 60)
  })

  test('shows how many sites are without mains now', () => {
    const now = (minutes: number) => of('power_off_now', 'area', minutes * minuteMs)
    expect([10, 20, 30, 80, 100].map((minutes) => now(minutes)?.value)).toEqual([0, 1, 0, 2, 0])
    expect(now(80)?.level).toBe(1)
  })

  test('empties the batteries; the voltage is that while there are mains', () => {
    expect(of('power_battery_min_1h', 'site', 2 * hourMs)).toMatchObject({ value: 42, level: 1 })
    expect(of('power_battery_time_min_1h', 'site', 2 * hourMs)?.value).toBe(61)
    expect(of('power_voltage_min_1h', 'site', 2 * hourMs)).toMatchObject({ value: 225, level: 0 })
    expect(of('power_voltage_min_1h', 'area', 2 * hourMs)).toMatchObject({ value: 205, level: 1 })
    expect(of('power_load', 'area', hourMs)?.value).toBe(650)
  })
})

test('the network is up for its share of the time, and as slow as its slowest answers', () => {
  expect(of('network_up_1h', 'site', 2 * hourMs, 'school')).toMatchObject({ value: 50, level: 3 })
  expect(of('network_down_now', 'area', 80 * minuteMs)).toMatchObject({ value: 1, level: 1 })
  expect(of('network_outages_1d', 'area', 24 * hourMs)?.value).toBe(2)
  expect(of('network_latency_p95_1h', 'site', hourMs)?.value).toBe(500)
  expect(of('network_loss_1h', 'area', hourMs)).toMatchObject({ value: 4, level: 2 })
})
