import { mixed } from './mixed.ts'
import {
  copyInts,
  idBytes,
  idHash,
  idPage,
  idStart,
  intAt,
  intPage,
  intStart,
  isAlike,
  type Rows,
  setInt,
  site,
} from './rows.ts'

/**
 * Finds the row of a case by its site and id: open addressing over row numbers. The id stands in the row itself, which
 * is read anyway: a map of strings costs about twice the time and the memory, and a million objects to collect.
 */
export interface IdIndex {
  /** Writes a site and an id into a row that is not in the index, with their hash. */
  write(row: number, siteNumber: number, id: string): void
  /** The first row with the hash of what is written in another: most likely the right one. 0 if there is none. */
  firstFor(row: number): number
  /** The row with the site and id that are written in another; -1 if there is none. @param like which it most likely is */
  find(row: number, like: number): number
  /** Gives `row` the site and id that are written in `from`, which no row of the index has. */
  add(row: number, from: number): void
  remove(row: number): void
  /** Ids of rows in `[from, to)` that do not fit into their row. */
  othersIn(from: number, to: number): readonly (readonly [row: number, id: string])[]
  /** Finds a row again that was saved with its site and id; `other` is its id if it did not fit. */
  putBack(row: number, other: string | undefined): void
  idAt(row: number): string
}

/** Of the bytes for an id the first says its length, or that it is kept elsewhere. */
const maxInline = idBytes - 1
const elsewhere = 255
const firstCapacity = 64
const free = 0

export function createIdIndex(rows: Rows): IdIndex {
  /**
   * Hash and row of each slot, so that a row is only read that is most likely the right one. A power of two slots, at
   * most half of them used. Row 0 is no case, and so stands for a free slot.
   */
  let slots = new Int32Array(firstCapacity * 2)
  let mask = firstCapacity - 1
  let size = 0
  /** Where the id starts among the whole numbers of a row. */
  const idColumn = rows.idAt / 4
  /** Ids that are too long, or have letters beyond Latin-1. */
  const others = new Map<number, string>()

  /**
   * Ids are written, compared and hashed by four bytes at a time, the lowest first, as machines that store them so read
   * them. The first of all says the length; those after the last letter are 0.
   */
  function write(row: number, siteNumber: number, id: string): void {
    const ints = intPage(rows, row)
    const start = idStart(rows, row) >> 2
    if ((ints[start] as number) === elsewhere) others.delete(row)
    const { length } = id
    const inline = Math.min(length, maxInline)
    let hash = seedOf(siteNumber)
    let letters = 0
    let word = length
    let at = start
    for (let index = 0; index < inline; index++) {
      const letter = id.charCodeAt(index)
      letters |= letter
      if ((index & 3) === 3) {
        ints[at++] = word
        hash = mixed(hash, word)
        word = letter
      } else {
        word |= letter << (((index & 3) + 1) * 8)
      }
    }
    ints[at] = word
    hash = mixed(hash, word)
    if (length > maxInline || letters > 255) {
      ints[start] = elsewhere
      others.set(row, id)
      hash = hashOfText(siteNumber, id)
    }
    setInt(rows, row, site, siteNumber)
    setInt(rows, row, idHash, finished(hash))
  }

  /** How many groups of four bytes the id has that starts with this one. */
  const wordsIn = (first: number): number => (first === elsewhere ? 1 : ((first & 255) + 4) >> 2)

  function isSame(left: number, right: number): boolean {
    const leftInts = intPage(rows, left)
    const rightInts = intPage(rows, right)
    const leftAt = intStart(rows, left)
    const rightAt = intStart(rows, right)
    if (leftInts[leftAt + site] !== rightInts[rightAt + site]) return false
    const first = leftInts[leftAt + idColumn] as number
    if (!isAlike(leftInts, leftAt, rightInts, rightAt, idColumn, idColumn + wordsIn(first))) return false
    return first !== elsewhere || others.get(left) === others.get(right)
  }

  /** Puts a row into the first free slot that its hash leads to. */
  function place(hash: number, row: number): void {
    let slot = hash & mask
    while (slots[slot * 2 + 1] !== free) slot = (slot + 1) & mask
    slots[slot * 2] = hash
    slots[slot * 2 + 1] = row
  }

  function grow(): void {
    const old = slots
    slots = new Int32Array(old.length * 2)
    mask = slots.length / 2 - 1
    for (let at = 0; at < old.length; at += 2) {
      const row = old[at + 1] as number
      if (row !== free) place(old[at] as number, row)
    }
  }

  /** Lets a row be found by the hash that it has. */
  function enter(row: number): void {
    size++
    if (size * 2 > mask) grow()
    place(intAt(rows, row, idHash), row)
  }

  return {
    write,
    firstFor(row) {
      const hash = intAt(rows, row, idHash)
      let slot = hash & mask
      while (slots[slot * 2 + 1] !== free && slots[slot * 2] !== hash) slot = (slot + 1) & mask
      return slots[slot * 2 + 1] as number
    },
    find(row, like) {
      if (like !== free && isSame(row, like)) return like
      const hash = intAt(rows, row, idHash)
      for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
        const found = slots[slot * 2 + 1] as number
        if (found === free) return -1
        if (slots[slot * 2] === hash && isSame(row, found)) return found
      }
    },
    add(row, from) {
      const source = intPage(rows, from)
      const sourceAt = intStart(rows, from)
      const target = intPage(rows, row)
      const targetAt = intStart(rows, row)
      copyInts(source, sourceAt, target, targetAt, idColumn, idColumn + wordsIn(source[sourceAt + idColumn] as number))
      copyInts(source, sourceAt, target, targetAt, idHash, site + 1)
      const other = others.get(from)
      if (other !== undefined) others.set(row, other)
      enter(row)
    },
    remove(row) {
      let gap = intAt(rows, row, idHash) & mask
      while (slots[gap * 2 + 1] !== row) gap = (gap + 1) & mask
      // Whoever was put further on because of this row moves up, so that a search still meets no gap on its way.
      for (let slot = (gap + 1) & mask; slots[slot * 2 + 1] !== free; slot = (slot + 1) & mask) {
        const wanted = (slots[slot * 2] as number) & mask
        if (((slot - wanted) & mask) < ((slot - gap) & mask)) continue
        slots[gap * 2] = slots[slot * 2] as number
        slots[gap * 2 + 1] = slots[slot * 2 + 1] as number
        gap = slot
      }
      slots[gap * 2 + 1] = free
      size--
      others.delete(row)
    },
    othersIn(from, to) {
      const found: [number, string][] = []
      if (others.size === 0) return found
      for (let row = from; row < to; row++) {
        const id = others.get(row)
        if (id !== undefined) found.push([row, id])
      }
      return found
    },
    putBack(row, other) {
      if (other !== undefined) others.set(row, other)
      enter(row)
    },
    idAt(row) {
      const bytes = idPage(rows, row)
      const at = idStart(rows, row)
      const length = bytes[at] as number
      if (length === elsewhere) return others.get(row) as string
      return Buffer.from(bytes.buffer, at + 1, length).toString('latin1')
    },
  }
}

const seedOf = (siteNumber: number): number => Math.imul(siteNumber, 0x9e3779b1)

/** The last round of MurmurHash3 (Appleby, public domain): low bits depend on all others. */
function finished(hash: number): number {
  const product = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return product ^ (product >>> 16)
}

/** The hash of a text that does not stand in its row, not finished. */
function hashOfText(siteNumber: number, id: string): number {
  let hash = seedOf(siteNumber)
  for (let index = 0; index < id.length; index++) hash = mixed(hash, id.charCodeAt(index))
  return hash
}
