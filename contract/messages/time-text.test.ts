import { expect, test } from 'vitest'
import { timeOfText } from './time-text.ts'

test.each([
  ['2026-07-01T08:00:00+07:00', Date.UTC(2026, 6, 1, 1)],
  ['2026-07-01T08:00:00+0700', Date.UTC(2026, 6, 1, 1)],
  ['2026-07-01T01:00:00Z', Date.UTC(2026, 6, 1, 1)],
  ['2026-07-01t01:00:00.5z', Date.UTC(2026, 6, 1, 1, 0, 0, 500)],
  ['2026-07-01 01:00:00,123456 Z', Date.UTC(2026, 6, 1, 1, 0, 0, 123)],
  ['2026-06-30T20:30:00-04:30', Date.UTC(2026, 6, 1, 1)],
  // On the district's clocks.
  ['2026-07-01T08:00:00', Date.UTC(2026, 6, 1, 1)],
  ['2026-07-01 08:00', Date.UTC(2026, 6, 1, 1)],
  ['2026-07-01', Date.UTC(2026, 5, 30, 17)],
  ['1764000000000', 1_764_000_000_000],
  ['2024-02-29', Date.UTC(2024, 1, 28, 17)],
])('%s is %d', (text, ms) => {
  expect(timeOfText(text)).toBe(ms)
})

test.each([
  '',
  'now',
  '2026-13-01',
  '2026-02-30',
  '2026-07-01T24:00',
  '2026-07-01T08:60',
  '01/07/2026',
  '2026-07-01T08:00 ICT',
])('"%s" is no time', (text) => {
  expect(timeOfText(text)).toBeUndefined()
})
