import fc from 'fast-check'
import { expect, test } from 'vitest'
import { addToSet, closeLowestGap, type IntervalSet, sizeOfSet } from './interval-set.ts'

const numbers = fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 80 })

test('is a set: says what is new, and counts', () => {
  fc.assert(
    fc.property(numbers, (values) => {
      const set: IntervalSet = []
      const oracle = new Set<number>()
      for (const value of values) {
        expect(addToSet(set, value)).toBe(!oracle.has(value))
        oracle.add(value)
      }
      expect(sizeOfSet(set)).toBe(oracle.size)
      expect(set.at(-1)).toBe(oracle.size === 0 ? undefined : Math.max(...oracle))
    }),
  )
})

test('keeps its intervals sorted, apart, and as few as can be', () => {
  fc.assert(
    fc.property(numbers, (values) => {
      const set: IntervalSet = []
      for (const value of values) addToSet(set, value)
      for (let i = 2; i < set.length; i += 2) expect(set[i]).toBeGreaterThan((set[i - 1] as number) + 1)
    }),
  )
})

test('closes its lowest gap', () => {
  const set: IntervalSet = []
  for (const value of [1, 2, 5, 9]) addToSet(set, value)
  expect(closeLowestGap(set)).toBe(2)
  expect(set).toEqual([1, 5, 9, 9])
  expect(closeLowestGap(set)).toBe(3)
  expect(closeLowestGap(set)).toBe(0)
})
