import { describe, expect, test } from 'vitest'
import { nameOf, type OracleEvent } from '../testing/oracle.ts'
import { play } from '../testing/play.ts'
import { waterIndicators } from './water.ts'

const minuteMs = 60_000
const hourMs = 60 * minuteMs
/** Midnight of 17 November 2025 in Asia/Ho_Chi_Minh. */
const midnight = Date.UTC(2025, 10, 16, 17)

/** What a device says every so many minutes until a time, in hours. */
function series(
  type: string,
  device: string,
  minutes: number,
  until: number,
  say: (hour: number) => OracleEvent['values'],
): OracleEvent[] {
  return Array.from({ length: (until * 60) / minutes }, (_, index) => ({
    type,
    site: 's',
    area: '24934',
    device,
    ts: midnight + index * minutes * minuteMs,
    values: say((index * minutes) / 60),
  }))
}

const found = (values: ReturnType<typeof play>, id: string, hour: number, device = 'a') =>
  values.get(nameOf(id, 'device', `s/${device}`, undefined, midnight + hour * hourMs))

describe('the reservoir', () => {
  // 17 November 2025: 1,042.042 m at 10:00, inflow 1,075.6 m³/s, spill from 500 to 600 m³/s.
  const flood = series('reservoir', 'a', 10, 12, (hour) => ({
    level_m: 1042.042 + 0.03 * (hour - 10),
    normal_level_m: 1042,
    inflow_m3s: 1075.6,
    spill_m3s: hour < 10 ? 500 : 600,
    turbine_m3s: 40,
    volume_m3: 165e6,
    capacity_m3: 165e6,
  }))
  const other = series('reservoir', 'b', 10, 12, () => ({ volume_m3: 5e6, capacity_m3: 35e6 }))
  const events = [...flood, ...other].sort((a, b) => a.ts - b.ts)
  const values = play(waterIndicators, events, midnight + 30 * hourMs)

  test('of the flood rises by 3 cm an hour, and stands above its normal level', () => {
    expect(found(values, 'reservoir_rise_1h', 10)?.value).toBeCloseTo(0.03)
    expect(found(values, 'reservoir_rise_3h', 10)?.value).toBeCloseTo(0.03)
    expect(found(values, 'reservoir_level', 10)?.value).toBeCloseTo(1042.042 - 0.005)
    expect(found(values, 'reservoir_above_normal', 10)).toMatchObject({ value: expect.closeTo(0.037), level: 2 })
    expect(found(values, 'reservoir_above_normal', 8)).toMatchObject({ value: expect.closeTo(-0.023), level: 1 })
    expect(found(values, 'reservoir_level_max_1d', 24)?.value).toBeCloseTo(1042.042 + 0.03 * (11 + 5 / 6 - 10))
  })

  test('takes in more than it lets out', () => {
    expect(found(values, 'reservoir_inflow_1h', 10)?.value).toBeCloseTo(1075.6)
    expect(found(values, 'reservoir_balance_1h', 10)?.value).toBeCloseTo(535.6)
    expect(found(values, 'reservoir_balance_1h', 11)?.value).toBeCloseTo(435.6)
    expect(found(values, 'reservoir_spill_share_1h', 10)?.value).toBeCloseTo(46.49, 1)
    expect(found(values, 'reservoir_spill_max_1d', 24)?.value).toBe(600)
  })

  test('fills with others the capacity of an area', () => {
    expect(found(values, 'reservoir_filling', 10)?.value).toBeCloseTo(100)
    const ofArea = nameOf('reservoir_filling', 'area', '24934', undefined, midnight + 10 * hourMs)
    expect(values.get(ofArea)?.value).toBeCloseTo(85)
  })
})

test('a river that rises fast has a level, however often its gauge reports', () => {
  const every10 = series('river', 'a', 10, 6, (hour) => ({ level_m: 2 + 0.6 * hour, flow_m3s: 100 * hour }))
  const every15 = series('river', 'b', 15, 6, (hour) => ({ level_m: 9 - 0.2 * hour, flow_m3s: 10 }))
  const values = play(
    waterIndicators,
    [...every10, ...every15].sort((a, b) => a.ts - b.ts),
    midnight + 30 * hourMs,
  )
  expect(found(values, 'river_rise_1h', 3)).toMatchObject({ value: expect.closeTo(0.6), level: 2 })
  expect(found(values, 'river_rise_3h', 4)).toMatchObject({ value: expect.closeTo(0.6), level: 2 })
  expect(found(values, 'river_rise_1h', 3, 'b')).toMatchObject({ value: expect.closeTo(-0.2), level: 0 })
  expect(found(values, 'river_flow_max_1d', 24)?.value).toBeCloseTo(583.3, 0)
})

test('the worst index of an area has the band and the level of VN_WQI', () => {
  const index = (device: string, wqi: number) =>
    series('water_quality', device, 30, 6, () => ({ wqi, dissolved_oxygen_mgl: 4.8, ph: 5.9, ammonium_mgl: 0.5 }))
  const events = [...index('a', 93), ...index('b', 24)].sort((a, b) => a.ts - b.ts)
  const values = play(waterIndicators, events, midnight + 30 * hourMs)
  const ofArea = (id: string, hour: number) =>
    values.get(nameOf(id, 'area', '24934', undefined, midnight + hour * hourMs))
  expect(ofArea('water_wqi', 4)).toMatchObject({ value: 24, level: 2 })
  expect(found(values, 'water_wqi', 4)).toMatchObject({ value: 93, level: 0 })
  expect(ofArea('water_oxygen_2h', 4)).toMatchObject({ value: expect.closeTo(4.8), level: 2 })
  expect(ofArea('water_ph_min_1d', 24)).toMatchObject({ value: 5.9, level: 2 })
  expect(ofArea('water_ammonium_2h', 4)).toMatchObject({ level: 1 })
})

test('a slope that moves has a level', () => {
  const events = series('soil', 'a', 30, 24, (hour) => ({
    tilt_deg: hour < 20 ? 0.1 : 1.4,
    pore_pressure_kpa: 5 + hour,
    moisture_percent: 40,
  }))
  const values = play(waterIndicators, events, midnight + 60 * hourMs)
  expect(found(values, 'soil_tilt_range_24h', 20)).toMatchObject({ value: 0, level: 0 })
  expect(found(values, 'soil_tilt_range_24h', 24)).toMatchObject({ value: expect.closeTo(1.3), level: 2 })
  expect(found(values, 'soil_pore_pressure_trend_24h', 24)?.value).toBeCloseTo(1)
})
