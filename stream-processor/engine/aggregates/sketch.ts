import type { Cell, CellColumn } from './column.ts'
import { sketchBins, sketchLeast } from './sketch-bins.ts'

export interface SketchColumn extends CellColumn {
  /**
   * The value of rank `q·(count − 1)`, the lower one where that is between two, within the relative accuracy.
   * @param q between 0 and 1
   */
  quantileOf(cell: Cell, q: number): number
  /** How many values the cell has taken. */
  countOf(cell: Cell): number
}

/** Bins of a cell at most: at one per cent enough for eighteen decades without a gap. */
export const maxBins = 2048

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
    add(cell, _ts, value) {
      const key = keyOf(value)
      if (!cell) return [3, key, 1]
      const at = placeOf(cell, key)
      if (at < (cell[0] as number) && cell[at] === key) {
        cell[at + 1] = (cell[at + 1] as number) + 1
        return cell
      }
      insertBin(cell, at, key)
      return collapse(cell)
    },
    merge(left, right) {
      if (!left || !right) return left ?? right
      return collapse(mergeBins(left, right))
    },
    quantileOf(cell, q) {
      const rank = q * (countOf(cell) - 1)
      let at = 1
      let notAbove = cell[2] as number
      while (notAbove <= rank) {
        at += 2
        notAbove += cell[at + 1] as number
      }
      return valueOfKey(cell[at] as number)
    },
    countOf,
  }
}

/** Where a key is, or where it belongs. */
function placeOf(cell: Cell, key: number): number {
  let low = 0
  let high = ((cell[0] as number) - 1) >> 1
  while (low < high) {
    const middle = (low + high) >> 1
    if ((cell[1 + 2 * middle] as number) < key) low = middle + 1
    else high = middle
  }
  return 1 + 2 * low
}

/** Puts in a bin of one value. */
function insertBin(cell: Cell, at: number, key: number): void {
  const used = cell[0] as number
  cell.push(0, 0)
  for (let from = used - 1; from >= at; from--) cell[from + 2] = cell[from] as number
  cell[0] = used + 2
  cell[at] = key
  cell[at + 1] = 1
}

function mergeBins(left: Cell, right: Cell): Cell {
  const leftUsed = left[0] as number
  const rightUsed = right[0] as number
  const out: Cell = [0]
  let i = 1
  let j = 1
  while (i < leftUsed && j < rightUsed) {
    const leftKey = left[i] as number
    const rightKey = right[j] as number
    if (leftKey < rightKey) {
      out.push(leftKey, left[i + 1] as number)
      i += 2
    } else if (rightKey < leftKey) {
      out.push(rightKey, right[j + 1] as number)
      j += 2
    } else {
      out.push(leftKey, (left[i + 1] as number) + (right[j + 1] as number))
      i += 2
      j += 2
    }
  }
  while (i < leftUsed) out.push(left[i++] as number)
  while (j < rightUsed) out.push(right[j++] as number)
  out[0] = out.length
  return out
}

/** Makes one of the lowest bins, so that `maxBins` are left. Changes the cell. */
function collapse(cell: Cell): Cell {
  const used = cell[0] as number
  const lowest = used - 2 * maxBins
  if (lowest <= 1) return cell
  let count = 0
  for (let at = 1; at <= lowest; at += 2) count += cell[at + 1] as number
  cell[lowest + 1] = count
  cell.splice(1, lowest - 1)
  cell[0] = cell.length
  return cell
}

function countOf(cell: Cell): number {
  const used = cell[0] as number
  let count = 0
  for (let at = 2; at < used; at += 2) count += cell[at] as number
  return count
}
