import type { TimeRange } from '../time.ts'
import { fromLocal, zoneChanges, zoneOffset } from '../zone.ts'

/** The windows of `GROUP BY time(interval, offset)`, aligned in local time. All in nanoseconds. */
export interface Windows {
  readonly interval: bigint
  readonly offset: bigint
  readonly zone: string | undefined
  /** Whether a subquery has them from the query around it. */
  readonly inherited: boolean
}

/** SQL of the window that a row of `t` belongs to: its start in local time, and how far into it the row is. */
export function windowSql(windows: Windows, range: TimeRange, now: bigint): { bucket: string; passed: string } {
  const { interval, offset } = windows
  const local = `(t.time + (${shiftSql(windows, range, now)}) - ${offset})`
  const passed = `((${local} % ${interval} + ${interval}) % ${interval})`
  return { bucket: `(${local} - ${passed} + ${offset})`, passed }
}

function shiftSql({ zone }: Windows, range: TimeRange, now: bigint): string {
  const changes = zoneChanges(zone, range.from ?? 0n, range.to ?? now)
  return changes
    .slice(1)
    .reduce(
      (sql, { from, offset: ahead }) => `CASE WHEN t.time >= ${from} THEN ${ahead} ELSE ${sql} END`,
      String(changes[0]?.offset ?? 0n),
    )
}

/** The start, in local time, of the window that a time is in. */
export function windowStart({ interval, offset, zone }: Windows, time: bigint): bigint {
  const local = time + zoneOffset(zone, time) - offset
  return local - (((local % interval) + interval) % interval) + offset
}

export function windowTime({ zone }: Windows, start: bigint): bigint {
  return fromLocal(zone, start)
}

/** A range with more windows before the first of the answer: what transformations compare that one with. */
export function widened(range: TimeRange, { interval }: Windows, descending: boolean, windows: bigint): TimeRange {
  const { from, to } = range
  const more = interval * windows
  return descending
    ? { from, to: to === undefined ? to : to + more }
    : { from: from === undefined ? from : from - more, to }
}
