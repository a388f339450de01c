/** How far in the future a time may lie before it is clamped to the arrival, in ms. */
export const futureToleranceMs = 60_000
/**
 * How far behind its arrival a message may say that it was sent before the clock of its node counts as wrong, in ms: a slow
 * line delays by minutes, and a record of a healthy node must not be moved by that.
 */
const maxDelayMs = 300_000
/** How near its arrival a time must be in another unit to count as one of that unit, in ms. */
const maxUnitErrorMs = 86_400_000
/** Milliseconds, seconds, microseconds, nanoseconds: what turns them into milliseconds. */
const units = [1, 1_000, 1e-3, 1e-6] as const

/** 2000-01-01: before it a time is not in milliseconds, but in seconds. */
const earliestMs = 946_684_800_000
/** 2200-01-01: after it a time is not in milliseconds, but in microseconds or nanoseconds. */
const latestMs = 7_258_118_400_000

/** When something happened by the clock of the broker, in ms, or why that cannot be known. */
export type Placed =
  | {
      readonly ts: number
      /** The time that was claimed, in ms, where it is not the one that counts, and what became of it. */
      readonly claimed: number | undefined
      readonly moved: 'clamped' | 'corrected' | undefined
    }
  | { readonly fault: string }

/**
 * Places a claimed time on the clock of the broker. The node that sent it says with `sent` what its clock showed then: where
 * that is far from the arrival, its clock is wrong, and only the difference of the two counts. Without a `sent` a time that
 * cannot be true is that of the arrival.
 */
export function placeTime(claimed: number | undefined, sent: number | undefined, arrival: number): Placed {
  if (claimed === undefined) return { ts: arrival, claimed: undefined, moved: undefined }
  const unit = unitOf(sent ?? claimed, arrival)
  const ts = Math.round(claimed * unit)
  if (sent === undefined) {
    return isTime(ts) ? clampedTo(arrival, ts, ts) : { ts: arrival, claimed: ts, moved: 'corrected' }
  }
  const sentMs = sent * unit
  const fault = faultOfTime(ts)
  if (isNear(sentMs, arrival)) return fault === undefined ? clampedTo(arrival, ts, ts) : { fault }
  const corrected = Math.min(Math.round(arrival - (sentMs - ts)), arrival)
  if (!isTime(corrected))
    return { fault: `ts ${claimed} and sent ${sent} are too far apart: expected both from the same clock` }
  return { ts: corrected, claimed: ts, moved: 'corrected' }
}

/** When a message says that it was sent, in ms, whatever the unit. */
export const sentMsOf = (sent: number, arrival: number): number => sent * unitOf(sent, arrival)

/** Whether a node's clock, when it sent a message, can be right. */
export function isNear(sent: number, arrival: number): boolean {
  return sent <= arrival + futureToleranceMs && sent >= arrival - maxDelayMs
}

/** The unit in which a time is near the arrival; milliseconds where it is in none. */
function unitOf(time: number, arrival: number): number {
  if (Math.abs(time - arrival) <= maxUnitErrorMs) return 1
  return units.find((unit) => Math.abs(time * unit - arrival) <= maxUnitErrorMs) ?? 1
}

function clampedTo(arrival: number, ts: number, claimed: number): Placed {
  if (ts <= arrival + futureToleranceMs) return { ts, claimed: undefined, moved: undefined }
  return { ts: arrival, claimed, moved: 'clamped' }
}

/** Why a time cannot be what it claims to be, if so. @param name what the record calls it */
export function faultOfTime(ts: number, name = 'ts'): string | undefined {
  if (isTime(ts)) return undefined
  if (!Number.isFinite(ts)) return `${name} is not a number; expected milliseconds since 1970`
  if (ts < 0) return `${name} ${ts} is negative; expected milliseconds since 1970`
  if (ts < earliestMs) return `${name} ${ts} is before 2000; expected a time in milliseconds, not in seconds`
  return `${name} ${ts} is after 2200; expected a time in milliseconds, not in microseconds or nanoseconds`
}

/** Whether a time can be what it claims to be, in ms since 1970. */
export const isTime = (ts: number): boolean => ts >= earliestMs && ts <= latestMs
