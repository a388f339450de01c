import type { Cell, CellColumn } from './column.ts'

/** Hashes that are kept as they are; beyond that it is estimated. */
export const maxExact = 128

/** Registers of the HyperLogLog: the standard error is `1.04/√m`, 2.3 %. */
const registers = 2 ** 11

/** Bits of a hash that do not choose the register. */
const rankBits = 42

/** A byte for each register, four of them in a double. */
const wordsAt = 1
const estimating = wordsAt + registers / 4

/**
 * Distinct values, as hashes of 53 bits. Up to `maxExact` of them: `[used, hash, hash, …]`, rising. Beyond that a
 * HyperLogLog (Flajolet, Fusy, Gandouet, Meunier, 2007): `[used, four registers, four registers, …]`, where a register
 * holds the highest rank, the position of the first bit that is set, of the hashes that choose it. Which of the two it
 * is, and what is in it, depends on the set of hashes alone: merging is a union, in any order and as often as one likes.
 */
export const distinctColumn: CellColumn = {
  kind: 'cell',
  name: 'distinct',
  add(cell, _ts, hash) {
    if (!cell) return [2, hash]
    if (cell[0] !== estimating) return withHash(cell, hash)
    raise(cell, hash)
    return cell
  },
  merge(left, right) {
    if (!left || !right) return left ?? right
    if (left[0] !== estimating && right[0] !== estimating) return union(left, right)
    if (left[0] !== estimating) return raiseAll(right.slice(), left)
    if (right[0] !== estimating) return raiseAll(left.slice(), right)
    return higher(left, right)
  },
}

/**
 * How many distinct values there are. Where few registers are still empty it is Flajolet's estimate; while it is below
 * 2.5 a register, where that one is biased, linear counting by the empty registers (ibid., figure 3). The correction for
 * large numbers is for hashes of 32 bits: ones of 53 bits collide too rarely (Heule, Nunkesser, Hall: HyperLogLog in
 * practice, 2013, section 5.1).
 */
export function distinctOf(cell: Cell): number {
  if (cell[0] !== estimating) return (cell[0] as number) - 1
  let sum = 0
  let empty = 0
  for (let at = wordsAt; at < estimating; at++) {
    for (let shift = 0; shift < 32; shift += 8) {
      const rank = ((cell[at] as number) >> shift) & 0xff
      sum += 2 ** -rank
      if (rank === 0) empty++
    }
  }
  const estimate = ((0.7213 / (1 + 1.079 / registers)) * registers * registers) / sum
  const linear = estimate <= 2.5 * registers && empty > 0
  return Math.round(linear ? registers * Math.log(registers / empty) : estimate)
}

function withHash(cell: Cell, hash: number): Cell {
  const used = cell[0] as number
  let low = 1
  let high = used
  while (low < high) {
    const middle = (low + high) >> 1
    if ((cell[middle] as number) < hash) low = middle + 1
    else high = middle
  }
  if (low < used && cell[low] === hash) return cell
  if (used > maxExact) {
    const estimated = registersOf(cell)
    raise(estimated, hash)
    return estimated
  }
  cell.push(0)
  for (let from = used - 1; from >= low; from--) cell[from + 1] = cell[from] as number
  cell[0] = used + 1
  cell[low] = hash
  return cell
}

function union(left: Cell, right: Cell): Cell {
  const leftUsed = left[0] as number
  const rightUsed = right[0] as number
  const out: Cell = [0]
  let i = 1
  let j = 1
  while (i < leftUsed && j < rightUsed) {
    const leftHash = left[i] as number
    const rightHash = right[j] as number
    out.push(Math.min(leftHash, rightHash))
    if (leftHash <= rightHash) i++
    if (rightHash <= leftHash) j++
  }
  while (i < leftUsed) out.push(left[i++] as number)
  while (j < rightUsed) out.push(right[j++] as number)
  out[0] = out.length
  return out.length - 1 > maxExact ? registersOf(out) : out
}

/** The registers of hashes that have become too many to be kept. */
function registersOf(hashes: Cell): Cell {
  const cell: Cell = new Array<number>(estimating).fill(0)
  cell[0] = estimating
  return raiseAll(cell, hashes)
}

function raiseAll(cell: Cell, hashes: Cell): Cell {
  const used = hashes[0] as number
  for (let at = 1; at < used; at++) raise(cell, hashes[at] as number)
  return cell
}

/** Raises the register of a hash to the rank of the hash. */
function raise(cell: Cell, hash: number): void {
  const register = Math.floor(hash / 2 ** rankBits)
  const rank = rankOf(hash - register * 2 ** rankBits)
  const at = wordsAt + (register >> 2)
  const shift = (register & 3) << 3
  const word = cell[at] as number
  if (rank > ((word >> shift) & 0xff)) cell[at] = (word & ~(0xff << shift)) | (rank << shift)
}

/** The position, from 1, of the first bit of `rankBits` that is set; one more than there are if none is. */
function rankOf(bits: number): number {
  const half = rankBits / 2
  const upper = Math.floor(bits / 2 ** half)
  const lower = bits - upper * 2 ** half
  return 1 + (upper > 0 ? Math.clz32(upper) - (32 - half) : half + Math.clz32(lower) - (32 - half))
}

function higher(left: Cell, right: Cell): Cell {
  const out = left.slice()
  for (let at = wordsAt; at < estimating; at++) {
    const a = left[at] as number
    const b = right[at] as number
    if (a === b) continue
    out[at] =
      Math.max(a & 0xff, b & 0xff) |
      Math.max(a & 0xff00, b & 0xff00) |
      Math.max(a & 0xff0000, b & 0xff0000) |
      Math.max(a & 0xff000000, b & 0xff000000)
  }
  return out
}
