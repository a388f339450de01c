import type { CellHeap } from './cell-heap.ts'
import { type CellColumn, mostMerged } from './column.ts'
import { mergeKeys } from './merge-keys.ts'
import { sketchBins, sketchLeast } from './sketch-bins.ts'

export interface SketchColumn extends CellColumn {
  /**
   * The value of the nearest rank, `⌈q·count⌉` counted from 1: the least of the values that a share `q` of them is not
   * above. Exact up to `maxExact` different values, beyond that within the relative accuracy.
   * @param q between 0 and 1
   */
  quantileOf(numbers: Float64Array, at: number, q: number): number
  /** How many values the cell at a place has taken. */
  countOf(numbers: Float64Array, at: number): number
}

/**
 * Different values of a cell that are kept as they are; with more of them it becomes a sketch. 32 take 66 numbers (528
 * bytes), as many as the bins of 32 values that are further apart than the accuracy.
 */
export const maxExact = 32

/** Bins of a cell at most, 2048: at one per cent enough for eighteen decades without a gap. */
export const maxBins = (mostMerged - 1) / 2

/**
 * Quantiles of numbers of either sign: the values themselves while there are few, then a DDSketch (Masson, Rim, Lee, VLDB
 * 2019). Which of the two a cell is follows from its values alone, so that merging stays exact and in any order.
 *
 * Few values: `[used, used − 1, value, count, value, count, …]`, the values rising. From the second number on that is
 * a cell by itself; `used` is even, which the `used` of a sketch never is.
 *
 * A sketch: `[used, key, count, key, count, …]`, the keys rising. A key is a bin with a sign: 0 for zero, 1 for the bin of the smallest magnitude told from zero, −1 for the
 * same below zero, so that keys are ordered as values are.
 *
 * Only bins that have values are kept. Counts in a row of all bins between the lowest and the highest would be found
 * without a search, but would cost ten times the memory in panes of a few values, and more across zero.
 *
 * Beyond `maxBins` bins the lowest become one (section 2.1 of the paper, algorithm 3). A cell is thus the `maxBins`
 * highest bins of all its values, the lowest of them with the count of everything that is not above it. That is the
 * same cell in whichever order values come and cells are merged: a bin that is among the highest of the whole is among
 * the highest of its part, and one that is lowest in a part, with counts from below, can only be lowest, or gone, in
 * the whole.
 * @param accuracy relative, between 0 and 1
 */
export function sketchColumn(accuracy: number): SketchColumn {
  const bins = sketchBins(accuracy)
  const below = bins.binOf(sketchLeast) - 1

  const keyOf = (value: number): number => {
    if (value >= sketchLeast) return bins.binOf(value) - below
    if (value <= -sketchLeast) return below - bins.binOf(-value)
    return 0
  }

  const valueOfKey = (key: number): number => {
    if (key === 0) return 0
    return key > 0 ? bins.valueOf(key + below) : -bins.valueOf(below - key)
  }

  return {
    kind: 'cell',
    name: `sketch:${accuracy}`,
    add(heap, cell, _ts, value) {
      const used = heap.usedOf(cell)
      if (used === 0) return firstOf(heap, cell, value)
      const numbers = heap.numbersOf(cell)
      const start = heap.placeOf(cell)
      if (!isExact(numbers, start)) return addTo(heap, cell, keyOf(value))
      const at = findBin(numbers, start + 1, value)
      if (at < start + used && numbers[at] === value) {
        numbers[at + 1] = (numbers[at + 1] as number) + 1
        return cell
      }
      if (used < exactLength(maxExact)) {
        const larger = heap.grown(cell, used + 2)
        const room = heap.numbersOf(larger)
        const first = heap.placeOf(larger)
        insertBin(room, first + 1, at - start - 1, value)
        room[first] = used + 2
        return larger
      }
      const length = toBins(numbers, start, leftBins)
      return addTo(heap, heap.put(cell, leftBins, 0, length), keyOf(value))
    },
    merge(out, left, leftAt, right, rightAt) {
      if (isExact(left, leftAt) && isExact(right, rightAt)) {
        const used = 1 + mergeKeys(out, left, leftAt + 1, right, rightAt + 1, 1)
        out[0] = used
        if (used <= exactLength(maxExact)) return used
      }
      const [a, aAt] = binsIn(left, leftAt, leftBins)
      const [b, bAt] = binsIn(right, rightAt, rightBins)
      mergeKeys(out, a, aAt, b, bAt)
      return collapse(out, 0)
    },
    quantileOf(numbers, start, q) {
      const entries = entriesAt(numbers, start)
      // What rounding adds to the product must not make it the rank after.
      const rank = Math.max(1, Math.ceil(q * countOf(numbers, start) - 1e-9))
      let at = entries + 1
      let notAbove = numbers[at + 1] as number
      while (notAbove < rank) {
        at += 2
        notAbove += numbers[at + 1] as number
      }
      return entries === start ? valueOfKey(numbers[at] as number) : (numbers[at] as number)
    },
    countOf,
  }

  /** The bins of a cell: its own, or those of its few values, made in `room`; and where they start. */
  function binsIn(numbers: Float64Array, at: number, room: Float64Array): readonly [Float64Array, number] {
    if (!isExact(numbers, at)) return [numbers, at]
    toBins(numbers, at, room)
    return [room, 0]
  }

  /** Makes a sketch of few values; returns how many numbers it has. */
  function toBins(numbers: Float64Array, start: number, room: Float64Array): number {
    const end = start + (numbers[start] as number)
    let used = 1
    for (let at = start + 2; at < end; at += 2) {
      const key = keyOf(numbers[at] as number)
      const count = numbers[at + 1] as number
      if (used > 1 && room[used - 2] === key) room[used - 1] = (room[used - 1] as number) + count
      else {
        room[used] = key
        room[used + 1] = count
        used += 2
      }
    }
    room[0] = used
    return used
  }
}

