import type { AttributeColumn } from './attribute-columns.ts'
import type { CasePlaces } from './case-places.ts'
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

/** Homes by one column of theirs after the other. */
type Branch = Map<number, Branch | number>

/** @param groups attributes that cases are grouped by */
export function createHomes(
  rows: Rows,
  streams: readonly Stream[],
  groups: readonly AttributeColumn[],
  places: CasePlaces,
): Homes {
  const series: number[] = []
  const numbers: ((row: number) => number)[] = [
    ...[device, area, conditions].map((column) => (row: number) => intAt(rows, row, column)),
    ...groups.map(({ groupAt }) => groupAt),
  ]
  const last = numbers.length - 1
  const all: Branch = new Map()
  let count = 0

  function add(row: number): number {
    for (const stream of streams) series.push(places.seriesOf(stream, row)?.number ?? -1)
    return count++
  }

  return {
    series,
    clear() {
      all.clear()
      series.length = 0
      count = 0
    },
    count: () => count,
    numberAt(row) {
      let branch = all
      for (let index = 0; index < last; index++) {
        const number = numbers[index]?.(row) as number
        let next = branch.get(number) as Branch | undefined
        if (!next) {
          next = new Map()
          branch.set(number, next)
        }
        branch = next
      }
      const number = numbers[last]?.(row) as number
      let home = branch.get(number) as number | undefined
      if (home === undefined) {
        home = add(row)
        branch.set(number, home)
      }
      return home
    },
  }
}
