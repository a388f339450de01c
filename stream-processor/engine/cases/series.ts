import type { OnceQueue } from '../once-queue.ts'
import { becameOverdue, type Changes, changeWidth, wasClosedOnTime, wasOpened } from './case-changes.ts'
import type { CasePlace, CurrentValue } from './case-point.ts'
import {
  addHandling,
  closedCount,
  count,
  createPanes,
  handlingSumMs,
  onTimeCount,
  openedCount,
  overdueChange,
  type Panes,
} from './panes.ts'
import type { Stream } from './streams.ts'
import { addTally, type Tallies } from './tallies.ts'
import type { PaneGrid } from './window-ends.ts'

/** The panes of one stream for one key. */
export interface Series {
  /** Where its tally is. */
  readonly number: number
  readonly stream: Stream
  readonly place: CasePlace
  readonly panes: Panes
  /** Windows that end after this and were given out already are to be given out again, in ms; `Infinity` for none. */
  amendFrom: number
  /** The clock when such a window changed for the first and for the last time, in ms. */
  changedFirst: number
  changedLast: number
  /** Its current values, once somebody has asked for them. */
  currents: readonly CurrentValue[] | undefined
  /** Its device or site was removed: it is live only while there are cases in it. */
  isRemoved: boolean
}

/** How far time has come, and what has changed since something was last given out. */
export interface Progress {
  /** The clock as it was last handed in, in ms; `-Infinity` before. */
  now: number
  /** How long after its end a window is amended, in ms. */
  readonly latenessMs: number
  readonly tallies: Tallies
  amended: Series[]
  /** Series whose current values may have changed, by number. */
  readonly touched: OnceQueue
}

/** @param before no window of the stream will start before it, in ms */
export function createSeries(progress: Progress, stream: Stream, place: CasePlace, before: number): Series {
  const { tallies } = progress
  const one = addTally(tallies, (number) => {
    const panes = createPanes(stream.grid, before, tallies, number)
    return {
      number,
      stream,
      place,
      panes,
      amendFrom: Number.POSITIVE_INFINITY,
      changedFirst: Number.NEGATIVE_INFINITY,
      changedLast: Number.NEGATIVE_INFINITY,
      currents: undefined,
      isRemoved: false,
    }
  })
  stream.series.push(one)
  stream.byName.set(nameOf(place), one)
  return one
}

/** Of a place within its stream. */
export const nameOf = ({ key, group = '' }: CasePlace): string => `${key}\n${group}`

/** Windows that end after `fromMs` are to be given out again. */
export function amendFrom(one: Series, progress: Progress, fromMs: number): void {
  one.changedLast = progress.now
  if (fromMs >= one.amendFrom) return
  if (one.amendFrom === Number.POSITIVE_INFINITY) {
    progress.amended.push(one)
    one.changedFirst = progress.now
  }
  one.amendFrom = fromMs
}

/** Counts changes in a series of a stream. */
export function countIn(number: number, { grid }: Stream, progress: Progress, { numbers, used }: Changes): void {
  const { tallies } = progress
  for (let at = 0; at < used; at += changeWidth) {
    const what = numbers[at] as number
    const pane = Math.floor(((numbers[at + 1] as number) - grid.offsetMs) / grid.paneMs)
    const sign = numbers[at + 2] as number
    if (what === wasOpened) {
      count(tallies, number, pane, openedCount, sign)
    } else if (what === becameOverdue) {
      count(tallies, number, pane, overdueChange, sign)
    } else {
      count(tallies, number, pane, closedCount, sign)
      if (what === wasClosedOnTime) count(tallies, number, pane, onTimeCount, sign)
      count(tallies, number, pane, handlingSumMs, sign * (numbers[at + 3] as number))
      addHandling(tallies, number, pane, numbers[at + 4] as number, sign)
    }
    noteChange(number, grid, progress, pane)
  }
}

/** Something has changed in a pane. */
function noteChange(number: number, { offsetMs, paneMs }: PaneGrid, progress: Progress, pane: number): void {
  progress.touched.add(number)
  const start = pane * paneMs + offsetMs
  if (start + paneMs > progress.now) return
  const one = progress.tallies.series[number] as Series
  amendFrom(one, progress, Math.max(start, progress.now - progress.latenessMs))
}
