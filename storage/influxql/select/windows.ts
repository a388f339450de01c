import type { TimeRange } from '../time.ts'
import { fromLocal, zoneChanges, zoneOffset } from '../zone.ts'

/** The windows of `GROUP BY time(interval, offset)`, aligned in local time. All in nanoseconds. */
export interface Windows {
  readonly interval: bigint
  readonly offset: bigint
  readonly zone: string | undefined
}

/** SQL of the start, in local time, of the window that a row of `t` belongs to. */
export function windowSql({ interval, offset, zone }: Windows, range: TimeRange, now: bigint): string {
  const changes = zoneChanges(zone, range.from ?? 0n, range.to ?? now)
  const shift = changes
    .slice(1)
    .reduce(
      (sql, { from, offset: ahead }) => `CASE WHEN t.time >= ${from} THEN ${ahead} ELSE ${sql} END`,
      String(changes[0]?.offset ?? 0n),
    )
  const local = `(t.time + (${shift}) - ${offset})`
  return `(${local} - (${local} % ${interval} + ${interval}) % ${interval} + ${offset})`
}

/** The same for one time. */
export function windowStart({ interval, offset, zone }: Windows, time: bigint): bigint {
  const local = time + zoneOffset(zone, time) - offset
  return local - (((local % interval) + interval) % interval) + offset
}

export function windowTime({ zone }: Windows, start: bigint): bigint {
  return fromLocal(zone, start)
}
