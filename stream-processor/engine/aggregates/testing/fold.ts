import type { Aggregate, Cell, CellColumn, Column, RowColumn } from '../column.ts'
import type { NaiveEvent } from './naive.ts'

/** An event as columns take it. */
export interface ColumnEvent {
  readonly ts: number
  readonly value: number
}

/** What a column holds of some events: its row alone, or its cell. */
export type Part = Row | Cell | undefined
type Row = Float64Array

/** Runs of each property; more of them for a longer search. */
export const numRuns = Number(process.env['IOC_PROPERTY_RUNS'] ?? 300)

export function byTime<V>(a: { ts: number; value: V }, b: { ts: number; value: V }): number {
  return a.ts - b.ts || Number(a.value) - Number(b.value)
}

export function partOf(column: Column, events: readonly ColumnEvent[]): Part {
  if (column.kind === 'row') {
    const row = Float64Array.from(column.identity)
    for (const { ts, value } of events) column.add(row, 0, ts, value)
    return row
  }
  let cell: Cell | undefined
  for (const { ts, value } of events) cell = column.add(cell, ts, value)
  return cell
}

export function mergeParts(column: Column, left: Part, right: Part): Part {
  return column.kind === 'row'
    ? mergeRows(column, left as Row, right as Row)
    : column.merge(left as Cell | undefined, right as Cell | undefined)
}

function mergeRows(column: RowColumn, left: Row | undefined, right: Row | undefined): Row {
  const identity = Float64Array.from(column.identity)
  const out = new Float64Array(column.width)
  column.merge(out, 0, left ?? identity, 0, right ?? identity, 0)
  return out
}

/** The numbers of a part; of a cell, as many as it says there are. */
export function contentOf(column: Column, part: Part): number[] {
  if (!part) return []
  return [...(column.kind === 'row' ? part : part.slice(0, part[0]))]
}

/** A device's events in a window, and the one before. */
export interface History {
  readonly events: readonly NaiveEvent[]
  readonly carry: NaiveEvent | undefined
}

/** An aggregate of some devices over a window, from panes of `paneMs`. */
export function readOf(
  aggregate: Aggregate,
  devices: readonly History[],
  from: number,
  to: number,
  paneMs: number,
): number | undefined {
  const { input } = aggregate
  const numberOf = ({ ts, value }: NaiveEvent) => ({ ts, value: input ? input.of(value, {}) : Number(value) })
  const row: number[] = []
  const cells: (Cell | undefined)[] = []
  const at = aggregate.columns.map((column) => {
    const parts = devices.map(({ events, carry }) => {
      const own = events.map(numberOf).sort(byTime)
      return windowOf(column, own, carry && numberOf(carry), from, to, paneMs)
    })
    if (column.kind === 'cell') return cells.push(mergeCells(column, parts as (Cell | undefined)[])) - 1
    const merged = (parts as Row[]).reduce((left, right) =>
      column.ordered ? left.map((value, index) => value + (right[index] as number)) : mergeRows(column, left, right),
    )
    return row.push(...merged) - column.width
  })
  return aggregate.read({ row: Float64Array.from(row), cells, from, to }, at)
}

function mergeCells(column: CellColumn, cells: readonly (Cell | undefined)[]): Cell | undefined {
  return cells.reduce((left, right) => column.merge(left, right))
}

/** A window of one device, of one column, closed if it is ordered. */
function windowOf(
  column: Column,
  events: readonly ColumnEvent[],
  carry: ColumnEvent | undefined,
  from: number,
  to: number,
  paneMs: number,
): Part {
  const panes = [...Map.groupBy(events, ({ ts }) => Math.floor(ts / paneMs)).values()]
  const parts = panes.map((pane) => partOf(column, pane))
  const ordered = column.kind === 'row' ? column.ordered : undefined
  const start = partOf(column, [])
  if (carry) ordered?.carry(start as Row, 0, carry.ts, carry.value, from)
  const window = parts.reduce((left, right) => mergeParts(column, left, right), start)
  ordered?.close(window as Row, 0, from, to)
  return window
}
