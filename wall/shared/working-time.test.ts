import { expect, it } from 'vitest'
import { nextWorkingDay } from './working-time.ts'

const at = (text: string) => Date.parse(`${text}+07:00`)

it.each([
  ['2026-11-30T07:59', '2026-11-30T08:00'],
  ['2026-11-30T08:00', '2026-12-01T08:00'],
  ['2026-11-30T23:30', '2026-12-01T08:00'],
  ['2026-12-04T09:00', '2026-12-07T08:00'],
  ['2026-12-05T07:00', '2026-12-07T08:00'],
  ['2026-12-06T23:59', '2026-12-07T08:00'],
  ['2026-12-31T12:00', '2027-01-01T08:00'],
])('is, at %s, %s', (now, expected) => {
  expect(nextWorkingDay(at(now))).toBe(at(expected))
})
