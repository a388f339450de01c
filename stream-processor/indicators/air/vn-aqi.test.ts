import { bandOf } from '@ioc/contract/messages/live.ts'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  aqiOf,
  type DailyConcentrations,
  dailyIndex as dailyIndexOf,
  highestIndex,
  hourlyIndex,
  nowCast,
  type Pollutant,
  vnAqiBands,
} from './vn-aqi.ts'

/** Of the decision's example, the newest first. */
const example = [20.6, 19.6, 22.4, 20.3, 16.5, 19.0, 16.5, 19.5, 23.5, 20.5, 24.7, 26.9]
const pollutants: readonly Pollutant[] = ['o3_1h', 'o3_8h', 'co', 'so2', 'no2', 'pm10', 'pm25']

describe('VN_AQI of one pollutant', () => {
  test.each([
    ['o3_1h', 136.1, 42.53],
    ['no2', 118.7, 59.35],
    ['pm25', 55.7, 109.5],
    ['pm25', 20.27, 40.54],
  ] as const)('%s of %f µg/m³ is %f', (pollutant, concentration, index) => {
    expect(aqiOf(pollutant, concentration)).toBeCloseTo(index, 2)
  })

  test.each([
    ['o3_1h', [160, 200, 300, 400, 800, 1000, 1200]],
    ['o3_8h', [100, 120, 170, 210, 400]],
    ['co', [10_000, 30_000, 45_000, 60_000, 90_000, 120_000, 150_000]],
    ['so2', [125, 350, 550, 800, 1600, 2100, 2630]],
    ['no2', [100, 200, 700, 1200, 2350, 3100, 3850]],
    ['pm10', [50, 150, 250, 350, 420, 500, 600]],
    ['pm25', [25, 50, 80, 150, 250, 350, 500]],
  ] as const)('the breakpoints of %s are those of the decision', (pollutant, concentrations) => {
    const indexes = [50, 100, 150, 200, 300, 400, 500].slice(0, concentrations.length)
    expect(concentrations.map((concentration) => aqiOf(pollutant, concentration))).toEqual(indexes)
    expect(aqiOf(pollutant, 0)).toBe(0)
  })

  test('ends at 500, but leaves 8 hours of O₃ above 400 out', () => {
    expect(aqiOf('pm25', 10_000)).toBe(highestIndex)
    expect(aqiOf('o3_8h', 400.1)).toBeUndefined()
  })

  test('never falls when the concentration rises, and does not jump', () => {
    const step = fc.record({
      pollutant: fc.constantFrom(...pollutants),
      low: fc.double({ min: 0, max: 390, noNaN: true }),
    })
    fc.assert(
      fc.property(step, ({ pollutant, low }) => {
        const rise = (aqiOf(pollutant, low + 0.001) as number) - (aqiOf(pollutant, low) as number)
        expect(rise).toBeGreaterThanOrEqual(0)
        expect(rise).toBeLessThan(0.01)
      }),
    )
  })

  test('has no value of none, or of less than nothing', () => {
    expect(aqiOf('co', undefined)).toBeUndefined()
    expect(aqiOf('co', -1)).toBeUndefined()
  })
})

describe('NowCast', () => {
  test('is that of the example, whose hours go back from 20:00 to 09:00', () => {
    expect(nowCast(example)).toBeCloseTo(20.27, 2)
  })

  test('halves the weights from hour to hour where values differ by more than twice', () => {
    expect(nowCast([100, 40, 10])).toBeCloseTo(100 / 2 + 40 / 4 + 10 / 8)
    expect(nowCast([100, 50])).toBeCloseTo(100 / 2 + 50 / 4)
  })

  test('gives a missing hour no weight', () => {
    expect(nowCast([20, undefined, 16])).toBeCloseTo((20 + 0.8 ** 2 * 16) / (1 + 0.8 ** 2))
    expect(nowCast([100, undefined, 10])).toBeCloseTo(100 / 2 + 10 / 8)
  })

  test('needs two of the newest three hours, and looks at twelve', () => {
    expect(nowCast([20, undefined, undefined, 20, 20])).toBeUndefined()
    expect(nowCast([undefined, 20, 20])).toBeCloseTo(20)
    expect(nowCast([...example, 900])).toBe(nowCast(example))
    expect(nowCast([0, 0, 0])).toBe(0)
  })
})

const minHours = 18
const dailyIndex = (of: DailyConcentrations) => dailyIndexOf(of, minHours)

/** As many hours of one value as a day needs, or as it says. */
const hours = (value: number, count = minHours) => Array.from({ length: count }, () => value)

describe('VN_AQI', () => {
  test('of an hour is the largest of the pollutants', () => {
    expect(hourlyIndex({ pm25: example })).toBe(41)
    expect(hourlyIndex({ pm25: example, o3: 136.1 })).toBe(43)
    expect(hourlyIndex({ pm25: example, o3: 136.1, no2: 118.7 })).toBe(59)
    expect(hourlyIndex({ pm10: [50, 50], co: 20_000 })).toBe(75)
    expect(hourlyIndex({ pm10: [50, 50], so2: 350 })).toBe(100)
  })

  test('needs PM2.5 or PM10', () => {
    expect(hourlyIndex({ o3: 136.1, no2: 118.7, so2: 350, co: 20_000 })).toBeUndefined()
    expect(hourlyIndex({ pm25: [20], o3: 136.1 })).toBeUndefined()
    expect(dailyIndex({ o3: [136.1], no2: [118.7] })).toBeUndefined()
  })

  test('of a day takes the mean of PM, the largest hours, and rounds halves up', () => {
    expect(dailyIndex({ pm25: hours(55.7) })).toBe(110)
    expect(dailyIndex({ pm25: [...hours(40.7, 9), undefined, ...hours(70.7, 9)] })).toBe(110)
    expect(dailyIndex({ pm10: hours(50), no2: [10, 118.7, undefined, 20] })).toBe(59)
    expect(dailyIndex({ pm10: hours(50), so2: [125, 350] })).toBe(100)
    expect(dailyIndex({ pm10: hours(50), co: [30_000, 1] })).toBe(100)
  })

  test('of a day needs 18 hours of PM2.5 or of PM10', () => {
    expect(dailyIndex({ pm25: hours(55.7, 17) })).toBeUndefined()
    expect(dailyIndex({ pm25: hours(55.7, 17), pm10: hours(50, 17) })).toBeUndefined()
    expect(dailyIndex({ pm25: hours(55.7, 17), pm10: hours(50, 18) })).toBe(50)
  })

  test('of a day takes the larger index of O₃, without 8 hours above 400', () => {
    expect(dailyIndex({ pm10: hours(0), o3: [160], o3_8h: [120, 90] })).toBe(100)
    expect(dailyIndex({ pm10: hours(0), o3: [300], o3_8h: [120] })).toBe(150)
    expect(dailyIndex({ pm10: hours(0), o3: [200], o3_8h: [401] })).toBe(100)
  })

  test.each([
    [0, 'Tốt', [0, 228, 0]],
    [50, 'Tốt', [0, 228, 0]],
    [51, 'Trung bình', [255, 255, 0]],
    [101, 'Kém', [255, 126, 0]],
    [200, 'Xấu', [255, 0, 0]],
    [201, 'Rất xấu', [143, 63, 151]],
    [301, 'Nguy hại', [126, 0, 35]],
    [500, 'Nguy hại', [126, 0, 35]],
  ] as const)('%i is %s', (index, name, colour) => {
    expect(bandOf(index, vnAqiBands)).toMatchObject({ title: { vi: name }, colour })
  })
})
