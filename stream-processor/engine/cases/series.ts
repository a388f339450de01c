import type { CasePlace, CurrentValue } from './case-point.ts'
import { addClosed, addOpened, addOverdue, createPanes, type Panes, paneStart } from './panes.ts'
import { closed, due, flags, intAt, opened, overdueFrom, passed, type Rows, timeAt } from './rows.ts'
import type { Stream } from './streams.ts'

/** The panes of one stream for one key. */
export interface Series {
  readonly stream: Stream
  readonly place: CasePlace
  readonly panes: Panes
  /** Windows that end after this and were given out already are to be given out again, in ms; `Infinity` for none. */
  amendFrom: number
  /** Whether its current values may have changed since they were last asked for. */
  touched: boolean
  /** Its current values, once somebody has asked for them. */
  currents: readonly CurrentValue[] | undefined
}

/** How far time has come, and what has changed since something was last given out. */
export interface Progress {
  /** The clock as it was last handed in, in ms; `-Infinity` before. */
  now: number
  /** How long after its end a window is amended, in ms. */
  readonly latenessMs: number
  amended: Series[]
  touched: Series[]
}

/** @param before no window of the stream will start before it, in ms */
export function createSeries(stream: Stream, place: CasePlace, before: number): Series {
  const panes = createPanes(stream.grid, before)
  const one: Series = { stream, place, panes, amendFrom: Number.POSITIVE_INFINITY, touched: false, currents: undefined }
  stream.series.push(one)
  stream.byName.set(nameOf(place), one)
  return one
}

/** Of a place within its stream. */
export const nameOf = ({ key, group = '' }: CasePlace): string => `${key}\n${group}`

/** The current values of a series may have changed. */
export function touch(one: Series, progress: Progress): void {
  if (one.touched) return
  one.touched = true
  progress.touched.push(one)
}

/** Windows that end after `fromMs` are to be given out again. */
export function amendFrom(one: Series, progress: Progress, fromMs: number): void {
  if (fromMs >= one.amendFrom) return
  if (one.amendFrom === Number.POSITIVE_INFINITY) progress.amended.push(one)
  one.amendFrom = fromMs
}

/** Something has changed in the pane that holds `time`. */
function noteChange(one: Series, progress: Progress, time: number): void {
  touch(one, progress)
  const start = paneStart(one.panes.grid, time)
  if (start + one.panes.grid.paneMs > progress.now) return
  amendFrom(one, progress, Math.max(start, progress.now - progress.latenessMs))
}

/** Adds with 1, or takes back with -1, what the version in a row gives to a series. */
export function giveVersion(one: Series, progress: Progress, rows: Rows, row: number, sign: 1 | -1): void {
  giveOpened(one, progress, rows, row, sign)
  giveClosed(one, progress, rows, row, sign)
  giveOverdue(one, progress, rows, row, sign)
}

/**
 * Takes back what the version in row `before` gave to a series, and adds what that in `after` gives. What both give
 * alike is left as it is: mostly nothing changes that lies in the past, and so nothing has to be given out again.
 */
export function replaceVersion(one: Series, progress: Progress, rows: Rows, before: number, after: number): void {
  const sameOpened = timeAt(rows, before, opened) === timeAt(rows, after, opened)
  const sameClosed = timeAt(rows, before, closed) === timeAt(rows, after, closed)
  const sameDue = timeAt(rows, before, due) === timeAt(rows, after, due)
  if (!sameOpened) {
    giveOpened(one, progress, rows, before, -1)
    giveOpened(one, progress, rows, after, 1)
  }
  if (!sameOpened || !sameClosed || !sameDue) {
    giveClosed(one, progress, rows, before, -1)
    giveClosed(one, progress, rows, after, 1)
  }
  const late = lateFrom(rows, before)
  const lateNow = lateFrom(rows, after)
  if (late !== lateNow) {
    giveOverdueFrom(one, progress, late, -1)
    giveOverdueFrom(one, progress, lateNow, 1)
  }
  const lateTo = lateUntil(rows, before)
  const lateToNow = lateUntil(rows, after)
  if (lateTo !== lateToNow) {
    giveOverdueFrom(one, progress, lateTo, 1)
    giveOverdueFrom(one, progress, lateToNow, -1)
  }
}

function giveOpened(one: Series, progress: Progress, rows: Rows, row: number, sign: 1 | -1): void {
  const time = timeAt(rows, row, opened)
  addOpened(one.panes, time, sign)
  noteChange(one, progress, time)
}

function giveClosed(one: Series, progress: Progress, rows: Rows, row: number, sign: 1 | -1): void {
  const time = timeAt(rows, row, closed)
  if (time === Number.POSITIVE_INFINITY) return
  addClosed(one.panes, time, time - timeAt(rows, row, opened), time <= timeAt(rows, row, due), sign)
  noteChange(one, progress, time)
}

function giveOverdue(one: Series, progress: Progress, rows: Rows, row: number, sign: 1 | -1): void {
  giveOverdueFrom(one, progress, lateFrom(rows, row), sign)
  giveOverdueFrom(one, progress, lateUntil(rows, row), sign === 1 ? -1 : 1)
}

/** There is one overdue case more, or with -1 one less, from a time on; at `Infinity` nothing changes. */
export function giveOverdueFrom(one: Series, progress: Progress, time: number, sign: 1 | -1): void {
  if (time === Number.POSITIVE_INFINITY) return
  addOverdue(one.panes, time, sign)
  noteChange(one, progress, time)
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
