import type { RowColumn } from './column.ts'

/** Where a closed row of `steps` holds its parts. Those of several devices add up. */
export const closedSteps = { increase: 0, ratePerSecond: 1, devices: 2 } as const

/**
 * How much a counter went up: `[first ts, first value, last ts, last value, increase]`, times in ms. A step from `a` to
 * the next value `b` adds `b − a`; where `b` is less the counter began again at 0, and the step adds `b`, as in
 * Prometheus' `increase()`. A step counts in the window of its later event, whole: nothing is extrapolated to the ends
 * of the window, so that windows side by side add up to what the counter counted.
 *
 * Closed: `[increase, increase per second, 1, 0, 0]`, the seconds being those between the first event, or the one
 * carried, and the last. All zeros where there is no time between them, for then nothing is known.
 * @param holdMs how long before a window an event may be for the step from it to count in the window
 */
export function stepsColumn(holdMs: number): RowColumn {
  return {
    kind: 'row',
    name: `steps:${holdMs}`,
    width: 5,
    parts: ['first_ts', 'first', 'last_ts', 'last', 'increase'],
    identity: [Number.POSITIVE_INFINITY, 0, Number.NEGATIVE_INFINITY, 0, 0],
    add(row, at, ts, value) {
      if (row[at + 2] === Number.NEGATIVE_INFINITY) {
        row[at] = ts
        row[at + 1] = value
      } else {
        row[at + 4] = (row[at + 4] as number) + step(row[at + 3] as number, value)
      }
      row[at + 2] = ts
      row[at + 3] = value
    },
    merge(out, outAt, left, leftAt, right, rightAt) {
      const increase = (left[leftAt + 4] as number) + (right[rightAt + 4] as number)
      const fromLeft = left[leftAt + 2] !== Number.NEGATIVE_INFINITY
      const fromRight = right[rightAt + 2] !== Number.NEGATIVE_INFINITY
      const between = fromLeft && fromRight ? step(left[leftAt + 3] as number, right[rightAt + 1] as number) : 0
      const lastTs = (fromRight ? right[rightAt + 2] : left[leftAt + 2]) as number
      const lastValue = (fromRight ? right[rightAt + 3] : left[leftAt + 3]) as number
      out[outAt] = (fromLeft ? left[leftAt] : right[rightAt]) as number
      out[outAt + 1] = (fromLeft ? left[leftAt + 1] : right[rightAt + 1]) as number
      out[outAt + 2] = lastTs
      out[outAt + 3] = lastValue
      out[outAt + 4] = increase + between
    },
    ordered: {
      holdMs,
      lastTs: (row, at) => finite(row[at + 2] as number),
      lastValue: (row, at) => row[at + 3] as number,
      carry(row, at, ts, value) {
        row[at] = ts
        row[at + 1] = value
        row[at + 2] = ts
        row[at + 3] = value
        row[at + 4] = 0
      },
      close(row, at) {
        const seconds = ((row[at + 2] as number) - (row[at] as number)) / 1000
        const known = seconds > 0
        const increase = known ? (row[at + 4] as number) : 0
        row.fill(0, at, at + 5)
        row[at + closedSteps.increase] = increase
        row[at + closedSteps.ratePerSecond] = known ? increase / seconds : 0
        row[at + closedSteps.devices] = known ? 1 : 0
      },
    },
  }
}

function step(from: number, to: number): number {
  return to >= from ? to - from : to
}

/**
 * Where a closed row of `held` holds its parts: value × ms, and the ms of which the value is known; the value that still
 * holds at the end of the window, and 1 if there is one.
 */
export const closedHeld = { integral: 0, coveredMs: 1, last: 2, devices: 3 } as const

/**
 * The integral of a value that stays as it is from one event to the next, at most for `holdMs`, at most to the end of
 * the window: `[first ts, last ts, last value, until, integral, covered]`. All times in ms; the value's time before the
 * last event is in the integral, `until` is when the last value ceases to hold.
 *
 * Closed: `[integral, covered, last, 1, 0, 0]`, or zeros for the last value where it ceased to hold before the end. Over
 * several devices that is the integral over all of their time, and the sum of their last values.
 */
export function heldColumn(holdMs: number): RowColumn {
  return {
    kind: 'row',
    name: `held:${holdMs}`,
    width: 6,
    parts: ['first_ts', 'last_ts', 'last', 'until_ts', 'integral_ms', 'covered_ms'],
    identity: [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0, Number.NEGATIVE_INFINITY, 0, 0],
    add(row, at, ts, value) {
      const lastTs = row[at + 1] as number
      if (lastTs === Number.NEGATIVE_INFINITY) {
        row[at] = ts
      } else {
        const ms = Math.min(ts, row[at + 3] as number) - lastTs
        row[at + 4] = (row[at + 4] as number) + (row[at + 2] as number) * ms
        row[at + 5] = (row[at + 5] as number) + ms
      }
      row[at + 1] = ts
      row[at + 2] = value
      row[at + 3] = ts + holdMs
    },
    merge(out, outAt, left, leftAt, right, rightAt) {
      const leftLastTs = left[leftAt + 1] as number
      const fromLeft = leftLastTs !== Number.NEGATIVE_INFINITY
      const fromRight = right[rightAt + 1] !== Number.NEGATIVE_INFINITY
      const between =
        fromLeft && fromRight ? Math.min(right[rightAt] as number, left[leftAt + 3] as number) - leftLastTs : 0
      const integral =
        (left[leftAt + 4] as number) + (left[leftAt + 2] as number) * between + (right[rightAt + 4] as number)
      const covered = (left[leftAt + 5] as number) + between + (right[rightAt + 5] as number)
      const lastTs = fromRight ? (right[rightAt + 1] as number) : leftLastTs
      const lastValue = (fromRight ? right[rightAt + 2] : left[leftAt + 2]) as number
      const until = (fromRight ? right[rightAt + 3] : left[leftAt + 3]) as number
      out[outAt] = (fromLeft ? left[leftAt] : right[rightAt]) as number
      out[outAt + 1] = lastTs
      out[outAt + 2] = lastValue
      out[outAt + 3] = until
      out[outAt + 4] = integral
      out[outAt + 5] = covered
    },
    ordered: {
      holdMs,
      // Not from `last ts`: a carried event stands at the start of the window, but its hold began when it happened.
      lastTs: (row, at) => finite((row[at + 3] as number) - holdMs),
      lastValue: (row, at) => row[at + 2] as number,
      carry(row, at, ts, value, from) {
        row[at] = from
        row[at + 1] = from
        row[at + 2] = value
        row[at + 3] = ts + holdMs
        row[at + 4] = 0
        row[at + 5] = 0
      },
      close(row, at, _from, to) {
        const lastTs = row[at + 1] as number
        const after = lastTs === Number.NEGATIVE_INFINITY ? 0 : Math.min(to, row[at + 3] as number) - lastTs
        const integral = (row[at + 4] as number) + (row[at + 2] as number) * after
        const covered = (row[at + 5] as number) + after
        const last = (row[at + 3] as number) >= to ? (row[at + 2] as number) : undefined
        row.fill(0, at, at + 6)
        row[at + closedHeld.integral] = integral
        row[at + closedHeld.coveredMs] = covered
        row[at + closedHeld.last] = last ?? 0
        row[at + closedHeld.devices] = last === undefined ? 0 : 1
      },
    },
  }
}

function finite(ts: number): number | undefined {
  return ts === Number.NEGATIVE_INFINITY ? undefined : ts
}
