import { defaultParameters } from '@ioc/contract/district/parameters.ts'
import { describe, expect, test } from 'vitest'
import { nameOf, type OracleEvent } from '../../testing/oracle.ts'
import { play } from '../../testing/play.ts'
import { weatherIndicators } from '../weather/weather.ts'
import { forestIndicators } from './forest.ts'

const hourMs = 3_600_000
const dayMs = 24 * hourMs
/** Midnight before 13 April in Asia/Ho_Chi_Minh. */
const april13 = Date.UTC(2026, 3, 12, 17)

/** The published example of the FWI uses the day lengths of Canada. */
const parameters = {
  ...defaultParameters,
  fire_weather_day_lengths: {
    ...defaultParameters.fire_weather_day_lengths,
    value: [6.5, 7.5, 9, 12.8, 13.9, 13.9, 12.4, 10.9, 9.4, 8, 7, 6],
  },
  fire_weather_month_factors: {
    ...defaultParameters.fire_weather_month_factors,
    value: [-1.6, -1.6, -1.6, 0.9, 3.8, 5.8, 6.4, 5, 2.4, 0.4, -1.6, -1.6],
  },
}

const at = (type: string, device: string, ts: number, values: OracleEvent['values']): OracleEvent => ({
  type,
  site: 'post',
  area: '24934',
  device,
  ts,
  values,
})

/** Van Wagner & Pickett (1985): T, RH, wind, rain at noon → FFMC, DMC, DC, ISI, BUI, FWI. */
const published = [
  [17, 42, 25, 0, 87.7, 8.5, 19.0, 10.9, 8.5, 10.1],
  [20, 21, 25, 2.4, 86.2, 10.4, 23.6, 8.8, 10.4, 9.3],
  [8.5, 40, 17, 0, 87.0, 11.8, 26.1, 6.5, 11.7, 7.6],
  [6.5, 25, 6, 0, 88.8, 13.2, 28.2, 4.9, 13.1, 6.2],
  [13, 34, 24, 0, 89.1, 15.4, 31.5, 12.6, 15.3, 14.8],
  [6, 40, 22, 0.4, 88.7, 16.5, 33.5, 10.7, 16.4, 13.5],
  [5.5, 52, 6, 0, 87.4, 17.2, 35.4, 4.0, 17.1, 5.9],
  [8.5, 46, 16, 0, 87.4, 18.5, 37.9, 6.6, 18.4, 9.7],
  [9.5, 54, 20, 0, 86.8, 19.7, 40.6, 7.4, 19.6, 11.0],
  [7, 93, 14, 9, 29.9, 10.1, 29.5, 0.0, 10.9, 0.0],
] as const

/** The published days as a post measures them: a half of the rain on the afternoon before, other weather after noon. */
function publishedDays(type: string): OracleEvent[] {
  return published.flatMap(([temperature_c, humidity_percent, wind_kmh, rain], day) => {
    const [midnight, next] = [april13 + day * dayMs, published[day + 1]?.[3] ?? 0]
    return [
      at(type, 'p', midnight + 6 * hourMs, {
        temperature_c: 1,
        humidity_percent: 99,
        rain_mm: day === 0 ? rain : rain / 2,
      }),
      at(type, 'p', midnight + 12 * hourMs + 600_000, { temperature_c, humidity_percent, wind_kmh }),
      at(type, 'p', midnight + 13 * hourMs, {
        temperature_c: 30,
        humidity_percent: 50,
        wind_kmh: 90,
        rain_mm: next / 2,
      }),
    ]
  })
}

describe('fire danger', () => {
  test.each([
    ['forest_post', 'forest', forestIndicators(parameters)],
    ['weather', 'weather', weatherIndicators(parameters)],
  ] as const)('of a %s: the FWI of the published days, and the index P beside it', (type, prefix, indicators) => {
    const values = play(indicators, publishedDays(type), april13 + 12 * dayMs)
    const found = (id: string, day: number) =>
      values.get(nameOf(`${prefix}_${id}`, 'device', 'post/p', undefined, april13 + (day + 1) * dayMs))
    for (const [day, [, , , , ...expected]] of published.entries()) {
      const six = ['ffmc', 'dmc', 'dc', 'isi', 'bui', 'fwi'].map((id) => found(id, day)?.value ?? Number.NaN)
      for (const [index, value] of six.entries()) {
        expect(Math.abs(value - (expected[index] as number))).toBeLessThan(0.1)
      }
    }
    // Saturation at 30 °C is 42.4 hPa, of which a half is lacking; rain of 4.5 mm on a day does not reset P.
    expect(found('drying_1d', 0)?.value).toBeCloseTo(30 * 21.2, -1)
    expect(found('fire_p', 3)?.value).toBeCloseTo(4 * (found('drying_1d', 0)?.value ?? 0))
    expect(found('fire_level', 3)).toMatchObject({ value: 3, level: 1 })
    expect(values.has(nameOf(`${prefix}_fwi`, 'device', 'post/p', undefined, april13 + 11 * dayMs))).toBe(false)
  })

  test('carries the mark of what is to be verified', () => {
    const all = forestIndicators(defaultParameters)
    for (const id of ['forest_fire_p', 'forest_fire_level', 'forest_ffmc', 'forest_fwi']) {
      expect(all.find((one) => one.id === id)?.unconfirmed, id).toBeDefined()
    }
    expect(all.find((one) => one.id === 'forest_dc')?.unconfirmed?.en).toContain('Lawson & Armitage')
  })
})

test('posts report smoke, hotspots, patrols and violations, which add up', () => {
  const events = Array.from({ length: 12 }, (_, index) => index).flatMap((index) =>
    ['p', 'q'].map((device) =>
      at('forest_post', device, april13 + index * 600_000, {
        smoke: device === 'q' && index >= 9,
        patrols: 1,
        violations: device === 'p' && index === 3 ? 1 : 0,
        hotspots: index === 5 ? 2 : 0,
      }),
    ),
  )
  const values = play(forestIndicators(defaultParameters), events, april13 + 2 * dayMs)
  const ofArea = (id: string, ms: number) => values.get(nameOf(id, 'area', '24934', undefined, april13 + ms))
  // From 01:30 to 02:00, when nobody says more.
  expect(ofArea('forest_smoke_1h', 2 * hourMs)).toMatchObject({ value: 30, level: 3 })
  expect(ofArea('forest_smoke_posts', hourMs)).toMatchObject({ value: 0, level: 0 })
  expect(ofArea('forest_smoke_posts', 2 * hourMs)).toMatchObject({ value: 1, level: 1 })
  expect(ofArea('forest_hotspots_1d', dayMs)).toMatchObject({ value: 4, level: 1 })
  expect(ofArea('forest_patrols_1d', dayMs)?.value).toBe(24)
  expect(ofArea('forest_violations_1d', dayMs)).toMatchObject({ value: 1, level: 1 })
})
