import { describe, expect, test } from 'vitest'
import { buildUp, codesOf, type DayLengths, fireWeather, initialSpread, type NoonWeather } from './fwi.ts'

/** Those of Canada, which the published example uses. */
const canada: DayLengths = {
  hours: [6.5, 7.5, 9, 12.8, 13.9, 13.9, 12.4, 10.9, 9.4, 8, 7, 6],
  factors: [-1.6, -1.6, -1.6, 0.9, 3.8, 5.8, 6.4, 5, 2.4, 0.4, -1.6, -1.6],
}
const april = () => 3

/** Van Wagner & Pickett (1985), from 13 April: T, RH, wind, rain → FFMC, DMC, DC, ISI, BUI, FWI. */
const published = `
17.0 42 25 0.0 87.7  8.5 19.0 10.9  8.5 10.1
20.0 21 25 2.4 86.2 10.4 23.6  8.8 10.4  9.3
 8.5 40 17 0.0 87.0 11.8 26.1  6.5 11.7  7.6
 6.5 25  6 0.0 88.8 13.2 28.2  4.9 13.1  6.2
13.0 34 24 0.0 89.1 15.4 31.5 12.6 15.3 14.8
 6.0 40 22 0.4 88.7 16.5 33.5 10.7 16.4 13.5
 5.5 52  6 0.0 87.4 17.2 35.4  4.0 17.1  5.9
 8.5 46 16 0.0 87.4 18.5 37.9  6.6 18.4  9.7
 9.5 54 20 0.0 86.8 19.7 40.6  7.4 19.6 11.0
 7.0 93 14 9.0 29.9 10.1 29.5  0.0 10.9  0.0
 6.5 71 17 1.0 49.4 10.7 31.6  0.4 11.6  0.2
 6.0 59 17 0.0 67.3 11.4 33.7  1.3 12.3  0.9
13.0 52  4 0.0 77.8 13.0 37.0  1.1 13.9  0.8
15.5 40 11 0.0 85.5 15.4 40.7  3.9 15.9  5.5
23.0 25  9 0.0 91.5 19.8 45.8  8.4 19.8 12.2
19.0 46 16 0.0 89.9 22.5 50.2  9.5 22.4 14.3
18.0 41 20 0.0 90.0 25.2 54.4 11.7 25.1 17.7
14.5 51 16 0.0 88.4 27.0 57.9  7.7 27.0 13.3`
  .trim()
  .split('\n')
  .map((line) => line.trim().split(/\s+/).map(Number) as [number, number, number, number, ...number[]])

const weather: readonly NoonWeather[] = published.map(([temperature, humidity, wind, rain]) => ({
  temperature,
  humidity,
  wind,
  rain,
}))

/** All six, of a day of the example, from what came before. */
function sixOf(days: readonly NoonWeather[]): number[] {
  const codes = codesOf(days.toReversed(), april, canada)
  if (!codes) return []
  const isi = initialSpread(codes.ffmc, days.at(-1)?.wind ?? 0)
  const bui = buildUp(codes.dmc, codes.dc)
  return [codes.ffmc, codes.dmc, codes.dc, isi, bui, fireWeather(isi, bui)]
}

describe('the Fire Weather Index', () => {
  test('of the published days is the published one', () => {
    // The published program rounds what it carries from day to day, so that the last digit may differ.
    for (const [index, row] of published.entries()) {
      const computed = sixOf(weather.slice(0, index + 1))
      for (const [column, expected] of row.slice(4).entries()) {
        expect(Math.abs((computed[column] as number) - expected)).toBeLessThan(0.1)
      }
    }
  })

  test('of the first day has the digits that the reference program prints', () => {
    const expected = [87.69298009, 8.545051136, 19.014, 10.85366107, 8.490426536, 10.09637139]
    expect(sixOf(weather.slice(0, 1)).map((one) => one.toPrecision(10))).toEqual(
      expected.map((one) => one.toPrecision(10)),
    )
  })

  test('takes no day that was not measured, and has no value of one', () => {
    const [first, second] = weather as [NoonWeather, NoonWeather]
    expect(codesOf([undefined, first], april, canada)).toBeUndefined()
    expect(codesOf([second, undefined, first, undefined], april, canada)).toEqual(
      codesOf([second, first], april, canada),
    )
  })

  test('takes the day lengths of the month of each day', () => {
    const [first] = weather as [NoonWeather]
    const [ofApril, ofMay] = [3, 4].map((month) => codesOf([first], () => month, canada))
    // Equation 16 and 22, by hand: 1.894e-4 · 18.1 · 58 · 12.8 = 2.545; (0.36 · 19.8 + 0.9) ÷ 2 = 4.014.
    expect([ofApril?.dmc, ofApril?.dc]).toEqual([expect.closeTo(6 + 2.545, 3), expect.closeTo(15 + 4.014, 3)])
    expect([ofMay?.dmc, ofMay?.dc]).toEqual([expect.closeTo(6 + 2.764, 3), expect.closeTo(15 + 5.464, 3)])
  })

  test('is bounded in weeks of rain, and in months without', () => {
    const wet = Array.from({ length: 60 }, () => ({ temperature: 22, humidity: 100, wind: 0, rain: 60 }))
    const dry = Array.from({ length: 60 }, () => ({ temperature: 34, humidity: 20, wind: 60, rain: 0 }))
    expect(sixOf(wet).every((one) => one >= 0 && one < 5)).toBe(true)
    expect(sixOf(dry)[0]).toBeLessThanOrEqual(101)
    expect(sixOf(dry)[5]).toBeGreaterThan(100)
  })
})
