import fc from 'fast-check'
import { expect, test } from 'vitest'
import { CellHeap } from './cell-heap.ts'
import { numRuns } from './testing/fold.ts'

const holds = (heap: CellHeap, cell: number, expected: readonly number[]): boolean => {
  if (heap.usedOf(cell) !== expected.length) return false
  const at = heap.placeOf(cell)
  return expected.every((number, index) => heap.numbersOf(cell)[at + index] === number)
}

const cellOf = (length: number, mark: number): number[] => [length, ...new Array<number>(length - 1).fill(mark)]

/** Of all sizes: those in chunks, those with an array of their own, and where the one becomes the other. */
const lengths = fc.oneof(
  { weight: 8, arbitrary: fc.integer({ min: 1, max: 40 }) },
  { weight: 4, arbitrary: fc.integer({ min: 1, max: 300 }) },
  { weight: 4, arbitrary: fc.integer({ min: 250, max: 260 }) },
  { weight: 2, arbitrary: fc.integer({ min: 1, max: 5_000 }) },
  { weight: 1, arbitrary: fc.constant(150_000) },
)
const steps = fc.array(
  fc.record({
    cell: fc.integer({ min: 0, max: 9 }),
    act: fc.constantFrom('put', 'copy', 'add', 'release'),
    length: lengths,
    other: fc.integer({ min: 0, max: 9 }),
  }),
  { maxLength: 60, size: 'max' },
)

test('cells are what was put in them, whatever becomes of the others', () => {
  fc.assert(
    fc.property(steps, (all) => {
      const heap = new CellHeap()
      const cells = new Array<number>(10).fill(0)
      const expected = Array.from({ length: 10 }, (): number[] => [])
      for (const [mark, { cell, act, length, other }] of all.entries()) {
        const now = cells[cell] as number
        const source = cells[other] as number
        if (act === 'release') {
          heap.release(now)
          cells[cell] = 0
          expected[cell] = []
        } else if (act === 'put') {
          expected[cell] = cellOf(length, mark)
          cells[cell] = heap.put(now, Float64Array.from(expected[cell]), 0, length)
        } else if (act === 'copy' && source !== 0 && cell !== other) {
          cells[cell] = heap.put(now, heap.numbersOf(source), heap.placeOf(source), heap.usedOf(source))
          expected[cell] = [...(expected[other] as number[])]
        } else if (act === 'add' && now !== 0) {
          const used = heap.usedOf(now)
          const larger = heap.grown(now, used + 2)
          const at = heap.placeOf(larger)
          heap.numbersOf(larger).set([used + 2], at)
          heap.numbersOf(larger).set([mark, mark], at + used)
          cells[cell] = larger
          expected[cell] = [used + 2, ...(expected[cell] as number[]).slice(1), mark, mark]
        }
      }
      expect(cells.filter((cell, index) => !holds(heap, cell, expected[index] as number[]))).toEqual([])
    }),
    { numRuns },
  )
})

test('what is released is taken again: cells that come and go need no more room', () => {
  const heap = new CellHeap()
  const lengthsOf = (round: number) => Array.from({ length: 1_000 }, (_, index) => 1 + ((index * 7 + round) % 60))
  const round = (at: number): Set<Float64Array> => {
    const taken = lengthsOf(at).map((length) => heap.take(length))
    const chunks = new Set(taken.map((cell) => heap.numbersOf(cell)))
    for (const cell of taken) heap.release(cell)
    return chunks
  }
  const first = round(0)
  for (let each = 1; each < 50; each++) expect([...round(60 * each)].every((chunk) => first.has(chunk))).toBe(true)
})
