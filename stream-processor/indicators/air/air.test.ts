import { defaultParameters } from '@ioc/contract/district/parameters.ts'
import { describe, expect, test } from 'vitest'
import { nameOf, type OracleEvent } from '../../testing/oracle.ts'
import { engineFor, play, recordsOf } from '../../testing/play.ts'
import { airIndicators } from './air.ts'

const air = airIndicators(defaultParameters)
const hourMs = 3_600_000
/** Midnight in Asia/Ho_Chi_Minh. */
const midnight = Date.UTC(2025, 10, 16, 17)
/** PM2.5 of the hours that end at 09:00 to 20:00: the example of decision 1459/QĐ-TCMT. */
const example = [26.9, 24.7, 20.5, 23.5, 19.5, 16.5, 19.0, 16.5, 20.3, 22.4, 19.6, 20.6]

const at = (device: string, ts: number, values: Readonly<Record<string, number>>): OracleEvent => ({
  type: 'air_quality',
  site: 's',
  area: '24931',
  device,
  ts,
  values,
})

/** Every ten minutes of the hour that ends at the local hour `end`, values around the mean. */
function hourOf(device: string, end: number, metric: string, mean: number): OracleEvent[] {
  return [-5, 5, -3, 3, -1, 1].map((off, index) =>
    at(device, midnight + (end - 1) * hourMs + index * 600_000, { [metric]: mean + off }),
  )
}

const byTime = (events: readonly OracleEvent[]) => [...events].sort((a, b) => a.ts - b.ts)
const indexAt = (end: number, id = 'air_vn_aqi_1h', scope: 'device' | 'area' = 'device', key = 's/a') =>
  nameOf(id, scope, key, undefined, midnight + end * hourMs)

describe('air quality', () => {
  test('the twelve hours of the decision come to 41', () => {
    const events = example.flatMap((mean, index) => hourOf('a', 9 + index, 'pm25', mean))
    const values = play(air, events, midnight + 20 * hourMs + 60_000)
    expect(values.get(indexAt(20))).toEqual({ value: 41, level: 0, samples: 12 })
    expect(values.get(indexAt(20, 'air_pm25_1h'))?.value).toBeCloseTo(20.6)
    expect(values.has(indexAt(9))).toBe(false)
    expect(values.has(indexAt(10))).toBe(true)
  })

  test('the largest pollutant is the index of the hour', () => {
    const events = byTime([
      ...hourOf('a', 9, 'pm25', 20),
      ...hourOf('a', 10, 'pm25', 20),
      ...hourOf('a', 10, 'o3', 136.1),
    ])
    const values = play(air, events, midnight + 11 * hourMs)
    expect(values.get(indexAt(10))?.value).toBe(43)
  })

  test('a day takes the mean of PM, and the largest hour of a gas', () => {
    const pm = Array.from({ length: 24 }, (_, index) => hourOf('a', index + 1, 'pm25', index % 2 === 0 ? 45.7 : 65.7))
    const events = byTime([...pm.flat(), ...hourOf('a', 13, 'no2', 100), ...hourOf('a', 14, 'no2', 700)])
    const values = play(air, events, midnight + 25 * hourMs)
    expect(values.get(indexAt(24, 'air_vn_aqi_1d'))).toMatchObject({ value: 150, level: 1 })
    const withoutGas = play(air, pm.flat(), midnight + 25 * hourMs)
    expect(withoutGas.get(indexAt(24, 'air_vn_aqi_1d'))).toMatchObject({ value: 110, level: 1 })
  })

  test('a day needs 18 hours of PM', () => {
    const hoursOf = (metric: string, count: number) =>
      Array.from({ length: count }, (_, index) => hourOf('a', index + 1, metric, 55.7)).flat()
    const dayOf = (...events: OracleEvent[]) =>
      play(air, byTime(events), midnight + 25 * hourMs).get(indexAt(24, 'air_vn_aqi_1d'))
    expect(dayOf(...hoursOf('pm25', 2))).toBeUndefined()
    expect(dayOf(...hoursOf('pm25', 17))).toBeUndefined()
    expect(dayOf(...hoursOf('pm25', 18))).toMatchObject({ value: 110, level: 1 })
    expect(dayOf(...hoursOf('pm25', 17), ...hoursOf('pm10', 18))).toMatchObject({ value: 53, level: 0 })
  })

  test('eight hours of O₃ count for the day in which they end', () => {
    const pm = Array.from({ length: 18 }, (_, index) => hourOf('a', index + 1, 'pm25', 1)).flat()
    const ozone = Array.from({ length: 8 }, (_, index) => hourOf('a', index + 1, 'o3', 120))
    const events = byTime([...pm, ...ozone.flat()])
    const values = play(air, events, midnight + 25 * hourMs)
    expect(values.get(indexAt(8, 'air_o3_8h'))?.value).toBeCloseTo(120)
    expect(values.get(indexAt(24, 'air_vn_aqi_1d'))?.value).toBe(100)
  })

  test('without PM there is no index, nor anything to take back', () => {
    const engine = engineFor(air, [])
    const records = recordsOf([9, 10, 11].flatMap((end) => hourOf('a', end, 'o3', 100)))
    const { points } = engine.process({ offset: 0, records, next: records.length })
    expect(points.map(({ indicator }) => indicator.id)).toContain('air_o3_1h')
    expect(points.filter(({ value }) => value === undefined)).toEqual([])
  })

  test('the index of an area is that of the means of its stations', () => {
    const events = byTime([9, 10].flatMap((end) => [...hourOf('a', end, 'pm25', 20), ...hourOf('b', end, 'pm25', 30)]))
    const values = play(air, events, midnight + 11 * hourMs)
    expect(values.get(indexAt(10, 'air_vn_aqi_1h', 'area', '24931'))?.value).toBe(50)
    expect(values.get(indexAt(10, 'air_vn_aqi_1h', 'device', 's/b'))?.value).toBe(60)
  })
})

test('hours of a day from Kém on are counted; a day of bad air has a level', () => {
  const events = Array.from({ length: 24 }, (_, index) => hourOf('a', index + 1, 'pm25', index < 18 ? 70 : 10)).flat()
  const values = play(air, events, midnight + 25 * hourMs)
  const index = (end: number) => values.get(indexAt(end))?.value ?? 0
  const bad = Array.from({ length: 24 }, (_, hour) => index(hour + 1)).filter((one) => one >= 101)
  // No index in the first hour, which has no two of three before it; later the NowCast takes some hours to fall.
  expect(bad.length).toBeGreaterThanOrEqual(17)
  expect(values.get(indexAt(24, 'air_unhealthy_hours_1d'))?.value).toBe(bad.length)
  expect(values.get(indexAt(24, 'air_pm25_24h'))).toMatchObject({ value: expect.closeTo(55), level: 1 })
})
