import { expect, test } from 'vitest'
import { untilWindowMs } from './window.ts'

/** A time of the day in Asia/Ho_Chi_Minh. */
const at = (time: string): number => Date.parse(`2026-11-30T${time}+07:00`)

test.each([
  ['00:00-04:00', '00:00:00', 0],
  ['00:00-04:00', '03:59:59', 0],
  ['00:00-04:00', '04:00:00', 20 * 3_600_000],
  ['00:00-04:00', '23:59:30', 30_000],
  ['22:30-02:00', '23:00:00', 0],
  ['22:30-02:00', '01:59:00', 0],
  ['22:30-02:00', '12:00:00', 10.5 * 3_600_000],
  ['12:00-12:00', '18:00:00', 0],
])('the window %s begins, seen from %s, in %d ms', (window, time, ms) => {
  expect(untilWindowMs(window, at(time))).toBe(ms)
})
