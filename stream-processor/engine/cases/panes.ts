import { sketchBins } from '../aggregates/sketch-bins.ts'
import type { Series } from './series.ts'
import { mostPending, noPane, pendingCount, type Tallies, tallyWidth } from './tallies.ts'
import type { PaneGrid } from './window-ends.ts'

/**
 * What happened to the cases of a key, in panes of time; only panes in which something happened are there, in order.
 * Everything is a whole number, so that what a version gave can be taken back exactly: sums of ms stay exact up to
 * 2^53, which is 285 000 years of handling in one window.
 */
export interface Panes {
  readonly grid: PaneGrid
  /** Where the counts of one pane stand that are not in `rows` yet. */
  readonly tallies: Tallies
  readonly number: number
  /** `width` doubles a pane. */
  rows: Float64Array
  used: number
  /** Handling times: pane and bin in one number, and how many cases; in order. */
  bins: Float64Array
  binsUsed: number
  /** Panes before this one are in `backlog` and `overdue`, and nowhere else. */
  foldedTo: number
  backlog: number
  overdue: number
}

/** Doubles of a pane: its number, then counts. */
export const openedCount = 1
export const closedCount = 2
export const onTimeCount = 3
/** Cases that became overdue, less those that were closed when they were. */
export const overdueChange = 4
export const handlingSumMs = 5
const width = 6

const handlingBins = sketchBins(0.01)
/** More than the bins of all times from 1 ms to 200 years. */
const binSpan = 2048

/** The bin of a handling time; 0 is for no time at all. */
export const handlingBinOf = (handlingMs: number): number => (handlingMs === 0 ? 0 : handlingBins.binOf(handlingMs) + 1)

/** The handling time that stands for a bin, in ms. */
export const handlingOf = (bin: number): number => (bin === 0 ? 0 : handlingBins.valueOf(bin - 1))

/**
 * @param before no window will start before it, in ms
 * @param number of the tally
 */
export function createPanes(grid: PaneGrid, before: number, tallies: Tallies, number: number): Panes {
  return {
    grid,
    tallies,
    number,
    rows: new Float64Array(2 * width),
    used: 0,
    bins: new Float64Array(0),
    binsUsed: 0,
    foldedTo: paneAt(grid, before),
    backlog: 0,
    overdue: 0,
  }
}

/** Counts in a pane of the series with this number. */
export function count(tallies: Tallies, number: number, pane: number, column: number, by: number): void {
  const { numbers, series } = tallies
  const at = number * tallyWidth
  if (numbers[at] === pane) numbers[at + column] = (numbers[at + column] as number) + by
  else countElsewhere((series[number] as Series).panes, pane, column, by)
}

/** Counts in a pane that the tally is not of: it becomes that of a newer one. */
function countElsewhere(panes: Panes, pane: number, column: number, by: number): void {
  const { tallies, number } = panes
  const at = number * tallyWidth
  if (pane < panes.foldedTo) {
    if (column === openedCount) panes.backlog += by
    else if (column === closedCount) panes.backlog -= by
    else if (column === overdueChange) panes.overdue += by
  } else if (pane > (tallies.numbers[at] as number)) {
    settle(panes)
    tallies.numbers[at] = pane
    tallies.numbers[at + column] = by
  } else {
    increase(panes, rowOf(panes, pane) + column, by)
  }
}

/** Adds the tally to its pane. */
function settle(panes: Panes): void {
  const { numbers } = panes.tallies
  const start = panes.number * tallyWidth
  let row = -1
  for (let column = 1; column < width; column++) {
    const by = numbers[start + column] as number
    if (by === 0) continue
    if (row < 0) row = rowOf(panes, numbers[start] as number)
    increase(panes, row + column, by)
    numbers[start + column] = 0
  }
}

/** A case that was closed in a pane has been handled for a time of this bin; with -1 it has not. */
export function addHandling(tallies: Tallies, number: number, pane: number, bin: number, sign: number): void {
  const at = number * tallyWidth + pendingCount
  if (tallies.numbers[at] === mostPending) settleHandlings((tallies.series[number] as Series).panes)
  const used = tallies.numbers[at] as number
  tallies.pending[number * mostPending + used] = sign * (pane * binSpan + bin)
  tallies.numbers[at] = used + 1
}

/** Adds the handling times that are pending to the others. */
function settleHandlings(panes: Panes): void {
  const { tallies, number } = panes
  const start = number * mostPending
  const end = start + (tallies.numbers[number * tallyWidth + pendingCount] as number)
  for (let at = start; at < end; at++) {
    const key = tallies.pending[at] as number
    const found = Math.abs(key)
    if (found >= panes.foldedTo * binSpan) increaseBin(panes, found, Math.sign(key))
  }
  tallies.numbers[number * tallyWidth + pendingCount] = 0
}

/** Figures of a window that add up: over keys, and over the partitions that a key's cases are spread over. */
export interface CaseTotals {
  received: number
  closed: number
  closedOnTime: number
  backlog: number
  overdue: number
  handlingMs: number
}

