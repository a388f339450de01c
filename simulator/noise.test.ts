import { expect, test } from 'vitest'
import { keyOf, normal, poisson, uniform, wave } from './noise.ts'

const indices = Array.from({ length: 20_000 }, (_, index) => index)
const mean = (values: readonly number[]) => values.reduce((sum, one) => sum + one, 0) / values.length

test('a value depends on the seed, the names and the index alone, in whatever order it is asked for', () => {
  const forwards = indices.map((index) => uniform(keyOf(7, 'a', 'b'), index))
  const backwards = indices.toReversed().map((index) => uniform(keyOf(7, 'a', 'b'), index))
  expect(backwards.toReversed()).toEqual(forwards)
})

test.each([
  [keyOf(7, 'a', 'b'), keyOf(8, 'a', 'b')],
  [keyOf(7, 'a', 'b'), keyOf(7, 'b', 'a')],
  [keyOf(7, 'ab'), keyOf(7, 'a', 'b')],
])('the keys %i and %i give values that have nothing in common', (one, other) => {
  const products = indices.map((index) => (uniform(one, index) - 0.5) * (uniform(other, index) - 0.5))
  expect(Math.abs(12 * mean(products))).toBeLessThan(0.03)
})

test('uniform values fill their range evenly', () => {
  const values = indices.map((index) => uniform(keyOf(1, 'x'), index))
  for (let tenth = 0; tenth < 10; tenth++) {
    const count = values.filter((value) => Math.floor(10 * value) === tenth).length
    expect(Math.abs(count - 2000)).toBeLessThan(200)
  }
})

test.each([0.3, 4, 19, 50, 400])(
  'Poisson counts of the mean %d have that mean, and it as their variance',
  (expected) => {
    const counts = indices.map((index) => poisson(keyOf(1, 'p'), index, expected))
    expect(mean(counts) / expected).toBeCloseTo(1, 1)
    expect(mean(counts.map((count) => (count - expected) ** 2)) / expected).toBeCloseTo(1, 1)
    expect(counts.every((count) => Number.isInteger(count) && count >= 0)).toBe(true)
  },
)

test('nothing happens where nothing is expected', () => {
  expect(poisson(keyOf(1, 'p'), 3, 0)).toBe(0)
  expect(poisson(keyOf(1, 'p'), 3, -1)).toBe(0)
})

test('normal values have mean 0 and deviation 1', () => {
  const values = indices.map((index) => normal(keyOf(1, 'n'), index))
  expect(mean(values)).toBeCloseTo(0, 1)
  expect(mean(values.map((value) => value ** 2))).toBeCloseTo(1, 1)
})

test('a wave stays between −1 and 1 and has no steps', () => {
  const values = indices.map((index) => wave(keyOf(1, 'w'), index * 1000, 60_000))
  expect(Math.max(...values.map(Math.abs))).toBeLessThanOrEqual(1)
  const steps = values.slice(1).map((value, index) => Math.abs(value - (values[index] ?? 0)))
  expect(Math.max(...steps)).toBeLessThan(0.06)
})
