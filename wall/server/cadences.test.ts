import { expect, test } from 'vitest'
import { cadencesOf, expectedIn } from './cadences.ts'

const hour = 3_600_000
const daily = () => true
const series = (rows: readonly (readonly number[])[]) => [
  { name: 'cadence', tags: {}, columns: ['time', 'cadence_s', 'before_s'], values: rows },
]

test('a device whose cadence never changed is expected at its present one', () => {
  const cadences = cadencesOf([], 60)
  expect(expectedIn(cadences, 0, hour, daily)).toBe(60)
  expect(expectedIn(cadences, hour, hour, daily)).toBe(0)
  expect(expectedIn(cadences, 2 * hour, hour, daily)).toBe(0)
})

test('what held before the first change is in it, however long ago', () => {
  const cadences = cadencesOf(series([[10 * hour, 60, 1_800]]), 60)
  expect(expectedIn(cadences, 0, 10 * hour, daily)).toBe(20)
  expect(expectedIn(cadences, 9 * hour, 11 * hour, daily)).toBe(2 + 60)
  expect(expectedIn(cadences, 20 * hour, 21 * hour, daily)).toBe(60)
})

test('changes of a device that moved to another area are those of both series, in the order of time', () => {
  const moved = [...series([[20 * hour, 600, 60]]), ...series([[10 * hour, 60, 1_800]])]
  expect(cadencesOf(moved, 600).map(({ cadence_s }) => cadence_s)).toEqual([1_800, 60, 600])
  expect(expectedIn(cadencesOf(moved, 600), 19 * hour, 21 * hour, daily)).toBe(60 + 6)
})

test('a report of the day is expected on the days on which people report', () => {
  const cadences = cadencesOf([], 86_400)
  expect(expectedIn(cadences, 0, 24 * hour, (ts) => ts === 0)).toBe(1)
  expect(expectedIn(cadences, 24 * hour, 48 * hour, (ts) => ts === 0)).toBe(0)
  // It may still come.
  expect(expectedIn(cadences, 0, 15 * hour, daily)).toBe(0)
})
