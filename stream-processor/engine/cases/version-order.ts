import type { CasePlaces } from './case-places.ts'
import { closed, conditions, due, intAt, opened, type Rows, timeAt, ts } from './rows.ts'

/**
 * Which of two versions of a case is the newer: positive if it is the left one. Of the same `ts` it is one that is
 * closed, then that with the greater of the other times and names: any order will do that does not depend on which came
 * first. What is not kept of a case does not count.
 */
export function compareVersions(rows: Rows, places: CasePlaces, left: number, right: number): number {
  const later = timeAt(rows, left, ts) - timeAt(rows, right, ts)
  if (later !== 0) return later
  return (
    compare(closedOr0(rows, left), closedOr0(rows, right)) ||
    compare(timeAt(rows, left, due), timeAt(rows, right, due)) ||
    compare(timeAt(rows, left, opened), timeAt(rows, right, opened)) ||
    compareNames(places.namesAt(left), places.namesAt(right)) ||
    compare(intAt(rows, left, conditions) >>> 0, intAt(rows, right, conditions) >>> 0)
  )
}

function closedOr0(rows: Rows, row: number): number {
  const end = timeAt(rows, row, closed)
  return end === Number.POSITIVE_INFINITY ? 0 : end
}

function compareNames(left: readonly string[], right: readonly string[]): number {
  const differs = left.findIndex((name, index) => name !== right[index])
  return differs < 0 ? 0 : compare(left[differs] as string, right[differs] as string)
}

function compare<T extends number | string>(left: T, right: T): number {
  return left < right ? -1 : left > right ? 1 : 0
}
