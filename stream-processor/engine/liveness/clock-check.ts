import { isNear } from '../clock.ts'

/** A clock that seems wrong. Times are arrivals, in ms. Plain data. */
export interface ClockRun {
  readonly since: number
  offset: number
  /** Whether it was wrong for long enough: one message that was held up on its way is no wrong clock. */
  isWrong: boolean
}

const confirmedMs = 60_000

/** The check after a message that claims to be of `claimed`, in ms; undefined where the clock is right. */
export function checkClock(before: ClockRun | undefined, claimed: number, arrival: number): ClockRun | undefined {
  if (isNear(claimed, arrival)) return undefined
  const run = before ?? { since: arrival, offset: 0, isWrong: false }
  if (run.isWrong) return run
  run.offset = Math.round(arrival - claimed)
  run.isWrong = arrival - run.since >= confirmedMs
  return run
}
