import type { Window } from '@ioc/contract/messages/live.ts'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { endAfter, gridOf, lengthMs, sharedGrid, startOf } from './ends.ts'

const window = fc.constantFrom<Window>(
  { kind: 'tumbling', size_s: 7200 },
  { kind: 'sliding', size_s: 2_592_000, every_s: 3600 },
  { kind: 'sliding', size_s: 5400, every_s: 1200 },
  { kind: 'calendar', unit: 'day' },
  { kind: 'calendar', unit: 'month' },
  { kind: 'calendar', unit: 'quarter' },
  { kind: 'calendar', unit: 'year' },
)
const time = fc.integer({ min: Date.UTC(2000, 0), max: Date.UTC(2100, 0) })

describe('windows', () => {
  test('end after a time and not long after it, start before they end, and fall on the panes that they share', () => {
    fc.assert(
      fc.property(fc.array(window, { minLength: 1 }), time, (windows, t) => {
        const grids = windows.map((one) => ({ ...gridOf(one), longestMs: lengthMs(one) }))
        const { offsetMs, paneMs } = sharedGrid(grids)
        for (const one of grids) {
          const end = endAfter(one, t)
          const start = startOf(one, end)
          expect(end).toBeGreaterThan(t)
          expect(endAfter(one, end - 1)).toBe(end)
          expect(end - start).toBeLessThanOrEqual(one.longestMs)
          expect([start, end].map((bound) => (bound - offsetMs) % paneMs).map(Math.abs)).toEqual([0, 0])
        }
      }),
    )
  })

  test.each([
    ['day', '2025-11-28T16:59:59.999Z', '2025-11-27T17:00:00.000Z', '2025-11-28T17:00:00.000Z'],
    ['day', '2025-11-28T17:00:00.000Z', '2025-11-28T17:00:00.000Z', '2025-11-29T17:00:00.000Z'],
    ['month', '2025-12-31T16:59:59.999Z', '2025-11-30T17:00:00.000Z', '2025-12-31T17:00:00.000Z'],
    ['quarter', '2025-12-31T17:00:00.000Z', '2025-12-31T17:00:00.000Z', '2026-03-31T17:00:00.000Z'],
    ['year', '2025-06-01T00:00:00.000Z', '2024-12-31T17:00:00.000Z', '2025-12-31T17:00:00.000Z'],
  ] as const)('of a %s follow the calendar of Vietnam at %s', (unit, at, start, end) => {
    const one = gridOf({ kind: 'calendar', unit })
    const found = endAfter(one, Date.parse(at))
    expect(new Date(found).toISOString()).toBe(end)
    expect(new Date(startOf(one, found)).toISOString()).toBe(start)
  })

  test('of calendars alone need panes of a day only', () => {
    expect(sharedGrid([gridOf({ kind: 'calendar', unit: 'month' })])).toEqual({
      offsetMs: -25_200_000,
      paneMs: 86_400_000,
    })
  })
})
