import { idBytes, idHash, idPage, idStart, intAt, type Rows, setInt, site } from './rows.ts'

/**
 * Finds the row of a case by its site and id: open addressing over row numbers. The id stands in the row itself, which
 * is read anyway: a map of strings costs about twice the time and the memory, and a million objects to collect.
 */
export interface IdIndex {
  hashOf(siteNumber: number, id: string): number
  /** The row that a search for a hash meets first: most likely the right one if there is one. 0 if there is none. */
  firstOf(hash: number): number
  /** The row of a site and an id, which have this hash; -1 if there is none. */
  find(hash: number, siteNumber: number, id: string): number
  /** Gives a row its site and id, which no other row has; they have this hash. */
  add(hash: number, siteNumber: number, id: string, row: number): void
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
  /** Ids that are too long, or have letters beyond Latin-1. */
  const others = new Map<number, string>()

  function hasId(row: number, id: string): boolean {
    const bytes = idPage(rows, row)
    const at = idStart(rows, row)
    const length = bytes[at]
    if (length === elsewhere) return others.get(row) === id
    if (length !== id.length) return false
    for (let index = 0; index < id.length; index++) {
      if (bytes[at + 1 + index] !== id.charCodeAt(index)) return false
    }
    return true
  }

  function writeId(row: number, id: string): void {
    const bytes = idPage(rows, row)
    const at = idStart(rows, row)
    let fits = id.length <= maxInline
    for (let index = 0; fits && index < id.length; index++) {
      const letter = id.charCodeAt(index)
      if (letter > 255) fits = false
      else bytes[at + 1 + index] = letter
    }
    bytes[at] = fits ? id.length : elsewhere
    if (!fits) others.set(row, id)
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
    hashOf,
    firstOf: (hash) => slots[(hash & mask) * 2 + 1] as number,
    find(hash, siteNumber, id) {
      for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
        const row = slots[slot * 2 + 1] as number
        if (row === free) return -1
        if (slots[slot * 2] === hash && intAt(rows, row, site) === siteNumber && hasId(row, id)) return row
      }
    },
    add(hash, siteNumber, id, row) {
      setInt(rows, row, idHash, hash)
      setInt(rows, row, site, siteNumber)
      writeId(row, id)
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

/** FNV-1a over the letters, and a last round so that low bits depend on all of them. */
function hashOf(siteNumber: number, id: string): number {
  let hash = Math.imul(siteNumber, 0x9e3779b1)
  for (let index = 0; index < id.length; index++) hash = Math.imul(hash ^ id.charCodeAt(index), 0x01000193)
  hash = Math.imul(hash ^ (hash >>> 15), 0x85ebca6b)
  return hash ^ (hash >>> 13)
}
