import type { Cursor } from './panes/cursor.ts'
import { mergeRow, resetRow, Table } from './panes/layout.ts'
import type { PaneStore } from './panes/pane-store.ts'
import type { WindowPlan } from './windows.ts'

/** Merges the panes of a window into one row, and closes what goes on after its last event. */
export interface WindowMerger {
  readonly row: Table
  /**
   * `row` becomes the panes `[from, to)` of a series, as of the window `[fromMs, toMs)`.
   * @param cursor kept from call to call where windows follow each other
   */
  merge(store: PaneStore, series: number, window: WindowRange, cursor: Cursor): void
  /** `row = row + ` what another merger has, of another device or partition. */
  combine(other: WindowMerger): void
  reset(): void
}

export interface WindowRange {
  /** Panes `[from, to)`. */
  readonly from: number
  readonly to: number
  readonly fromMs: number
  readonly toMs: number
}

export function createWindowMerger({ layout, paneMs, holdMs }: WindowPlan): WindowMerger {
  const row = new Table(layout, 1)
  const carried = new Table(layout, 1)
  const ordered = layout.others.filter(({ column }) => column.ordered)
  /** Closed columns of two rows, added up while the others are merged. */
  const closed = ordered.map(({ column, at }) => ({ at, sum: new Float64Array(column.width) }))

  /** Merges what a window inherits: the last value before it, if it still holds. */
  function carry(store: PaneStore, series: number, { from, fromMs }: WindowRange): void {
    for (const { column, at } of ordered) {
      const { holdMs: hold, lastTs, lastValue, carry: make } = column.ordered as NonNullable<typeof column.ordered>
      const oldest = from - Math.ceil(hold / paneMs)
      const take = (table: Table, index: number): void => {
        const start = index * table.stride + table.lead + at
        const ts = lastTs(table.numbers, start)
        isFound = ts !== undefined
        if (ts === undefined || ts + hold <= fromMs) return
        make(carried.numbers, at, ts, lastValue(table.numbers, start), fromMs)
        column.merge(row.numbers, at, carried.numbers, at, row.numbers, at)
      }
      let isFound = false
      for (let pane = from - 1; pane >= oldest && !isFound; pane--) store.visit(series, pane, take)
    }
  }

  return {
    row,
    merge(store, series, window, cursor) {
      cursor.merge(store, series, window.from, window.to, row)
      if (ordered.length === 0) return
      if (holdMs > 0) carry(store, series, window)
      for (const { column, at } of ordered) column.ordered?.close(row.numbers, at, window.fromMs, window.toMs)
    },
    combine(other) {
      for (const { at, sum } of closed) {
        for (let index = 0; index < sum.length; index++) {
          sum[index] = (row.numbers[at + index] as number) + (other.row.numbers[at + index] as number)
        }
      }
      mergeRow(layout, row, 0, row, 0, other.row, 0)
      for (const { at, sum } of closed) row.numbers.set(sum, at)
    },
    reset() {
      resetRow(layout, row, 0)
      for (const { column, at } of ordered) column.ordered?.close(row.numbers, at, 0, 0)
    },
  }
}
