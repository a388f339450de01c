import type { Window } from '@ioc/contract/messages/live.ts'
import { type Ends, type Grid, greatestCommonDivisor, gridOf } from '../windows/ends.ts'

/** Panes `[p·paneMs + offsetMs, (p+1)·paneMs + offsetMs)`. */
export type PaneGrid = Pick<Grid, 'paneMs' | 'offsetMs'>

/** Where windows start and end, in panes of their own. */
export interface WindowGrid extends PaneGrid {
  readonly ends: Ends
}

export const windowGrid = (window: Window): WindowGrid => gridOf(window)

/** The first end of a window that is later than `t`, in ms. */
export function endAfter({ ends, paneMs, offsetMs }: WindowGrid, t: number): number {
  return ends.after(Math.floor((t - offsetMs) / paneMs)) * paneMs + offsetMs
}

/** Where the window that ends at `end` starts, in ms. */
export function startOf({ ends, paneMs, offsetMs }: WindowGrid, end: number): number {
  return end - ends.size((end - offsetMs) / paneMs) * paneMs
}

/** How long a window is at most, in ms. */
export const longestOf = ({ ends, paneMs }: WindowGrid): number => ends.longest * paneMs

/** The coarsest panes that every start and end of these windows, of which there is one, falls between. */
export function sharedGrid(grids: readonly PaneGrid[]): PaneGrid {
  const { offsetMs } = grids[0] as PaneGrid
  // Panes of a calendar start at local midnight, others at that of UTC: the panes must meet both.
  const lengths = grids.flatMap((grid) => [grid.paneMs, Math.abs(grid.offsetMs - offsetMs)])
  return { offsetMs, paneMs: lengths.reduce(greatestCommonDivisor) }
}
