import { defaultParameters } from '@ioc/contract/district/parameters.ts'
import { describe, expect, test } from 'vitest'
import { nameOf, type OracleEvent } from '../../testing/oracle.ts'
import { play } from '../../testing/play.ts'
import { heatIndex } from './comfort.ts'
import { saturationDeficit } from './forest-fire.ts'
import { weatherIndicators } from './weather.ts'

const hourMs = 3_600_000
const dayMs = 24 * hourMs
/** Midnight in Asia/Ho_Chi_Minh. */
const midnight = Date.UTC(2026, 0, 31, 17)

const at = (ts: number, values: Readonly<Record<string, number>>, type = 'weather', device = 'a'): OracleEvent => ({
  type,
  site: 's',
  area: '24934',
  device,
  ts,
  values,
})
const name = (id: string, ts: number) => nameOf(id, 'device', 's/a', undefined, ts)
const indicators = weatherIndicators(defaultParameters)

/** A day that is hottest from 13:00 to 14:00, with all of its rain at 06:00. */
function dayOf(day: number, t13: number, rain = 0): OracleEvent[] {
  return Array.from({ length: 24 }, (_, hour) =>
    at(midnight + day * dayMs + hour * hourMs, {
      temperature_c: hour === 13 ? t13 : 15,
      humidity_percent: hour === 13 ? 40 : 90,
      rain_mm: hour === 6 ? rain : 0,
    }),
  )
}

describe('rain', () => {
  test.each([
    [1, 30, 0],
    [12, 7.9, 0],
    [12, 8, 1],
    [12, 26, 2],
    [12, 50, 2],
    [12, 50.2, 3],
    [24, 15.9, 0],
    [24, 16, 1],
    [24, 51, 2],
    [24, 100, 2],
    [24, 100.2, 3],
  ])('of %i h, %f mm, is of level %i', (hours, mm, level) => {
    const end = midnight + hours * hourMs
    for (const [type, prefix] of [
      ['weather', 'weather'],
      ['rain_gauge', 'gauge'],
    ] as const) {
      const events = [at(midnight, { rain_mm: mm / 2 }, type), at(midnight + 1_800_000, { rain_mm: mm / 2 }, type)]
      const values = play(indicators, events, midnight + 30 * hourMs)
      expect(values.get(name(`${prefix}_rain_${hours}h`, end))).toMatchObject({ value: mm, level })
      expect(values.get(name(`${prefix}_rain_${hours}h`, end + 600_000))?.value).toBe(mm / 2)
    }
  })

  test('adds up over a month; an area has the heaviest fall of any gauge, not the sum of them', () => {
    const rain = (day: number, rain_mm: number, device: string) =>
      at(midnight + day * dayMs + hourMs, { rain_mm }, 'rain_gauge', device)
    const events = [rain(0, 3, 'a'), rain(0, 7, 'b'), rain(5, 40, 'a'), rain(27, 0.5, 'a'), rain(28, 9, 'a')]
    const values = play(indicators, events, midnight + 60 * dayMs)
    // February 2026.
    expect(values.get(name('gauge_rain_month', midnight + 28 * dayMs))?.value).toBe(43.5)
    expect(values.get(name('gauge_rain_month', midnight + 59 * dayMs))?.value).toBe(9)
    const peak = nameOf('gauge_rain_peak_1h', 'area', '24934', undefined, midnight + 2 * hourMs)
    expect(values.get(peak)?.value).toBe(7)
  })
})

describe('the air', () => {
  const events = Array.from({ length: 48 }, (_, half) =>
    at(midnight + half * 1_800_000, {
      temperature_c: half === 27 ? 37.5 : 20,
      humidity_percent: half === 27 ? 35 : 80,
      wind_kmh: half === 30 ? 63 : 10,
      pressure_hpa: 890 - half / 2,
    }),
  )
  const values = play(indicators, events, midnight + 2 * dayMs)

  test('has extremes and means', () => {
    const ofDay = (id: string) => values.get(name(id, midnight + dayMs))
    expect(ofDay('weather_temperature_max_1d')).toMatchObject({ value: 37.5, level: 2 })
    expect(ofDay('weather_temperature_min_1d')?.value).toBe(20)
    expect(ofDay('weather_temperature_1d')?.value).toBeCloseTo((47 * 20 + 37.5) / 48)
    expect(ofDay('weather_humidity_min_1d')?.value).toBe(35)
    expect(values.get(name('weather_temperature_1h', midnight + 14 * hourMs))?.value).toBeCloseTo((20 + 37.5) / 2)
  })

  test('of a strong wind has a level, once there are three measurements', () => {
    const level = (minutes: number) =>
      values.get(name('weather_wind_max_1h', midnight + 15 * hourMs + minutes * 60_000))?.level
    // 63 km/h at 15:00; two measurements an hour are enough of none.
    expect(level(60)).toBe(0)
  })

  test('loses pressure by a hectopascal an hour', () => {
    expect(values.get(name('weather_pressure_trend_3h', midnight + 9 * hourMs))?.value).toBeCloseTo(-1)
  })

  test('is as hot as the means of the hour make it feel', () => {
    const found = values.get(name('weather_heat_index_1h', midnight + 14 * hourMs))?.value
    expect(found).toBe(heatIndex((20 + 37.5) / 2, (80 + 35) / 2))
  })
})

describe('forest fire', () => {
  const dry = (t13: number) => t13 * saturationDeficit(t13, 40, defaultParameters.magnus_constants.value)

  test('takes what was measured at 13:00 of each day since it rained', () => {
    const events = [dayOf(0, 31), dayOf(1, 28, 6), dayOf(2, 29), dayOf(3, 30, 4.9)].flat()
    const values = play(indicators, events, midnight + 5 * dayMs)
    const indexes = [1, 2, 3, 4].map((end) => values.get(name('weather_fire_p', midnight + end * dayMs))?.value)
    expect(indexes[0]).toBeCloseTo(dry(31))
    expect(indexes[1]).toBe(0)
    expect(indexes[2]).toBeCloseTo(dry(29))
    expect(indexes[3]).toBeCloseTo(dry(29) + dry(30))
  })

  test('rises to level V in weeks without rain, and looks 60 days back', () => {
    const events = Array.from({ length: 70 }, (_, day) => dayOf(day, 30)).flat()
    const values = play(indicators, events, midnight + 71 * dayMs)
    const at = (id: string, day: number) => values.get(name(id, midnight + day * dayMs))
    expect(at('weather_fire_p', 60)?.value).toBeCloseTo(60 * dry(30))
    expect(at('weather_fire_p', 70)?.value).toBeCloseTo(60 * dry(30))
    expect(at('weather_fire_p', 70)?.level).toBe(3)
    expect([1, 2, 4, 7, 14].map((day) => at('weather_fire_level', day)?.value)).toEqual([1, 2, 3, 4, 5])
    expect(at('weather_fire_level', 14)?.level).toBe(3)
    expect([1, 60, 70].map((day) => at('weather_dry_days', day)?.value)).toEqual([1, 60, 60])
  })
})
