import { caseTypes } from '@ioc/contract/case-types/table.ts'
import type { Window } from '@ioc/contract/messages/live.ts'
import { describe, expect, test } from 'vitest'
import { isOldValue, isSilent, silentProcesses, slowestCadences, sourceCadence_s } from './stale.ts'

const minute = 60_000
const hour = 60 * minute
const day = 24 * hour
const now = Date.UTC(2026, 10, 29, 7, 14)

test.each([
  ['measuring', false],
  ['late', false],
  ['silent', true],
  ['never_heard', true],
] as const)('a device that is %s is silent: %s', (state, expected) => {
  expect(isSilent({ state })).toBe(expected)
})

test('a feed of cases, which has no liveness, is never silent', () => {
  expect(isSilent(undefined)).toBe(false)
})

describe('a value', () => {
  const old = (source: string, window: Window, age: number, cadences: readonly [type: string, s: number][] = []) => {
    const slowest = slowestCadences(cadences.map(([type, cadence_s]) => ({ type, cadence_s })))
    const fed_by = source === 'indicators' ? { fed_by: ['air_quality', 'weather'] } : {}
    return isOldValue({ ts: now - age }, { source, window }, sourceCadence_s({ source, ...fed_by }, slowest), now)
  }
  const hourly = { kind: 'tumbling', size_s: 3600 } as const
  const daily = { kind: 'calendar', unit: 'day' } as const

  test.each<[string, string, Window, fresh: number, stale: number]>([
    ['what is derived of air and weather', 'indicators', hourly, 74 * minute, 2 * hour],
    ['an hourly mean', 'air_quality', hourly, 60 * minute, 64 * minute],
    ['a daily sum', 'weather', daily, 24 * hour, 25 * hour],
    ['a minute, every 10 s', 'system', { kind: 'sliding', size_s: 60, every_s: 10 }, 39_000, 41_000],
    ['a month, every hour', 'air_quality', { kind: 'sliding', size_s: 2_592_000, every_s: 3600 }, hour, 64 * minute],
  ])('of %s ages with the step of its window', (_name, source, window, fresh, stale) => {
    expect(old(source, window, fresh)).toBe(false)
    expect(old(source, window, stale)).toBe(true)
  })

  test('waits for the slowest device that it may come from', () => {
    expect(old('air_quality', hourly, 3 * hour, [['air_quality', 3600]])).toBe(false)
    expect(old('air_quality', hourly, 3 * hour, [['weather', 3600]])).toBe(true)
    expect(old('indicators', hourly, 3 * hour, [['air_quality', 3600]])).toBe(false)
  })

  test.each(Object.keys(caseTypes))('that counts cases of the type %s does not age', (source) => {
    expect(old(source, daily, 90 * day)).toBe(false)
  })
})

test('a process is silent only when others reported meanwhile', () => {
  const reports = (...ages: number[]) =>
    silentProcesses(ages.map((age) => ({ ts: now - age }))).map(({ ts }) => now - ts)
  expect(reports(60_000, 61_000, 62_000)).toEqual([])
  expect(reports(1_000, 17_000, 2_000)).toEqual([17_000])
  expect(reports(500_000)).toEqual([])
  expect(reports()).toEqual([])
})
