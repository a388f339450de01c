import type { LiveTarget } from '@ioc/contract/messages/live.ts'
import { expect, test } from 'vitest'
import { targetAt } from './target-at.ts'

const base: LiveTarget = {
  indicator: 'a',
  scope: 'area',
  key: null,
  group: null,
  period: null,
  value: 0,
  direction: null,
  source: 's',
  unconfirmed: false,
}
const targets: readonly LiveTarget[] = [
  { ...base, value: 1 },
  { ...base, value: 2, period: '2026' },
  { ...base, value: 3, period: '2026-Q4' },
  { ...base, value: 4, period: '2026-11' },
  { ...base, value: 5, key: 'N1' },
  { ...base, value: 6, key: 'N1', period: '2026' },
  { ...base, value: 7, group: 'g', period: '2026-11' },
  { ...base, value: 8, scope: 'district', key: 'district' },
  { ...base, value: 9, indicator: 'b' },
]

test.each([
  ['2025-12-31T23:59:59+07:00', 'S1', undefined, 1],
  ['2026-01-01T00:00:00+07:00', 'S1', undefined, 2],
  ['2026-10-01T00:00:00+07:00', 'S1', undefined, 3],
  ['2026-11-30T23:59:59+07:00', 'S1', undefined, 4],
  ['2026-12-01T00:00:00+07:00', 'S1', undefined, 3],
  ['2025-06-01T00:00:00+07:00', 'N1', undefined, 5],
  ['2026-11-15T00:00:00+07:00', 'N1', undefined, 6],
  ['2026-11-15T00:00:00+07:00', 'S1', 'g', 7],
])('at %s the target of %s, group %s, is the one that fits it most closely', (at, key, group, value) => {
  expect(targetAt(targets, 'a', { scope: 'area', key, group }, Date.parse(at))?.value).toBe(value)
})

test('of a device is its own, else that of all devices of its site, else that of all', () => {
  const of = (key: string | null, value: number): LiveTarget => ({ ...base, scope: 'device', key, value })
  const devices = [of(null, 1), of('s/*', 2), of('s/d', 3)]
  const at = (key: string) => targetAt(devices, 'a', { scope: 'device', key }, 0)?.value
  expect([at('s/d'), at('s/e'), at('t/d')]).toEqual([3, 2, 1])
})

test('of a place that no target names, there is none', () => {
  expect(targetAt(targets, 'a', { scope: 'site', key: 'x' }, 0)).toBeUndefined()
  expect(targetAt([], 'a', { scope: 'area', key: 'N1' }, 0)).toBeUndefined()
})
