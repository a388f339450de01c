import { faultOfTime, futureToleranceMs } from '../judge.ts'
import type { Fault } from '../measurement.ts'
import type { AttributeColumn, AttributeValue } from './attribute-columns.ts'
import type { CaseClaim } from './case-point.ts'
import { closed, due, incoming, opened, type Rows, setTime, ts } from './rows.ts'

/**
 * Judges the times of a case and writes them into the incoming row. A time more than a minute ahead of the arrival is
 * clamped to it, as of measurements; only a due time may lie ahead. A case that was closed before it was opened, as
 * where only the day is kept, is closed when it was opened.
 * @returns why the record cannot be counted, or whether a time was clamped
 */
export function judgeTimes(claim: CaseClaim, arrivalMs: number, rows: Rows): string | boolean {
  const { case: version } = claim
  const hasDue = version.due !== undefined && version.due !== null
  const hasClosed = version.closed !== undefined && version.closed !== null
  const fault =
    faultOfTime(claim.ts) ??
    faultOfTime(version.opened, 'opened') ??
    (hasDue ? faultOfTime(version.due as number, 'due') : undefined) ??
    (hasClosed ? faultOfTime(version.closed as number, 'closed') : undefined)
  if (fault) return fault
  const latest = arrivalMs + futureToleranceMs
  const openedAt = Math.round(version.opened)
  const saidAt = Math.round(claim.ts)
  const closedAt = hasClosed ? Math.round(version.closed as number) : Number.POSITIVE_INFINITY
  const clampedOpened = openedAt > latest ? arrivalMs : openedAt
  setTime(rows, incoming, opened, clampedOpened)
  setTime(rows, incoming, due, hasDue ? Math.round(version.due as number) : Number.POSITIVE_INFINITY)
  const clampedClosed = closedAt > latest ? arrivalMs : closedAt
  setTime(rows, incoming, closed, hasClosed ? Math.max(clampedClosed, clampedOpened) : closedAt)
  setTime(rows, incoming, ts, saidAt > latest ? arrivalMs : saidAt)
  return openedAt > latest || saidAt > latest || (hasClosed && closedAt > latest)
}

const noFaults: readonly Fault[] = []

/**
 * Writes the attributes that the type declares into the incoming row. One of another kind than declared is left out.
 * @returns what was left out
 */
export function takeAttributes(claim: CaseClaim, columns: readonly AttributeColumn[]): readonly Fault[] {
  const attributes: Readonly<Record<string, unknown>> = claim.case
  let faults = noFaults
  for (const column of columns) {
    const value = attributes[column.name]
    if (value === undefined || value === null) {
      column.write(incoming, undefined)
    } else if (isOfKind(value, column.kind)) {
      column.write(incoming, value)
    } else {
      column.write(incoming, undefined)
      const reason = `${column.name}: ${claim.type} declares a ${column.kind}, got ${JSON.stringify(value)}`
      faults = [...faults, { device: claim.device, reason }]
    }
  }
  return faults
}

const isOfKind = (value: unknown, kind: AttributeColumn['kind']): value is AttributeValue => typeof value === kind
