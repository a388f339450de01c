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
