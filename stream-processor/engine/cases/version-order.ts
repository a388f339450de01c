import { type AttributeColumn, compare } from './attribute-columns.ts'
import type { CasePlaces } from './case-places.ts'
import { closed, due, opened, type Rows, timeAt, ts } from './rows.ts'

/**
 * Which of two versions of a case is the newer: positive if it is the left one. Of the same `ts` it is one that is
 * closed, then that with the greater of the other times, of the device, of the area and of the attributes as the type
 * declares them: any order will do that does not depend on which came first. What is not kept of a case does not count.
 */
export function compareVersions(
  rows: Rows,
  places: CasePlaces,
  columns: readonly AttributeColumn[],
  left: number,
  right: number,
): number {
  const later = timeAt(rows, left, ts) - timeAt(rows, right, ts)
  if (later !== 0) return later
  return (
    compare(closedOr0(rows, left), closedOr0(rows, right)) ||
    compare(timeAt(rows, left, due), timeAt(rows, right, due)) ||
    compare(timeAt(rows, left, opened), timeAt(rows, right, opened)) ||
    compare(places.deviceAt(left), places.deviceAt(right)) ||
    compare(places.areaAt(left) ?? '', places.areaAt(right) ?? '') ||
    compareColumns(columns, left, right)
  )
}

function compareColumns(columns: readonly AttributeColumn[], left: number, right: number): number {
  for (const column of columns) {
    const greater = column.compare(left, right)
    if (greater !== 0) return greater
  }
  return 0
}

function closedOr0(rows: Rows, row: number): number {
  const end = timeAt(rows, row, closed)
  return end === Number.POSITIVE_INFINITY ? 0 : end
}
