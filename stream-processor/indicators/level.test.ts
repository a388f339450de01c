import { findDeviceType } from '@ioc/contract/device-types/table.ts'
import { describe, expect, test } from 'vitest'
import { max, sum } from '../engine/aggregates/aggregates.ts'
import { indicator } from './indicator.ts'
import { measuredLevelOf, requiredSamples } from './level.ts'
import { indicators } from './table.ts'

const levels = { direction: 'above', attention: 70, warning: 85, critical: 95 } as const
const common = { title: { vi: '', en: '' }, unit: '%', scopes: ['device'], levels } as const
const cpuOver = (size_s: number, minSamples?: number) =>
  indicator({
    ...common,
    id: 'cpu',
    source: 'system',
    aggregates: { value: max('cpu_percent') },
    window: { kind: 'sliding', size_s, every_s: 10 },
    ...(minSamples === undefined ? {} : { minSamples }),
    value: ({ value }) => value,
  })

describe('a measured value', () => {
  test('has no level until its window has enough measurements', () => {
    const fiveMinutes = cpuOver(300)
    expect([1, 2, 3, 30].map((samples) => measuredLevelOf(fiveMinutes, 99, samples))).toEqual([0, 0, 3, 3])
    expect(measuredLevelOf(fiveMinutes, 90, 3)).toBe(2)
    expect(measuredLevelOf(fiveMinutes, 10, 3)).toBe(0)
  })

  test('has one at once where the window is no longer than the cadence, or the declaration says so', () => {
    expect(measuredLevelOf(cpuOver(10), 99, 1)).toBe(3)
    expect(measuredLevelOf(cpuOver(3600, 1), 99, 1)).toBe(3)
    const rain = indicator({
      ...common,
      id: 'rain',
      source: 'weather',
      aggregates: { value: sum('rain_mm') },
      window: { kind: 'calendar', unit: 'day' },
      value: ({ value }) => value,
    })
    expect([measuredLevelOf(rain, 99, 2), measuredLevelOf(rain, 99, 3)]).toEqual([0, 3])
  })
})

test('of what is declared, only sums where more is worse, and sources of one record a day, have a level at once', () => {
  const atOnce = indicators.filter(
    (one) => one.kind === 'measured' && one.levels !== undefined && requiredSamples(one) === 1,
  )
  for (const one of atOnce) {
    const isDaily = (findDeviceType(one.source)?.cadence_s ?? 0) >= 86_400
    const isRisingSum = one.formula.startsWith('sum(') && one.levels?.direction === 'above'
    expect([one.id, isDaily || isRisingSum]).toEqual([one.id, true])
  }
})
