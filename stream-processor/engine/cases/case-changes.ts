import { handlingBinOf } from './panes.ts'
import { closed, due, flags, intAt, opened, overdueFrom, passed, type Rows, timeAt } from './rows.ts'

/**
 * What a version gives to the keys that it counts for, or what changes about that from one to the next: the same for all
 * of them. Some groups of `changeWidth` doubles: what is counted, when, 1 or -1, how long the handling took, and the bin
 * of that.
 */
export interface Changes {
  readonly numbers: Float64Array
  /** Doubles in use. */
  used: number
}

export const changeWidth = 5

/** What is counted. */
export const wasOpened = 0
export const wasClosedOnTime = 1
export const wasClosedLate = 2
/** There is one overdue case more from then on. */
export const becameOverdue = 3

/** Most changes from one version to the next: two of being opened, two of being closed, four of being overdue. */
const most = 8

export const createChanges = (): Changes => ({ numbers: new Float64Array(most * changeWidth), used: 0 })

/** What the version in a row gives, or with -1 what is taken back with it. */
export function ofVersion(changes: Changes, rows: Rows, row: number, sign: 1 | -1): Changes {
  changes.used = 0
  addOpened(changes, rows, row, sign)
  addClosed(changes, rows, row, sign)
  addOverdue(changes, lateFrom(rows, row), sign)
  addOverdue(changes, lateUntil(rows, row), sign === 1 ? -1 : 1)
  return changes
}

/**
 * What the version in row `before` gave is taken back, and what that in `after` gives is added. What both give alike is
 * left as it is: mostly nothing changes that lies in the past, and so nothing has to be given out again.
 */
export function ofStep(changes: Changes, rows: Rows, before: number, after: number): Changes {
  changes.used = 0
  const sameOpened = timeAt(rows, before, opened) === timeAt(rows, after, opened)
  const sameClosed = timeAt(rows, before, closed) === timeAt(rows, after, closed)
  const sameDue = timeAt(rows, before, due) === timeAt(rows, after, due)
  if (!sameOpened) {
    addOpened(changes, rows, before, -1)
    addOpened(changes, rows, after, 1)
  }
  if (!sameOpened || !sameClosed || !sameDue) {
    addClosed(changes, rows, before, -1)
    addClosed(changes, rows, after, 1)
  }
  const late = lateFrom(rows, before)
  const lateNow = lateFrom(rows, after)
  if (late !== lateNow) {
    addOverdue(changes, late, -1)
    addOverdue(changes, lateNow, 1)
  }
  const lateTo = lateUntil(rows, before)
  const lateToNow = lateUntil(rows, after)
  if (lateTo !== lateToNow) {
    addOverdue(changes, lateTo, 1)
    addOverdue(changes, lateToNow, -1)
  }
  return changes
}

/** The deadline of the case in a row has passed. */
export function ofDeadline(changes: Changes, rows: Rows, row: number): Changes {
  changes.used = 0
  addOverdue(changes, overdueFrom(rows, row), 1)
  return changes
}

function add(changes: Changes, what: number, time: number, sign: 1 | -1, handlingMs = 0, bin = 0): void {
  const { numbers, used } = changes
  numbers[used] = what
  numbers[used + 1] = time
  numbers[used + 2] = sign
  numbers[used + 3] = handlingMs
  numbers[used + 4] = bin
  changes.used = used + changeWidth
}

function addOpened(changes: Changes, rows: Rows, row: number, sign: 1 | -1): void {
  add(changes, wasOpened, timeAt(rows, row, opened), sign)
}

function addClosed(changes: Changes, rows: Rows, row: number, sign: 1 | -1): void {
  const time = timeAt(rows, row, closed)
  if (time === Number.POSITIVE_INFINITY) return
  const what = time <= timeAt(rows, row, due) ? wasClosedOnTime : wasClosedLate
  const handlingMs = time - timeAt(rows, row, opened)
  add(changes, what, time, sign, handlingMs, handlingBinOf(handlingMs))
}

function addOverdue(changes: Changes, time: number, sign: 1 | -1): void {
  if (time !== Number.POSITIVE_INFINITY) add(changes, becameOverdue, time, sign)
}

/** From when on a version counts as overdue: a case that is still open does once its deadline has passed. */
function lateFrom(rows: Rows, row: number): number {
  const from = overdueFrom(rows, row)
  const end = timeAt(rows, row, closed)
  const late = end === Number.POSITIVE_INFINITY ? (intAt(rows, row, flags) & passed) !== 0 : end > from
  return late ? from : Number.POSITIVE_INFINITY
}

/** From when on a version that was overdue no longer is. */
function lateUntil(rows: Rows, row: number): number {
  const end = timeAt(rows, row, closed)
  return end > overdueFrom(rows, row) ? end : Number.POSITIVE_INFINITY
}
