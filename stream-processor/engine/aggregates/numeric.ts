import type { RowColumn } from './column.ts'

/** How many events there are. */
export const countColumn: RowColumn = {
  kind: 'row',
  name: 'count',
  width: 1,
  parts: ['count'],
  identity: [0],
  add(row, at) {
    row[at] = (row[at] as number) + 1
  },
  merge(out, outAt, left, leftAt, right, rightAt) {
    out[outAt] = (left[leftAt] as number) + (right[rightAt] as number)
  },
}

/** The sum of the values, in the unit of the metric. */
export const sumColumn: RowColumn = {
  kind: 'row',
  name: 'sum',
  width: 1,
  parts: ['sum'],
  identity: [0],
  add(row, at, _ts, value) {
    row[at] = (row[at] as number) + value
  },
  merge(out, outAt, left, leftAt, right, rightAt) {
    out[outAt] = (left[leftAt] as number) + (right[rightAt] as number)
  },
}

/** The least value. */
export const minColumn: RowColumn = {
  kind: 'row',
  name: 'min',
  width: 1,
  parts: ['min'],
  identity: [Number.POSITIVE_INFINITY],
  add(row, at, _ts, value) {
    if (value < (row[at] as number)) row[at] = value
  },
  merge(out, outAt, left, leftAt, right, rightAt) {
    out[outAt] = Math.min(left[leftAt] as number, right[rightAt] as number)
  },
}

/** The greatest value. */
export const maxColumn: RowColumn = {
  kind: 'row',
  name: 'max',
  width: 1,
  parts: ['max'],
  identity: [Number.NEGATIVE_INFINITY],
  add(row, at, _ts, value) {
    if (value > (row[at] as number)) row[at] = value
  },
  merge(out, outAt, left, leftAt, right, rightAt) {
    out[outAt] = Math.max(left[leftAt] as number, right[rightAt] as number)
  },
}

/** `[ts, value]` of the earliest event; of events at the same time the one with the smaller value. Times in ms. */
export const firstColumn: RowColumn = {
  kind: 'row',
  name: 'first',
  width: 2,
  parts: ['first_ts', 'first'],
  identity: [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY],
  add(row, at, ts, value) {
    const held = row[at] as number
    if (ts < held || (ts === held && value < (row[at + 1] as number))) {
      row[at] = ts
      row[at + 1] = value
    }
  },
  merge(out, outAt, left, leftAt, right, rightAt) {
    const leftTs = left[leftAt] as number
    const rightTs = right[rightAt] as number
    const leftValue = left[leftAt + 1] as number
    const rightValue = right[rightAt + 1] as number
    const takeRight = rightTs < leftTs || (rightTs === leftTs && rightValue < leftValue)
    out[outAt] = takeRight ? rightTs : leftTs
    out[outAt + 1] = takeRight ? rightValue : leftValue
  },
}

/** `[ts, value]` of the latest event; of events at the same time the one with the larger value. Times in ms. */
export const lastColumn: RowColumn = {
  kind: 'row',
  name: 'last',
  width: 2,
  parts: ['last_ts', 'last'],
  identity: [Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY],
  add(row, at, ts, value) {
    const held = row[at] as number
    if (ts > held || (ts === held && value > (row[at + 1] as number))) {
      row[at] = ts
      row[at + 1] = value
    }
  },
  merge(out, outAt, left, leftAt, right, rightAt) {
    const leftTs = left[leftAt] as number
    const rightTs = right[rightAt] as number
    const leftValue = left[leftAt + 1] as number
    const rightValue = right[rightAt + 1] as number
    const takeRight = rightTs > leftTs || (rightTs === leftTs && rightValue > leftValue)
    out[outAt] = takeRight ? rightTs : leftTs
    out[outAt + 1] = takeRight ? rightValue : leftValue
  },
}

/**
 * `[count, mean, M2]`, where `M2` is the sum of the squares of what values differ from the mean. Adds as Welford (1962)
 * does, merges as Chan, Golub and LeVeque (Updating formulae and a pairwise algorithm for computing sample variances,
 * 1979) do: no large squares are subtracted from each other, so that little is lost where the mean is far from zero.
 */
export const momentsColumn: RowColumn = {
  kind: 'row',
  name: 'moments',
  width: 3,
  parts: ['count', 'mean', 'm2'],
  identity: [0, 0, 0],
  add(row, at, _ts, value) {
    const count = (row[at] as number) + 1
    const mean = row[at + 1] as number
    const delta = value - mean
    const moved = mean + delta / count
    row[at] = count
    row[at + 1] = moved
    row[at + 2] = (row[at + 2] as number) + delta * (value - moved)
  },
  merge(out, outAt, left, leftAt, right, rightAt) {
    const leftCount = left[leftAt] as number
    const rightCount = right[rightAt] as number
    const leftMean = left[leftAt + 1] as number
    const rightMean = right[rightAt + 1] as number
    const count = leftCount + rightCount
    const delta = rightMean - leftMean
    const share = count === 0 ? 0 : rightCount / count
    out[outAt] = count
    out[outAt + 1] = leftMean + delta * share
    out[outAt + 2] = (left[leftAt + 2] as number) + (right[rightAt + 2] as number) + delta * delta * leftCount * share
  },
}

/**
 * `[ref, weighted sum, weight]`: the sums of values and of ones, each weighted by `exp(−(ref − ts)/τ)`, where `ref` is
 * the time of the latest event, in ms. The average is their quotient, whatever the time it is asked for: as time goes
 * on both lose the same share (Cormode, Shkapenyuk, Srivastava, Xu: Forward decay, ICDE 2009). Older parts are scaled
 * to the later `ref`, never the other way: weights are at most 1 and cannot overflow, and the latest event has all of
 * its weight, so that the quotient is one of numbers other than zero.
 */
export function decayColumn(tauMs: number): RowColumn {
  return {
    kind: 'row',
    name: `decay:${tauMs}`,
    width: 3,
    parts: ['ref_ts', 'weighted_sum', 'weight'],
    identity: [Number.NEGATIVE_INFINITY, 0, 0],
    add(row, at, ts, value) {
      const ref = row[at] as number
      if (ts > ref) {
        const kept = Math.exp((ref - ts) / tauMs)
        row[at] = ts
        row[at + 1] = (row[at + 1] as number) * kept + value
        row[at + 2] = (row[at + 2] as number) * kept + 1
      } else {
        const weight = Math.exp((ts - ref) / tauMs)
        row[at + 1] = (row[at + 1] as number) + value * weight
        row[at + 2] = (row[at + 2] as number) + weight
      }
    },
    merge(out, outAt, left, leftAt, right, rightAt) {
      const leftRef = left[leftAt] as number
      const rightRef = right[rightAt] as number
      // Equal references are told apart because two identities differ by Infinity − Infinity.
      const leftKept = leftRef < rightRef ? Math.exp((leftRef - rightRef) / tauMs) : 1
      const rightKept = rightRef < leftRef ? Math.exp((rightRef - leftRef) / tauMs) : 1
      out[outAt] = Math.max(leftRef, rightRef)
      out[outAt + 1] = (left[leftAt + 1] as number) * leftKept + (right[rightAt + 1] as number) * rightKept
      out[outAt + 2] = (left[leftAt + 2] as number) * leftKept + (right[rightAt + 2] as number) * rightKept
    },
  }
}
