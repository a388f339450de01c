import type { IndicatorDescriptor } from '@ioc/contract/messages/live.ts'
import { displayTime } from '@ioc/runtime/display-time.ts'
import { type Ends, gridOf } from '../engine/windows/ends.ts'
import type { WindowRange } from '../engine/windows/window-merger.ts'
import { nothingToExplain } from './place.ts'

export interface FoundWindow extends WindowRange {
  /** Whether the time that was asked for is the one that the window's value is stamped with. */
  readonly isStamp: boolean
}

/** Times in ms since 1970, UTC. */
export interface ExplainedWindow {
  readonly from: number
  readonly to: number
  /** Whether the value is stamped with the time that was asked for; else the window holds that time. */
  readonly isStamp: boolean
  /** If not, the value is what it is so far. */
  readonly isOver: boolean
}

/** The window that ends at a time, or else the first to end of those that hold it; `undefined` where none does. */
export function regularWindow(
  { paneMs, offsetMs }: { readonly paneMs: number; readonly offsetMs: number },
  ends: Ends,
  at: number,
): FoundWindow | undefined {
  const exact = (at - offsetMs) / paneMs
  const isStamp = Number.isInteger(exact) && ends.after(exact - 1) === exact
  const pane = Math.floor(exact)
  const to = isStamp ? exact : ends.after(pane)
  const from = to - ends.size(to)
  if (from > pane) return undefined
  return { from, to, fromMs: from * paneMs + offsetMs, toMs: to * paneMs + offsetMs, isStamp }
}

/**
 * The window of an indicator that a question is about.
 * @throws IocError NOTHING_TO_EXPLAIN where no window holds the time
 */
export function windowHolding(
  { id, window }: Pick<IndicatorDescriptor, 'id' | 'window'>,
  at: number,
  savedAt: number,
): ExplainedWindow {
  const grid = gridOf(window)
  const found = regularWindow(grid, grid.ends, at)
  if (!found) throw nothingToExplain(`no window of ${id} contains ${displayTime(at)}`)
  return { from: found.fromMs, to: found.toMs, isStamp: found.isStamp, isOver: savedAt >= found.toMs }
}
