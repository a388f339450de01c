import { defaultParameters } from '@ioc/contract/district/parameters.ts'
import { describe, expect, test } from 'vitest'
import { nameOf, type OracleEvent } from '../../testing/oracle.ts'
import { play } from '../../testing/play.ts'
import { saturationDeficit } from './forest-fire.ts'
import { weatherIndicators } from './weather.ts'

const hourMs = 3_600_000
const dayMs = 24 * hourMs
/** Midnight in Asia/Ho_Chi_Minh. */
const midnight = Date.UTC(2026, 0, 31, 17)

const at = (ts: number, values: Readonly<Record<string, number>>): OracleEvent => ({
  type: 'weather',
  site: 's',
  device: 'a',
  ts,
  values,
})
const name = (id: string, ts: number) => nameOf(id, 'device', 's/a', undefined, ts)

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
    const events = [at(midnight, { rain_mm: mm / 2 }), at(midnight + 1_800_000, { rain_mm: mm / 2 })]
    const values = play(weatherIndicators(defaultParameters), events, midnight + 30 * hourMs)
    const end = midnight + hours * hourMs
    expect(values.get(name(`weather_rain_${hours}h`, end))).toMatchObject({ value: mm, level })
    expect(values.get(name(`weather_rain_${hours}h`, end + 600_000))?.value).toBe(mm / 2)
  })
})

describe('forest fire', () => {
  const dry = (t13: number) => t13 * saturationDeficit(t13, 40)

  test('takes what was measured at 13:00 of each day since it rained', () => {
    const events = [dayOf(0, 31), dayOf(1, 28, 6), dayOf(2, 29), dayOf(3, 30, 4.9)].flat()
    const values = play(weatherIndicators(defaultParameters), events, midnight + 5 * dayMs)
    const indexes = [1, 2, 3, 4].map((end) => values.get(name('weather_fire_p', midnight + end * dayMs))?.value)
    expect(indexes[0]).toBeCloseTo(dry(31))
    expect(indexes[1]).toBe(0)
    expect(indexes[2]).toBeCloseTo(dry(29))
    expect(indexes[3]).toBeCloseTo(dry(29) + dry(30))
  })

  test('rises to level V in weeks without rain, and looks 60 days back', () => {
    const events = Array.from({ length: 70 }, (_, day) => dayOf(day, 30)).flat()
    const values = play(weatherIndicators(defaultParameters), events, midnight + 71 * dayMs)
    const at = (id: string, day: number) => values.get(name(id, midnight + day * dayMs))
    expect(at('weather_fire_p', 60)?.value).toBeCloseTo(60 * dry(30))
    expect(at('weather_fire_p', 70)?.value).toBeCloseTo(60 * dry(30))
    expect(at('weather_fire_p', 70)?.level).toBe(3)
    expect([1, 2, 4, 7, 14].map((day) => at('weather_fire_level', day)?.value)).toEqual([1, 2, 3, 4, 5])
    expect(at('weather_fire_level', 14)?.level).toBe(3)
  })
})
