import { propertyRuns } from '@ioc/runtime/testing/property-runs.ts'
import type { Aggregate, Cell, CellColumn, Column, RowColumn } from '../column.ts'
import type { NaiveEvent } from './naive.ts'

/** An event as columns take it. */
export interface ColumnEvent {
  readonly ts: number
  readonly value: number
}

/** What a column holds of some events: its row alone, or the numbers of its cell; none is an empty array. */
export type Part = Float64Array

/** Runs of each property; more of them for a longer search. */
export const numRuns = propertyRuns(50)

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
  return Float64Array.from(cell ?? [])
}

export function mergeParts(column: Column, left: Part, right: Part): Part {
  return column.kind === 'row' ? mergeRows(column, left, right) : mergeCells(column, left, right)
}

function mergeRows(column: RowColumn, left: Part, right: Part): Part {
  const out = new Float64Array(column.width)
  column.merge(out, 0, left, 0, right, 0)
  return out
}

function mergeCells(column: CellColumn, left: Part, right: Part): Part {
  if (left.length === 0 || right.length === 0) return left.length === 0 ? right : left
  return Float64Array.from(column.merge([...left], [...right]))
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
    const isAdded = column.kind === 'row' && column.ordered
    const merged = parts.reduce((left, right) =>
      isAdded ? left.map((value, index) => value + (right[index] as number)) : mergeParts(column, left, right),
    )
    if (column.kind === 'row') return row.push(...merged) - column.width
    return cells.push(merged.length === 0 ? undefined : [...merged]) - 1
  })
  return aggregate.read({ row: Float64Array.from(row), cells, from, to }, at)
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
  if (carry) ordered?.carry(start, 0, carry.ts, carry.value, from)
  const window = parts.reduce((left, right) => mergeParts(column, left, right), start)
  ordered?.close(window, 0, from, to)
  return window
}
