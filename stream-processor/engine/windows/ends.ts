import type { CalendarUnit, Window } from '@ioc/contract/messages/live.ts'

/**
 * Where the windows of one kind end, in panes: pane `p` covers `[p·paneMs + offsetMs, (p+1)·paneMs + offsetMs)`, and a
 * window that ends at `e` holds the panes `[e − size(e), e)`.
 */
export interface Ends {
  /** Says which ends these are: windows with the same name share what is computed. */
  readonly name: string
  /** The first end after a pane. */
  after(pane: number): number
  /** The last end at or before the start of a pane. */
  before(pane: number): number
  /** Panes in the window that ends at `end`. */
  size(end: number): number
  /** First pane of the window that is going on while a pane is the newest: one that slides ends with that pane. */
  current(pane: number): number
  /** Panes of the longest window. */
  readonly longest: number
}

/** Asia/Ho_Chi_Minh has been UTC+7 without daylight saving time since 1975 (IANA time zone database). */
export const localOffsetMs = -7 * 3_600_000

const dayMs = 86_400_000

/** Windows of `size` panes that end at each `end ≡ phase (mod every)`. */
export function regularEnds(size: number, every: number, phase = 0): Ends {
  const after = (pane: number): number => (Math.floor((pane - phase) / every) + 1) * every + phase
  return {
    name: `${size}/${every}+${phase}`,
    after,
    before: (pane) => Math.floor((pane - phase) / every) * every + phase,
    size: () => size,
    current: (pane) => (size > every ? pane + 1 : after(pane)) - size,
    longest: size,
  }
}

/** Calendar windows over panes of a local day. */
export function calendarEnds(unit: CalendarUnit): Ends {
  return {
    name: unit,
    after: (pane) => startOfUnit(unit, pane, 1),
    before: (pane) => startOfUnit(unit, pane, 0),
    size: (end) => end - startOfUnit(unit, end - 1, 0),
    current: (pane) => startOfUnit(unit, pane, 0),
    longest: { day: 1, month: 31, quarter: 92, year: 366 }[unit],
  }
}

/** First day of the unit that holds a day, or of the `ahead`-th after it; days since 1970. */
function startOfUnit(unit: CalendarUnit, day: number, ahead: number): number {
  if (unit === 'day') return day + ahead
  const date = new Date(day * dayMs)
  const months = { month: 1, quarter: 3, year: 12 }[unit]
  const month = (Math.floor(date.getUTCMonth() / months) + ahead) * months
  return Date.UTC(date.getUTCFullYear(), month, 1) / dayMs
}

/** Panes `[p·paneMs + offsetMs, (p+1)·paneMs + offsetMs)`. */
export interface PaneGrid {
  readonly paneMs: number
  readonly offsetMs: number
}

/** The panes that a window needs, and its ends among them. */
export interface Grid extends PaneGrid {
  readonly ends: Ends
}

/** The pane that a time is in, in ms. */
export function paneAt({ offsetMs, paneMs }: PaneGrid, time: number): number {
  return Math.floor((time - offsetMs) / paneMs)
}

/** The first end of a window that is later than `time`, in ms. */
export function endAfter(grid: Grid, time: number): number {
  return grid.ends.after(paneAt(grid, time)) * grid.paneMs + grid.offsetMs
}

/** Where the window that ends at `end` starts, in ms. */
export function startOf({ ends, paneMs, offsetMs }: Grid, end: number): number {
  return end - ends.size((end - offsetMs) / paneMs) * paneMs
}

/** The coarsest panes that every start and end of these windows, of which there is one, falls between. */
export function sharedGrid(grids: readonly PaneGrid[]): PaneGrid {
  const { offsetMs } = grids[0] as PaneGrid
  // Panes of a calendar start at local midnight, others at that of UTC: the panes must meet both.
  const lengths = grids.flatMap((grid) => [grid.paneMs, Math.abs(grid.offsetMs - offsetMs)])
  return { offsetMs, paneMs: lengths.reduce(greatestCommonDivisor) }
}

/**
 * The grid of a window: panes as long as its length and its step allow.
 * @throws RangeError for a window of no or of a fractional length, or of more than 366 days
 */
export function gridOf(window: Window): Grid {
  switch (window.kind) {
    case 'tumbling':
      return regularGrid(window.size_s, window.size_s)
    case 'sliding':
      return regularGrid(window.size_s, window.every_s)
    case 'calendar':
      return { paneMs: dayMs, offsetMs: localOffsetMs, ends: calendarEnds(window.unit) }
  }
}

/** How long the windows of one kind are, in ms: the longest of them. */
export function lengthMs(window: Window): number {
  const { paneMs, ends } = gridOf(window)
  return ends.longest * paneMs
}

function regularGrid(size_s: number, every_s: number): Grid {
  checkLength(size_s)
  checkLength(every_s)
  const pane_s = greatestCommonDivisor(size_s, every_s)
  return { paneMs: pane_s * 1000, offsetMs: 0, ends: regularEnds(size_s / pane_s, every_s / pane_s) }
}

const maxSeconds = 366 * 86_400

function checkLength(seconds: number): void {
  if (Number.isInteger(seconds) && seconds >= 1 && seconds <= maxSeconds) return
  throw new RangeError(`a window of ${seconds} s: expected whole seconds, from 1 to ${maxSeconds}`)
}

/** Of whole numbers, not all of them 0. */
function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b)
}
