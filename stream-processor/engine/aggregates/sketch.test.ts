import { DDSketch } from '@datadog/sketches-js'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { maxBins, maxExact, sketchColumn } from './sketch.ts'
import { mergeParts, numRuns, type Part, partOf } from './testing/fold.ts'
import { quantileOf } from './testing/naive.ts'

const accuracy = 0.01
const column = sketchColumn(accuracy)
const cellOf = (values: readonly number[], sketch = column) =>
  partOf(
    sketch,
    values.map((value) => ({ ts: 0, value })),
  )

const magnitude = fc.double({ min: -2, max: 6, noNaN: true }).map((exponent) => 10 ** exponent)
const number = fc.oneof(
  magnitude,
  magnitude.map((value) => -value),
  fc.constant(0),
)
const numbers = fc.array(number, { minLength: 1, maxLength: 200, size: 'max' })
const share = fc.double({ min: 0, max: 1, noNaN: true })

const quantile = (cell: Part, q: number) => column.quantileOf(cell, q)

test.each([
  [[1.75, 4, 4, 9], 0.95, 9],
  [[1.75, 4, 4, 9], 0.5, 4],
  [[7.3], 0.95, 7.3],
  [[-3, 0, 12.25], 0.05, -3],
  [[20, 21, 22, 23, 24], 0.8, 23],
  [Array.from({ length: 20 }, (_, index) => index + 0.1), 0.95, 18.1],
] as const)('of few values a quantile is one of them, exactly: %j at %d is %d', (values, q, expected) => {
  expect(quantile(cellOf(values), q)).toBe(expected)
  const parts = values.map((value) => cellOf([value]))
  expect(
    quantile(
      parts.reduce((left, right) => mergeParts(column, left, right)),
      q,
    ),
  ).toBe(expected)
})

test('many equal values are still few different ones', () => {
  const cell = cellOf(Array.from({ length: 10_000 }, (_, index) => 30.3 + (index % maxExact)))
  expect(cell[0]).toBe(2 + 2 * maxExact)
  expect(quantile(cell, 0.5)).toBe(30.3 + maxExact / 2 - 1)
})

test('a high quantile is never below the mean, where a single value is far above the others', () => {
  fc.assert(
    fc.property(fc.array(magnitude, { minLength: 1, maxLength: 19 }), (values) => {
      const mean = values.reduce((sum, value) => sum + value, 0) / values.length
      expect(quantile(cellOf(values), 0.95)).toBeGreaterThanOrEqual(mean * (1 - 1e-9))
    }),
    { numRuns },
  )
})

test("quantiles are the true ones of few values, and of many within the accuracy of them and of the library's", () => {
  fc.assert(
    fc.property(numbers, share, (values, q) => {
      const exact = quantileOf(values, q) as number
      const actual = quantile(cellOf(values), q)
      if (new Set(values).size <= maxExact) expect(actual).toBe(exact)
      expect(Math.abs(actual - exact)).toBeLessThanOrEqual((accuracy + 1e-9) * Math.abs(exact))
      const library = new DDSketch({ relativeAccuracy: accuracy })
      for (const value of values) library.accept(value)
      // The library takes the rank `q·(n − 1)`, here of the same value.
      const rank = values.toSorted((a, b) => a - b).indexOf(exact)
      const reference = library.getValueAtQuantile(Math.min(1, (rank + 1e-6) / Math.max(1, values.length - 1)))
      expect(Math.abs(actual - reference)).toBeLessThanOrEqual(2.1 * accuracy * Math.abs(reference))
    }),
    { numRuns },
  )
})

/** As versions before wrote it: bins alone, however few the values. */
const binsOf = (value: number): Part => {
  const many = cellOf([...Array.from({ length: maxExact + 1 }, (_, index) => 1.1 ** index * 1e4), value])
  return Float64Array.from([3, many[1] as number, 1])
}

test('bins that an older version saved for few values are still read, and merged with values', () => {
  const old = binsOf(40)
  expect(column.countOf(old)).toBe(1)
  expect(Math.abs(quantile(old, 0.5) - 40)).toBeLessThanOrEqual(accuracy * 40)
  for (const merged of [mergeParts(column, old, cellOf([10, 90])), mergeParts(column, cellOf([10, 90]), old)]) {
    expect(column.countOf(merged)).toBe(3)
    expect(Math.abs(quantile(merged, 0.5) - 40)).toBeLessThanOrEqual(accuracy * 40)
    expect(Math.abs(quantile(merged, 1) - 90)).toBeLessThanOrEqual(accuracy * 90)
  }
})

test('in a sketch, what is next to nothing is zero', () => {
  const cell = cellOf([1e-10, -1e-10, 0, ...Array.from({ length: maxExact }, (_, index) => index - 1000)])
  expect(column.countOf(cell)).toBe(maxExact + 3)
  expect(quantile(cell, 1)).toBe(0)
})

test('beyond its bins the lowest become one: high quantiles stay as they are, and no value is lost', () => {
  const coarse = sketchColumn(0.2)
  const values = Array.from(
    { length: 3 * maxBins },
    (_, index) => 1.5 ** ((index % 1700) - 40) * (index < 1700 ? -1 : 1),
  )
  const cell = cellOf(values, coarse)
  expect(cell[0]).toBe(1 + 2 * maxBins)
  expect(coarse.countOf(cell)).toBe(values.length)
  const sorted = values.toSorted((a, b) => a - b)
  for (const q of [0.75, 0.9, 1]) {
    const exact = quantileOf(sorted, q) as number
    expect(Math.abs(coarse.quantileOf(cell, q) / exact - 1)).toBeLessThanOrEqual(0.2 + 1e-9)
  }
})
