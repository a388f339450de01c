import { type Windows, windowStart } from '../windows.ts'
import type { Scan } from './scan.ts'

/** Windows of all groups that are put in their places in memory although most of them may be empty, at most. */
const maxEmpty = 20_000

/** Whether each window is put in its place by its start, so that those of a function may come in any order. */
export function placesWindows({ windows, range, now, fill, relation, groups }: Scan): boolean {
  if (!windows) return true
  if (!relation.withinRange || range.from === undefined) return false
  const count = ((range.to ?? now) - range.from) / windows.interval + 2n
  return fill.kind !== 'none' || count * BigInt(groups.length) <= maxEmpty
}

/** The windows of an answer, all as long as each other, which its groups have in common. */
export interface Frame {
  readonly windows: Windows
  readonly first: bigint
  /** The times of all, in the order of the answer. */
  readonly times: bigint[]
}

/** `undefined` where a group may have windows of its own, or clocks turn: the places of points are found in memory. */
export function frameOf(scan: Scan): Frame | undefined {
  const { windows, descending, groups, maxRows } = scan
  if (!windows || windows.zone !== undefined || !placesWindows(scan)) return undefined
  const { first, count } = spanOf(scan, windows, 0n)
  // Too many are an error only where there is a point. From before 1970 to a time may be more than 64 bits.
  if (count * groups.length > maxRows || first < 0n) return undefined
  const times = Array.from({ length: count }, (_, place) => first + BigInt(place) * windows.interval)
  return { windows, first, times: descending ? times.reverse() : times }
}

/**
 * The first window of an answer, by its start in local time, and how many there are.
 * @param earliest the first that a group has a point in
 */
export function spanOf(scan: Scan, windows: Windows, earliest: bigint): { first: bigint; count: number } {
  const { range, now, descending, relation } = scan
  const start = range.from === undefined ? earliest : windowStart(windows, range.from)
  const first = descending && earliest < start && !relation.withinRange ? earliest : start
  const last = windowStart(windows, range.to ?? now)
  const count = Math.max(Number((last - first) / windows.interval) + 1, 0)
  return { first, count }
}
