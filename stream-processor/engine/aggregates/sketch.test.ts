import { DDSketch } from '@datadog/sketches-js'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { maxBins, sketchColumn } from './sketch.ts'
import { numRuns, partOf } from './testing/fold.ts'

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

test("quantiles are the library's, and within the accuracy of the true ones", () => {
  fc.assert(
    fc.property(numbers, share, (values, q) => {
      const library = new DDSketch({ relativeAccuracy: accuracy })
      for (const value of values) library.accept(value)
      const actual = column.quantileOf(cellOf(values), 0, q)
      const reference = library.getValueAtQuantile(q)
      const exact = values.toSorted((a, b) => a - b)[Math.floor(q * (values.length - 1))] as number
      expect(Math.abs(actual - reference)).toBeLessThanOrEqual(accuracy * Math.abs(reference))
      expect(Math.abs(actual - exact)).toBeLessThanOrEqual((accuracy + 1e-9) * Math.abs(exact))
    }),
    { numRuns },
  )
})

test('counts its values; what is next to nothing is zero', () => {
  const cell = cellOf([1e-10, -1e-10, 0, 5, 5])
  expect(column.countOf(cell, 0)).toBe(5)
  expect(column.quantileOf(cell, 0, 0.5)).toBe(0)
  expect(cell[0]).toBe(1 + 2 * 2)
})

test('beyond its bins the lowest become one: high quantiles stay as they are, and no value is lost', () => {
  const coarse = sketchColumn(0.2)
  const values = Array.from(
    { length: 3 * maxBins },
    (_, index) => 1.5 ** ((index % 1700) - 40) * (index < 1700 ? -1 : 1),
  )
  const cell = cellOf(values, coarse)
  expect(cell[0]).toBe(1 + 2 * maxBins)
  expect(coarse.countOf(cell, 0)).toBe(values.length)
  const sorted = values.toSorted((a, b) => a - b)
  for (const q of [0.75, 0.9, 1]) {
    const exact = sorted[Math.floor(q * (values.length - 1))] as number
    expect(Math.abs(coarse.quantileOf(cell, 0, q) / exact - 1)).toBeLessThanOrEqual(0.2 + 1e-9)
  }
})
