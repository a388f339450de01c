import { deviceTypes } from '@ioc/contract/device-types/table.ts'
import { type CalendarUnit, type Window, windowStepSeconds } from '@ioc/contract/messages/live.ts'
import { describe, expect, test } from 'vitest'
import { max, sum } from '../engine/aggregates/aggregates.ts'
import { indicator, type MeasuredIndicator } from './indicator.ts'
import { measuredLevelOf, requiredMs, requiredSamples } from './level.ts'
import { indicators } from './table.ts'

const levels = { direction: 'above', attention: 70, warning: 85, critical: 95 } as const
const common = {
  title: { vi: '', en: '' },
  about: { vi: 'Thử.', en: 'A test.' },
  unit: '%',
  scopes: ['device'],
  levels,
} as const
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

const levelAfter = (one: MeasuredIndicator, value: number, samples: number, measured_s: number) =>
  measuredLevelOf(one, value, samples, 1000 * measured_s)

describe('a measured value', () => {
  test('has no level until its window has enough measurements', () => {
    const fiveMinutes = cpuOver(300)
    expect([1, 2, 3, 30].map((samples) => levelAfter(fiveMinutes, 99, samples, 300))).toEqual([0, 0, 3, 3])
    expect(levelAfter(fiveMinutes, 90, 3, 300)).toBe(2)
    expect(levelAfter(fiveMinutes, 10, 3, 300)).toBe(0)
  })

  test('has no level until its series has been measured for half of the window', () => {
    const after = (size_s: number, measured_s: number) => levelAfter(cpuOver(size_s), 99, 3, measured_s)
    expect([4, 30, 149, 150, 900].map((measured_s) => after(300, measured_s))).toEqual([0, 0, 0, 3, 3])
    expect([29, 30].map((measured_s) => after(60, measured_s))).toEqual([0, 3])
    expect([43_199, 43_200].map((measured_s) => after(86_400, measured_s))).toEqual([0, 3])
  })

  test('has one at once where the window is no longer than the cadence, or the declaration says so', () => {
    expect(levelAfter(cpuOver(10), 99, 1, 0)).toBe(3)
    expect(levelAfter(cpuOver(3600, 1), 99, 1, 0)).toBe(3)
    expect([1, 2].map((samples) => levelAfter(cpuOver(3600, 2), 99, samples, 1800))).toEqual([0, 3])
  })

  test('of a calendar window needs half of the longest one', () => {
    const over = (window: Window) =>
      indicator({
        ...common,
        id: 'rain',
        source: 'weather',
        aggregates: { value: sum('rain_mm') },
        window,
        value: ({ value }) => value,
      })
    const day = over({ kind: 'calendar', unit: 'day' })
    expect([2, 3].map((samples) => levelAfter(day, 99, samples, 43_200))).toEqual([0, 3])
    const days = (unit: CalendarUnit) => requiredMs(over({ kind: 'calendar', unit })) / 86_400_000
    expect([days('day'), days('month'), days('quarter'), days('year')]).toEqual([0.5, 15.5, 46, 183])
  })
})

test('of what is declared, one measurement has a level only where the declaration says so, or no more are expected', () => {
  for (const one of indicators) {
    if (one.kind !== 'measured' || one.levels === undefined || one.minSamples === 1) continue
    const { cadence_s } = deviceTypes[one.source]
    expect(requiredSamples(one) > 1 || windowStepSeconds(one.window) <= cadence_s, one.id).toBe(true)
  }
})
