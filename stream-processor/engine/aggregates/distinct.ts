import type { Cell, CellHeap } from './cell-heap.ts'
import type { CellColumn } from './column.ts'
import { mergeKeys } from './merge-keys.ts'

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
  add(heap, cell, _ts, hash) {
    const used = heap.usedOf(cell)
    if (used === 0) {
      const first = heap.grown(cell, 2)
      heap.numbersOf(first).set([2, hash], heap.placeOf(first))
      return first
    }
    if (used !== estimating) return withHash(heap, cell, hash)
    raise(heap.numbersOf(cell), heap.placeOf(cell), hash)
    return cell
  },
  merge(out, left, leftAt, right, rightAt) {
    const isLeftEstimating = left[leftAt] === estimating
    if (!isLeftEstimating && right[rightAt] !== estimating) return union(out, left, leftAt, right, rightAt)
    if (!isLeftEstimating) return merged(out, right, rightAt, left, leftAt)
    if (right[rightAt] !== estimating) return merged(out, left, leftAt, right, rightAt)
    return higher(out, left, leftAt, right, rightAt)
  },
}

/**
 * How many distinct values there are. Where few registers are still empty it is Flajolet's estimate; while it is below
 * 2.5 a register, where that one is biased, linear counting by the empty registers (ibid., figure 3). The correction for
 * large numbers is for hashes of 32 bits: ones of 53 bits collide too rarely (Heule, Nunkesser, Hall: HyperLogLog in
 * practice, 2013, section 5.1).
 */
export function distinctOf(numbers: Float64Array, start: number): number {
  if (numbers[start] !== estimating) return (numbers[start] as number) - 1
  let sum = 0
  let empty = 0
  for (let at = start + wordsAt; at < start + estimating; at++) {
    for (let shift = 0; shift < 32; shift += 8) {
      const rank = ((numbers[at] as number) >> shift) & 0xff
      sum += 2 ** -rank
      if (rank === 0) empty++
    }
  }
  const estimate = ((0.7213 / (1 + 1.079 / registers)) * registers * registers) / sum
  const linear = estimate <= 2.5 * registers && empty > 0
  return Math.round(linear ? registers * Math.log(registers / empty) : estimate)
}

function withHash(heap: CellHeap, cell: Cell, hash: number): Cell {
  const numbers = heap.numbersOf(cell)
  const start = heap.placeOf(cell)
  const used = numbers[start] as number
  let low = 1
  let high = used
  while (low < high) {
    const middle = (low + high) >> 1
    if ((numbers[start + middle] as number) < hash) low = middle + 1
    else high = middle
  }
  if (low < used && numbers[start + low] === hash) return cell
  if (used > maxExact) return estimated(heap, cell, hash)
  const larger = heap.grown(cell, used + 1)
  const room = heap.numbersOf(larger)
  const place = heap.placeOf(larger)
  for (let from = used - 1; from >= low; from--) room[place + from + 1] = room[place + from] as number
  room[place] = used + 1
  room[place + low] = hash
  return larger
}

/** The registers of hashes that have become too many to be kept, with one more. */
function estimated(heap: CellHeap, hashes: Cell, hash: number): Cell {
  const cell = heap.take(estimating)
  const numbers = heap.numbersOf(cell)
  const start = heap.placeOf(cell)
  becomeRegisters(numbers, start, heap.numbersOf(hashes), heap.placeOf(hashes))
  raise(numbers, start, hash)
  heap.release(hashes)
  return cell
}

function union(out: Float64Array, left: Float64Array, leftAt: number, right: Float64Array, rightAt: number): number {
  const used = mergeKeys(out, left, leftAt, right, rightAt, 1)
  return used - 1 > maxExact ? becomeRegisters(out, 0, out.slice(0, used), 0) : used
}

/** Puts the registers of hashes that are elsewhere at a place; how many numbers these are. */
function becomeRegisters(numbers: Float64Array, start: number, hashes: Float64Array, hashesAt: number): number {
  numbers.fill(0, start, start + estimating)
  numbers[start] = estimating
  return raiseAll(numbers, start, hashes, hashesAt)
}

/** Registers, and hashes. */
function merged(
  out: Float64Array,
  registersOf: Float64Array,
  start: number,
  hashes: Float64Array,
  hashesAt: number,
): number {
  out.set(registersOf.subarray(start, start + estimating))
  return raiseAll(out, 0, hashes, hashesAt)
}

function raiseAll(numbers: Float64Array, start: number, hashes: Float64Array, hashesAt: number): number {
  const end = hashesAt + (hashes[hashesAt] as number)
  for (let at = hashesAt + 1; at < end; at++) raise(numbers, start, hashes[at] as number)
  return estimating
}

/** Raises the register of a hash to the rank of the hash. */
function raise(numbers: Float64Array, start: number, hash: number): void {
  const register = Math.floor(hash / 2 ** rankBits)
  const rank = rankOf(hash - register * 2 ** rankBits)
  const at = start + wordsAt + (register >> 2)
  const shift = (register & 3) << 3
  const word = numbers[at] as number
  if (rank > ((word >> shift) & 0xff)) numbers[at] = (word & ~(0xff << shift)) | (rank << shift)
}

/** The position, from 1, of the first bit of `rankBits` that is set; one more than there are if none is. */
function rankOf(bits: number): number {
  const half = rankBits / 2
  const upper = Math.floor(bits / 2 ** half)
  const lower = bits - upper * 2 ** half
  return 1 + (upper > 0 ? Math.clz32(upper) - (32 - half) : half + Math.clz32(lower) - (32 - half))
}

function higher(out: Float64Array, left: Float64Array, leftAt: number, right: Float64Array, rightAt: number): number {
  out[0] = estimating
  for (let at = wordsAt; at < estimating; at++) {
    const a = left[leftAt + at] as number
    const b = right[rightAt + at] as number
    out[at] =
      Math.max(a & 0xff, b & 0xff) |
      Math.max(a & 0xff00, b & 0xff00) |
      Math.max(a & 0xff0000, b & 0xff0000) |
      Math.max(a & 0xff000000, b & 0xff000000)
  }
  return estimating
}