/** The totals of a window `[fromMs, toMs)` between bounds of panes. It starts where nothing is folded yet. */
export function totalsOf(panes: Panes, fromMs: number, toMs: number): CaseTotals {
  settle(panes)
  const { rows, grid } = panes
  const from = paneAt(grid, fromMs)
  const to = paneAt(grid, toMs)
  const end = panes.used * width
  let { backlog, overdue } = panes
  let at = 0
  for (; at < end && (rows[at] as number) < from; at += width) {
    backlog += (rows[at + openedCount] as number) - (rows[at + closedCount] as number)
    overdue += rows[at + overdueChange] as number
  }
  let received = 0
  let closed = 0
  let closedOnTime = 0
  let handlingMs = 0
  for (; at < end && (rows[at] as number) < to; at += width) {
    received += rows[at + openedCount] as number
    closed += rows[at + closedCount] as number
    closedOnTime += rows[at + onTimeCount] as number
    overdue += rows[at + overdueChange] as number
    handlingMs += rows[at + handlingSumMs] as number
  }
  return { received, closed, closedOnTime, backlog: backlog + received - closed, overdue, handlingMs }
}

/** Adds how many cases of the window `[fromMs, toMs)` have each handling time, by bin. */
export function addHandlings(panes: Panes, fromMs: number, toMs: number, counts: Float64Array): void {
  settleHandlings(panes)
  const { bins, grid } = panes
  const end = firstPair(panes, paneAt(grid, toMs) * binSpan)
  for (let at = firstPair(panes, paneAt(grid, fromMs) * binSpan); at < end; at += 2) {
    const bin = (bins[at] as number) % binSpan
    counts[bin] = (counts[bin] as number) + (bins[at + 1] as number)
  }
}

export const createHandlings = (): Float64Array => new Float64Array(binSpan)

/** Sums up the panes that end at `beforeMs` or earlier: no window starts before it any more. */
export function fold(panes: Panes, beforeMs: number): void {
  const before = paneAt(panes.grid, beforeMs)
  if (before <= panes.foldedTo) return
  settle(panes)
  settleHandlings(panes)
  const { numbers } = panes.tallies
  const tally = panes.number * tallyWidth
  if ((numbers[tally] as number) < before) numbers[tally] = noPane
  const { rows } = panes
  const end = panes.used * width
  let at = 0
  for (; at < end && (rows[at] as number) < before; at += width) {
    panes.backlog += (rows[at + openedCount] as number) - (rows[at + closedCount] as number)
    panes.overdue += rows[at + overdueChange] as number
  }
  panes.foldedTo = before
  rows.copyWithin(0, at, end)
  panes.used -= at / width
  const pairs = firstPair(panes, before * binSpan)
  panes.bins.copyWithin(0, pairs, panes.binsUsed * 2)
  panes.binsUsed -= pairs / 2
}

function paneAt({ offsetMs, paneMs }: PaneGrid, time: number): number {
  return Math.floor((time - offsetMs) / paneMs)
}

function increase(panes: Panes, at: number, by: number): void {
  panes.rows[at] = (panes.rows[at] as number) + by
}

/** Where the row of a pane is; made if it is not there. */
function rowOf(panes: Panes, pane: number): number {
  const end = panes.used * width
  const newest = end === 0 ? Number.NEGATIVE_INFINITY : (panes.rows[end - width] as number)
  if (newest === pane) return end - width
  // Where something happens in every pane, as in a district, its place follows from its number.
  const direct = end - (newest - pane + 1) * width
  if (direct >= 0 && panes.rows[direct] === pane) return direct
  const at = newest < pane ? end : lowerBound(panes.rows, panes.used, width, pane)
  if (at < end && panes.rows[at] === pane) return at
  panes.rows = insert(panes.rows, at, end, width)
  panes.used++
  panes.rows[at] = pane
  panes.rows.fill(0, at + 1, at + width)
  return at
}

/** Counts in a bin of a pane, which is made if it is not there. */
function increaseBin(panes: Panes, key: number, by: number): void {
  const end = panes.binsUsed * 2
  const at = firstPair(panes, key)
  if (at < end && panes.bins[at] === key) {
    panes.bins[at + 1] = (panes.bins[at + 1] as number) + by
    return
  }
  panes.bins = insert(panes.bins, at, end, 2)
  panes.binsUsed++
  panes.bins[at] = key
  panes.bins[at + 1] = by
}

const firstPair = (panes: Panes, key: number): number => lowerBound(panes.bins, panes.binsUsed, 2, key)

/** Where the first of `count` groups of `size` doubles starts that does not begin with less than `key`. */
function lowerBound(doubles: Float64Array, count: number, size: number, key: number): number {
  let low = 0
  let high = count
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((doubles[middle * size] as number) < key) low = middle + 1
    else high = middle
  }
  return low * size
}

/** Makes a gap of `size` doubles at `at`, in the same array or a larger one. */
function insert(doubles: Float64Array, at: number, end: number, size: number): Float64Array {
  let room = doubles
  if (end + size > doubles.length) {
    room = new Float64Array(Math.max(4 * size, doubles.length * 2))
    room.set(doubles)
  }
  room.copyWithin(at + size, at, end)
  return room
}
