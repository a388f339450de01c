import { faultOfTime, futureToleranceMs, isTime } from '../clock.ts'
import type { Attributes, AttributeValues } from './attributes.ts'
import type { CaseClaim } from './case-point.ts'

/** No due time; not closed. */
export const never = Number.POSITIVE_INFINITY

/** A case as it is kept and saved. It is never changed: a newer version takes its place. Times in ms since 1970. */
export interface CaseVersion {
  readonly site: string
  readonly device: string
  readonly area: string | undefined
  readonly id: string
  readonly ts: number
  readonly opened: number
  /** `never` without one. */
  readonly due: number
  /** `never` while it is open. */
  readonly closed: number
  /** Whether its deadline has passed while it was open. */
  readonly passed: boolean
  readonly attributes: AttributeValues
}

export interface Validated {
  /** `undefined`: the record cannot be counted. */
  readonly version: CaseVersion | undefined
  /** Whether one of its times was clamped to the arrival. */
  readonly isClamped: boolean
  readonly faults: readonly string[]
}

/**
 * Validates a record of a case. A time more than a minute ahead of the arrival is clamped to it, as of measurements; only
 * a due time may lie ahead. A case that was closed before it was opened, as where only the day is kept, is closed when it
 * was opened. An attribute of another kind than declared is left out.
 */
export function validateCase(claim: CaseClaim, attributes: Attributes, arrivalMs: number): Validated {
  const { site, device, area, type, case: one } = claim
  const due = one.due ?? undefined
  const closed = one.closed ?? undefined
  const times = {
    ts: claim.ts,
    opened: one.opened,
    ...(due === undefined ? {} : { due }),
    ...(closed === undefined ? {} : { closed }),
  }
  for (const [name, time] of Object.entries(times)) {
    if (isTime(time)) continue
    return { version: undefined, isClamped: false, faults: [`case ${one.id}: ${faultOfTime(time, name)}`] }
  }
  let isClamped = false
  const clamped = (time: number): number => {
    const rounded = Math.round(time)
    if (rounded <= arrivalMs + futureToleranceMs) return rounded
    isClamped = true
    return arrivalMs
  }
  const ts = clamped(claim.ts)
  const opened = clamped(one.opened)
  const ended = closed === undefined ? never : Math.max(clamped(closed), opened)
  const faults: string[] = []
  const values = attributes.read(one, type, faults)
  const version = {
    site,
    device,
    area,
    id: one.id,
    ts,
    opened,
    due: Math.round(due ?? never),
    closed: ended,
    passed: false,
  }
  return { version: { ...version, attributes: values }, isClamped, faults }
}

/** From when on a case counts as overdue, while it is open. */
export const overdueFrom = ({ opened, due }: CaseVersion): number => Math.max(opened, due)

/**
 * Which of two versions of a case is the newer: positive if it is the left one. Of the same `ts` it is one that is
 * closed, then that with the greater of the other times, of the device, of the area and of the attributes as the type
 * declares them: any order will do that does not depend on which came first. What is not kept of a case does not count.
 */
export function compareVersions(attributes: Attributes, left: CaseVersion, right: CaseVersion): number {
  return (
    left.ts - right.ts ||
    compare(closedOr0(left), closedOr0(right)) ||
    compare(left.due, right.due) ||
    compare(left.opened, right.opened) ||
    compare(left.device, right.device) ||
    compare(left.area ?? '', right.area ?? '') ||
    attributes.compare(left.attributes, right.attributes)
  )
}

const closedOr0 = ({ closed }: CaseVersion): number => (closed === never ? 0 : closed)

/** Which of two is the greater: positive if it is the left one. */
export function compare<T extends number | string>(left: T, right: T): number {
  return left < right ? -1 : left > right ? 1 : 0
}
