import type { CellHeap } from './cell-heap.ts'
import { type CellColumn, mostMerged } from './column.ts'
import { mergeKeys } from './merge-keys.ts'
import { sketchBins, sketchLeast } from './sketch-bins.ts'

export interface SketchColumn extends CellColumn {
  /**
   * The value of rank `q·(count − 1)` of the cell at a place, the lower one where that is between two, within the
   * relative accuracy.
   * @param q between 0 and 1
   */
  quantileOf(numbers: Float64Array, at: number, q: number): number
  /** How many values the cell at a place has taken. */
  countOf(numbers: Float64Array, at: number): number
}

/** Bins of a cell at most, 2048: at one per cent enough for eighteen decades without a gap. */
export const maxBins = (mostMerged - 1) / 2

/**
 * A DDSketch (Masson, Rim, Lee, VLDB 2019) of numbers of either sign: `[used, key, count, key, count, …]`, the keys
 * rising. A key is a bin with a sign: 0 for zero, 1 for the bin of the smallest magnitude told from zero, −1 for the
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
    add: (heap, cell, _ts, value) => addTo(heap, cell, keyOf(value)),
    merge(out, left, leftAt, right, rightAt) {
      mergeKeys(out, left, leftAt, right, rightAt, 2)
      return collapse(out, 0)
    },
    quantileOf(numbers, start, q) {
      const rank = q * (countOf(numbers, start) - 1)
      let at = start + 1
      let notAbove = numbers[at + 1] as number
      while (notAbove <= rank) {
        at += 2
        notAbove += numbers[at + 1] as number
      }
      return valueOfKey(numbers[at] as number)
    },
    countOf,
  }
}

function addTo(heap: CellHeap, cell: number, key: number): number {
  const used = heap.usedOf(cell)
  if (used === 0) {
    const first = heap.grown(cell, 3)
    const numbers = heap.numbersOf(first)
    const at = heap.placeOf(first)
    numbers[at] = 3
    numbers[at + 1] = key
    numbers[at + 2] = 1
    return first
  }
  const numbers = heap.numbersOf(cell)
  const start = heap.placeOf(cell)
  const at = findBin(numbers, start, key)
  if (at < start + used && numbers[at] === key) {
    numbers[at + 1] = (numbers[at + 1] as number) + 1
    return cell
  }
  const larger = heap.grown(cell, used + 2)
  insertBin(heap.numbersOf(larger), heap.placeOf(larger), at - start, key)
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

/** Puts in a bin of one value, where there is room for it. */
function insertBin(numbers: Float64Array, start: number, offset: number, key: number): void {
  const used = numbers[start] as number
  const at = start + offset
  for (let from = start + used - 1; from >= at; from--) numbers[from + 2] = numbers[from] as number
  numbers[start] = used + 2
  numbers[at] = key
  numbers[at + 1] = 1
  collapse(numbers, start)
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
  for (let at = start + 2; at < end; at += 2) count += numbers[at] as number
  return count
}
