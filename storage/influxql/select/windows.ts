import type { TimeRange } from '../time.ts'
import { firstFromLocal, zoneChanges, zoneOffset } from '../zone.ts'

/** The windows of `GROUP BY time(interval, offset)`, aligned in local time. All in nanoseconds. */
export interface Windows {
  readonly interval: bigint
  readonly offset: bigint
  readonly zone: string | undefined
  /** Whether a subquery has them from the query around it. */
  readonly inherited: boolean
}

/**
 * The same windows without a zone, where its changes between summer and winter time move none of them: an hour that comes
 * twice then has two windows of an hour, not one.
 */
export function steady(windows: Windows, range: TimeRange, now: bigint): Windows {
  const { interval, offset, zone } = windows
  const [first, ...changes] = zoneChanges(zone, range.from ?? 0n, range.to ?? now)
  if (!first || changes.some((change) => (change.offset - first.offset) % interval !== 0n)) return windows
  return { ...windows, zone: undefined, offset: (offset - first.offset) % interval }
}

/** SQL of the window that a row of `t` belongs to: its start in local time, and how far into it the row is. */
export function windowSql(windows: Windows, range: TimeRange, now: bigint): { bucket: string; passed: string } {
  const { interval, offset } = windows
  const shift = shiftSql(windows, range, now)
  const moved = shift !== '0' || offset !== 0n
  const local = moved ? `(t.time + (${shift}) - ${offset})` : 't.time'
  // What is left of a time before 1970 is negative.
  const positive = range.from !== undefined && range.from > longestShift + offset
  const passed = positive ? `(${local} % ${interval})` : `((${local} % ${interval} + ${interval}) % ${interval})`
  return { bucket: `(${local} - ${passed}${moved ? ` + ${offset}` : ''})`, passed }
}

/** Longer than any zone is from UTC, in ns. */
const longestShift = 86_400_000_000_000n

function shiftSql({ zone }: Windows, range: TimeRange, now: bigint): string {
  const changes = zoneChanges(zone, range.from ?? 0n, range.to ?? now)
  return changes
    .slice(1)
    .reduce(
      (sql, { from, offset: ahead }) => `CASE WHEN t.time >= ${from} THEN ${ahead} ELSE ${sql} END`,
      String(changes[0]?.offset ?? 0n),
    )
}

/**
 * SQL of how many windows a row of `t` is after one.
 * @param first start of that window in local time, not after that of any row
 */
export function placeSql(windows: Windows, first: bigint, range: TimeRange, now: bigint): string {
  const local = windows.zone === undefined ? 't.time' : windowSql(windows, range, now).bucket
  return `CAST((${local} - ${first}) // ${windows.interval} AS INTEGER)`
}

/** The start, in local time, of the window that a time is in. */
export function windowStart({ interval, offset, zone }: Windows, time: bigint): bigint {
  const local = time + zoneOffset(zone, time) - offset
  return local - (((local % interval) + interval) % interval) + offset
}

export function windowTime({ zone }: Windows, start: bigint): bigint {
  return zone === undefined ? start : firstFromLocal(zone, start)
}

/** A range with more windows before the first of the answer: what transformations compare that one with. */
export function widened(range: TimeRange, { interval }: Windows, descending: boolean, windows: bigint): TimeRange {
  const { from, to } = range
  const more = interval * windows
  return descending
    ? { from, to: to === undefined ? to : to + more }
    : { from: from === undefined ? from : from - more, to }
}
