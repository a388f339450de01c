import { grown } from '../grown.ts'
import type { AttributeColumn } from './attribute-columns.ts'
import type { CasePlaces } from './case-places.ts'
import { mixed } from './mixed.ts'
import { area, conditions, device, intAt, type Rows } from './rows.ts'
import type { Stream } from './streams.ts'

/**
 * Numbers for where cases are counted. Cases of the same device, area, conditions and groups count for the same keys: such
 * a home is looked up once for a case, and leads to its series of all streams at once.
 */
export interface Homes {
  /** The number of the home that the case in a row belongs to. */
  numberAt(row: number): number
  /** Forgets all homes: those of cases are to be looked up again. */
  clear(): void
  readonly count: () => number
  /** Of home `h` the number of its series in each stream, from `h` times the streams on; -1 where it is in none. */
  readonly series: readonly number[]
}

const firstCapacity = 64
const free = -1

/** @param groups attributes that cases are grouped by */
export function createHomes(
  rows: Rows,
  streams: readonly Stream[],
  groups: readonly AttributeColumn[],
  places: CasePlaces,
): Homes {
  const series: number[] = []
  const width = 3 + groups.length
  /** What homes are told apart by: `width` numbers of each, one after the other, and those of the one that is looked for. */
  let columns = new Int32Array(firstCapacity * width)
  const wanted = new Int32Array(width)
  /** Homes by their columns: open addressing, a power of two slots, at most half of them used. */
  let slots = new Int32Array(firstCapacity * 2).fill(free)
  let count = 0

  function hashOf(numbers: Int32Array, from: number): number {
    let hash = 0
    for (let at = from; at < from + width; at++) hash = mixed(hash, numbers[at] as number)
    return hash
  }

  function isWanted(home: number): boolean {
    for (let at = 0; at < width; at++) if (columns[home * width + at] !== wanted[at]) return false
    return true
  }

  /** The slot of the wanted home, or the free one that it goes to. */
  function slotOf(hash: number): number {
    const mask = slots.length - 1
    let slot = hash & mask
    while (slots[slot] !== free && !isWanted(slots[slot] as number)) slot = (slot + 1) & mask
    return slot
  }

  function grow(): void {
    slots = new Int32Array(slots.length * 2).fill(free)
    columns = grown(columns, columns.length * 2)
    const mask = slots.length - 1
    for (let home = 0; home < count; home++) {
      let slot = hashOf(columns, home * width) & mask
      while (slots[slot] !== free) slot = (slot + 1) & mask
      slots[slot] = home
    }
  }

  function add(row: number): number {
    if ((count + 1) * 2 > slots.length) grow()
    slots[slotOf(hashOf(wanted, 0))] = count
    columns.set(wanted, count * width)
    for (const stream of streams) series.push(places.seriesOf(stream, row)?.number ?? -1)
    return count++
  }

  return {
    series,
    clear() {
      slots = new Int32Array(firstCapacity * 2).fill(free)
      columns = new Int32Array(firstCapacity * width)
      series.length = 0
      count = 0
    },
    count: () => count,
    numberAt(row) {
      wanted[0] = intAt(rows, row, device)
      wanted[1] = intAt(rows, row, area)
      wanted[2] = intAt(rows, row, conditions)
      for (let index = 0; index < groups.length; index++)
        wanted[3 + index] = (groups[index] as AttributeColumn).groupAt(row)
      const home = slots[slotOf(hashOf(wanted, 0))] as number
      return home === free ? add(row) : home
    },
  }
}
