import type { Cell, CellColumn } from './column.ts'
import { sketchBins, sketchLeast } from './sketch-bins.ts'

export interface SketchColumn extends CellColumn {
  /**
   * The value of the nearest rank, `⌈q·count⌉` counted from 1: the least of the values that a share `q` of them is not
   * above. Exact up to `maxExact` different values, beyond that within the relative accuracy.
   * @param q between 0 and 1
   */
  quantileOf(cell: ArrayLike<number>, q: number): number
  /** How many values a cell has taken. */
  countOf(cell: ArrayLike<number>): number
}

/**
 * Different values of a cell that are kept as they are; with more of them it becomes a sketch. 32 take 66 numbers (528
 * bytes), as many as the bins of 32 values that are further apart than the accuracy.
 */
export const maxExact = 32

/** Bins of a cell at most: at one per cent enough for eighteen decades without a gap. */
export const maxBins = 2048

/**
 * Quantiles of numbers of either sign: the values themselves while there are few, then a DDSketch (Masson, Rim, Lee, VLDB
 * 2019). Which of the two a cell is follows from its values alone, so that merging stays exact and in any order.
 *
 * Few values: `[used, used − 1, value, count, value, count, …]`, the values rising. `used` is even, which the
 * `used` of a sketch never is.
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
    add(cell, _ts, value) {
      if (cell === undefined) return exactCell([value, 1])
      if (!isExact(cell)) return increase(cell, keyOf(value))
      const isKnown = cell[find(cell, value)] === value
      if (isKnown || cell.length < exactLength(maxExact)) return increase(cell, value)
      return increase(sketchCell(binsOf(cell)), keyOf(value))
    },
    merge(left, right) {
      if (isExact(left) && isExact(right)) {
        const values = mergeEntries(left.slice(2), right.slice(2))
        if (values.length <= 2 * maxExact) return exactCell(values)
      }
      return sketchCell(mergeEntries(binsOf(left), binsOf(right)))
    },
    quantileOf(cell, q) {
      // What rounding adds to the product must not make it the rank after.
      const rank = Math.max(1, Math.ceil(q * countOf(cell) - 1e-9))
      let at = firstEntry(cell)
      let notAbove = cell[at + 1] as number
      while (notAbove < rank) {
        at += 2
        notAbove += cell[at + 1] as number
      }
      return isExact(cell) ? (cell[at] as number) : valueOfKey(cell[at] as number)
    },
    countOf,
  }

  /** The bins of a cell, each with its count: its own, or those of its few values. */
  function binsOf(cell: Cell): number[] {
    if (!isExact(cell)) return cell.slice(1)
    const found: number[] = []
    for (let at = 2; at < cell.length; at += 2) {
      const key = keyOf(cell[at] as number)
      const count = cell[at + 1] as number
      if (found.at(-2) === key) found[found.length - 1] = (found.at(-1) as number) + count
      else found.push(key, count)
    }
    return found
  }
}

/** Numbers of a cell of so many different values. */
const exactLength = (values: number): number => 2 + 2 * values

const isExact = (cell: ArrayLike<number>): boolean => (cell[0] as number) % 2 === 0

/** Where the values or keys of a cell start. */
const firstEntry = (cell: ArrayLike<number>): number => (isExact(cell) ? 2 : 1)

const exactCell = (values: readonly number[]): Cell => [values.length + 2, values.length + 1, ...values]

/** The lowest bins become one, so that `maxBins` are left. */
function sketchCell(bins: readonly number[]): Cell {
  const excess = Math.max(0, bins.length / 2 - maxBins)
  const kept = bins.slice(2 * excess)
  for (let at = 1; at < 2 * excess; at += 2) kept[1] = (kept[1] as number) + (bins[at] as number)
  return [kept.length + 1, ...kept]
}

/** Counts one value more of a key; returns the cell, which may be another one. */
function increase(cell: Cell, key: number): Cell {
  const at = find(cell, key)
  if (cell[at] === key) {
    cell[at + 1] = (cell[at + 1] as number) + 1
    return cell
  }
  cell.splice(at, 0, key, 1)
  if (isExact(cell)) cell[1] = cell.length - 1
  cell[0] = cell.length
  return cell.length > 1 + 2 * maxBins ? sketchCell(cell.slice(1)) : cell
}

/** Where a key is, or where it belongs. */
function find(cell: Cell, key: number): number {
  const first = firstEntry(cell)
  let low = 0
  let high = (cell.length - first) >> 1
  while (low < high) {
    const middle = (low + high) >> 1
    if ((cell[first + 2 * middle] as number) < key) low = middle + 1
    else high = middle
  }
  return first + 2 * low
}

/** Merges rising keys, each with its count after it: a key of both is there once, with both counts. */
function mergeEntries(left: readonly number[], right: readonly number[]): number[] {
  const merged: number[] = []
  let i = 0
  let j = 0
  while (i < left.length && j < right.length) {
    const [leftKey, rightKey] = [left[i] as number, right[j] as number]
    let count = 0
    if (leftKey <= rightKey) {
      count = left[i + 1] as number
      i += 2
    }
    if (rightKey <= leftKey) {
      count += right[j + 1] as number
      j += 2
    }
    merged.push(Math.min(leftKey, rightKey), count)
  }
  return [...merged, ...left.slice(i), ...right.slice(j)]
}

function countOf(cell: ArrayLike<number>): number {
  let count = 0
  for (let at = firstEntry(cell) + 1; at < cell.length; at += 2) count += cell[at] as number
  return count
}
