import type { CaseAttribute } from '@ioc/contract/case-types/case-type.ts'
import { faultOfTime, futureToleranceMs } from '../judge.ts'
import type { Fault } from '../measurement.ts'
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

/** An attribute that a type declares. */
export interface DeclaredAttribute {
  readonly name: string
  readonly kind: CaseAttribute['kind']
}

/** The attributes of a case that are of the kind that its type declares: mostly the case itself. */
export function judgeAttributes(
  claim: CaseClaim,
  declared: readonly DeclaredAttribute[],
  faults: Fault[],
): Readonly<Record<string, unknown>> {
  let attributes: Readonly<Record<string, unknown>> = claim.case
  for (const { name, kind } of declared) {
    const value = attributes[name]
    if (value === undefined || value === null || typeof value === kind) continue
    attributes = { ...attributes, [name]: undefined }
    const reason = `${name}: ${claim.type} declares a ${kind}, got ${JSON.stringify(value)}`
    faults.push({ device: claim.device, reason })
  }
  return attributes
}
