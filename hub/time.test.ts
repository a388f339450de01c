import { expect, test } from 'vitest'
import { parseTime } from './time.ts'

const now = Date.UTC(2026, 10, 24, 10)
const hour = 3_600_000
const midnight = Date.UTC(2026, 0, 31, 17)

test.each([
  ['1764000000000', 1_764_000_000_000],
  ['0', 0],
  ['now', now],
  ['-1m', now - 60_000],
  ['-90m', now - 1.5 * hour],
  ['-7d', now - 7 * 24 * hour],
  ['now-2h', now - 2 * hour],
  ['now - 2h', now - 2 * hour],
  ['+1h', now + hour],
  // Without a zone it is the time in Vietnam.
  ['2026-02-01', midnight],
  ['2026-02-01T01:00', midnight + hour],
  ['2026-02-01 01:00:30', midnight + hour + 30_000],
  ['2026-01-31T18:00:00Z', midnight + hour],
  ['2026-01-31T18:00:00.500+00:00', midnight + hour + 500],
  ['2026-02-01T01:00+0700', midnight + hour],
  ['2026-01-31T18:00:00.123456789Z', midnight + hour + 123],
])('%s is a time', (text, ms) => {
  expect(parseTime(text, now)).toBe(ms)
})

test.each(['', 'yesterday', '2026-13-01', '2026-02-30', '2026-01-01T25:00', '-7q', '-d', '1e3', '99999999999999999'])(
  '%j is no time',
  (text) => {
    expect(parseTime(text, now)).toBeUndefined()
  },
)
