import { faultOfTime, futureToleranceMs, isTime } from '../clock.ts'
import type { CaseClaim } from './case-point.ts'
import { closed, due, opened, type Rows, timePage, timeStart, ts } from './rows.ts'

/** When claims arrived, in ms, and the latest time that they may claim. An object: a double would be boxed for each claim. */
export interface Arrival {
  readonly ms: number
  readonly latestMs: number
}

export const arrivalAt = (ms: number): Arrival => ({ ms, latestMs: ms + futureToleranceMs })

/**
 * Judges the times of a case and writes them into a row. A time more than a minute ahead of the arrival is
 * clamped to it, as of measurements; only a due time may lie ahead. A case that was closed before it was opened, as
 * where only the day is kept, is closed when it was opened.
 * @returns why the record cannot be counted, or whether a time was clamped
 */
export function judgeTimes(claim: CaseClaim, arrival: Arrival, rows: Rows, row: number): string | boolean {
  const { ts: said, case: version } = claim
  const hasDue = version.due !== undefined && version.due !== null
  const hasClosed = version.closed !== undefined && version.closed !== null
  const areTimes =
    isTime(said) &&
    isTime(version.opened) &&
    (!hasDue || isTime(version.due as number)) &&
    (!hasClosed || isTime(version.closed as number))
  if (!areTimes) return faultOf(claim)
  const { ms: arrivalMs, latestMs: latest } = arrival
  const openedAt = Math.round(version.opened)
  const saidAt = Math.round(said)
  const closedAt = hasClosed ? Math.round(version.closed as number) : Number.POSITIVE_INFINITY
  const clampedOpened = openedAt > latest ? arrivalMs : openedAt
  const clampedClosed = closedAt > latest ? arrivalMs : closedAt
  const times = timePage(rows, row)
  const start = timeStart(rows, row)
  times[start + opened] = clampedOpened
  times[start + due] = hasDue ? Math.round(version.due as number) : Number.POSITIVE_INFINITY
  times[start + closed] = hasClosed ? Math.max(clampedClosed, clampedOpened) : closedAt
  times[start + ts] = saidAt > latest ? arrivalMs : saidAt
  return openedAt > latest || saidAt > latest || (hasClosed && closedAt > latest)
}

/** Why one of the times of a case cannot be what it claims to be. */
function faultOf({ ts: said, case: { opened: from, due: by, closed: to } }: CaseClaim): string {
  const dueFault = by === undefined || by === null ? undefined : faultOfTime(by, 'due')
  const fault = faultOfTime(said) ?? faultOfTime(from, 'opened') ?? dueFault ?? faultOfTime(to as number, 'closed')
  return fault as string
}
