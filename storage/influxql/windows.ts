import { maxTime } from '../line-protocol/point.ts'
import { intersection, type TimeRange } from './time.ts'
import { firstFromLocal, type ZoneChange, zoneChanges, zoneOffset } from './zone.ts'

/** The windows of `GROUP BY time(interval, offset)`, as they are asked for. All in nanoseconds. */
export interface NamedWindows {
  readonly interval: bigint
  readonly offset: bigint
  readonly zone: string | undefined
  /** Whether a subquery has them from the query around it. */
  readonly inherited: boolean
}

/** The same, aligned in local time. */
export interface Windows extends NamedWindows {
  /** How far the zone is from UTC, over all times that rows may have. */
  readonly changes: readonly ZoneChange[]
}

/**
 * Windows without a zone, where its changes between summer and winter time move none of them: an hour that comes twice
 * then has two windows of an hour, not one.
 * @param reach how far beyond the range rows may lie, or windows begin
 */
export function aligned(named: NamedWindows, range: TimeRange, now: bigint, reach: bigint): Windows {
  const { interval, offset, zone } = named
  const reached = { from: (range.from ?? reach) - reach, to: (range.to ?? now) + reach }
  const { from = 0n, to = now } = intersection(reached, { from: 0n, to: maxTime })
  const changes = zoneChanges(zone, from, to)
  const ahead = changes[0]?.offset ?? 0n
  if (changes.some((change) => (change.offset - ahead) % interval !== 0n)) return { ...named, changes }
  return { ...named, zone: undefined, offset: (offset - ahead) % interval, changes: zoneChanges(undefined, from, to) }
}

/**
 * SQL of the window that a row of `t` belongs to: its start in local time, and how far into it the row is. Without windows
 * there is one for all times.
 */
export function windowSql(windows: Windows | undefined): { bucket: string; passed: string } {
  if (!windows) return { bucket: '0::BIGINT', passed: 't.time' }
  const { interval, offset, changes } = windows
  const shift = shiftSql(changes)
  const moved = shift !== '0' || offset !== 0n
  const local = moved ? `(t.time + (${shift}) - ${offset})` : 't.time'
  const left = `${local} % ${interval}`
  // What is left of a time before 1970 is negative.
  const positive = (changes[0]?.from ?? 0n) > longestShift + offset
  const passed = positive ? `(${left})` : `(${left} + CASE WHEN ${left} < 0 THEN ${interval} ELSE 0 END)`
  return { bucket: `(${local} - ${passed}${moved ? ` + ${offset}` : ''})`, passed }
}

/** Longer than any zone is from UTC, in ns. */
const longestShift = 86_400_000_000_000n

function shiftSql(changes: readonly ZoneChange[]): string {
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