/** Numbers of a cell of so many different values. */
const exactLength = (values: number): number => 2 + 2 * values

/** Where the few values of one cell or two are made to bins. */
const leftBins = new Float64Array(exactLength(maxExact))
const rightBins = new Float64Array(exactLength(maxExact))

const isExact = (numbers: Float64Array, at: number): boolean => (numbers[at] as number) % 2 === 0

/** Where the values or keys of a cell start, after a number that counts them. */
const entriesAt = (numbers: Float64Array, at: number): number => (isExact(numbers, at) ? at + 1 : at)

function firstOf(heap: CellHeap, cell: number, value: number): number {
  const first = heap.grown(cell, exactLength(1))
  const numbers = heap.numbersOf(first)
  const at = heap.placeOf(first)
  numbers[at] = exactLength(1)
  numbers[at + 1] = exactLength(1) - 1
  numbers[at + 2] = value
  numbers[at + 3] = 1
  return first
}

function addTo(heap: CellHeap, cell: number, key: number): number {
  const numbers = heap.numbersOf(cell)
  const start = heap.placeOf(cell)
  const used = numbers[start] as number
  const at = findBin(numbers, start, key)
  if (at < start + used && numbers[at] === key) {
    numbers[at + 1] = (numbers[at + 1] as number) + 1
    return cell
  }
  const larger = heap.grown(cell, used + 2)
  const room = heap.numbersOf(larger)
  const first = heap.placeOf(larger)
  insertBin(room, first, at - start, key)
  collapse(room, first)
  return larger
}

/** Where a key is, or where it belongs. */
function findBin(numbers: Float64Array, start: number, key: number): number {
  let low = 0
  let high = ((numbers[start] as number) - 1) >> 1
  while (low < high) {
    const middle = (low + high) >> 1
    if ((numbers[start + 1 + 2 * middle] as number) < key) low = middle + 1
    else high = middle
  }
  return start + 1 + 2 * low
}

/** Puts in an entry of one value, where there is room for it. */
function insertBin(numbers: Float64Array, start: number, offset: number, key: number): void {
  const used = numbers[start] as number
  const at = start + offset
  for (let from = start + used - 1; from >= at; from--) numbers[from + 2] = numbers[from] as number
  numbers[start] = used + 2
  numbers[at] = key
  numbers[at + 1] = 1
}

/** Makes one of the lowest bins, so that `maxBins` are left; returns how many numbers the cell has. */
function collapse(numbers: Float64Array, start: number): number {
  const used = numbers[start] as number
  const lowest = used - 2 * maxBins
  if (lowest <= 1) return used
  let count = 0
  for (let at = start + 1; at <= start + lowest; at += 2) count += numbers[at + 1] as number
  numbers[start + lowest + 1] = count
  numbers.copyWithin(start + 1, start + lowest, start + used)
  numbers[start] = mostMerged
  return mostMerged
}

function countOf(numbers: Float64Array, start: number): number {
  const end = start + (numbers[start] as number)
  let count = 0
  for (let at = entriesAt(numbers, start) + 2; at < end; at += 2) count += numbers[at] as number
  return count
}
