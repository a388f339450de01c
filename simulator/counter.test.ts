import { expect, test } from 'vitest'
import { counterOf } from './counter.ts'
import { dayMs, hourMs, minuteMs, startOfWeek, weekOf } from './local-time.ts'
import { keyOf, poisson } from './noise.ts'

const week = weekOf(Date.UTC(2026, 9, 14))
const monday = startOfWeek(week)
const counter = () => counterOf(60, (ts) => poisson(keyOf(1, 'c'), Math.floor(ts / hourMs), 5))

test('a week begins on Monday at 00:00 of the district', () => {
  expect(new Date(monday).toISOString()).toBe('2026-10-11T17:00:00.000Z')
})

test('within a slot it rises evenly, in whole numbers', () => {
  const ten = counterOf(60, () => 10)
  expect([0, 5, 6, 30, 59, 60].map((minute) => ten.at(monday + minute * minuteMs))).toEqual([0, 0, 1, 5, 9, 10])
})

test('it restarts each Monday', () => {
  const ten = counterOf(60, () => 10)
  expect(ten.at(monday + 7 * dayMs - 1)).toBe(1679)
  expect(ten.at(monday + 7 * dayMs)).toBe(0)
})

test.each([
  ['within a week', monday + hourMs, monday + dayMs],
  ['over a Monday', monday - dayMs, monday + dayMs],
  ['over three Mondays', monday - 16 * dayMs, monday + dayMs],
])('what is counted %s is the sum of what is counted in its parts', (_, from, to) => {
  let parts = 0
  const split = counter()
  for (let at = from; at < to; at += 7 * minuteMs) parts += split.between(at, Math.min(to, at + 7 * minuteMs))
  expect(counter().between(from, to)).toBe(parts)
  expect(parts).toBeGreaterThan(50)
})

test('its value does not depend on what was asked for before', () => {
  const times = Array.from({ length: 200 }, (_, index) => monday + ((index * 37) % 200) * 3 * hourMs)
  const shared = counter()
  expect(times.map(shared.at)).toEqual(times.map((ts) => counter().at(ts)))
})
