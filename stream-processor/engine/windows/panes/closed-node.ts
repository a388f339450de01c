import type { CopyArena } from './copy-arena.ts'
import { eventsOf, type Layout, mergeRow, resetRow, type Table } from './layout.ts'

/** Children of a node. */
export const fanOut = 32

/** The row after a node's children: all of them merged. */
export const totalRow = fanOut

/** Where the children of a node and their total stand: `step` rows from each other. */
export interface NodeRows {
  readonly table: Table
  /** Row of the first child. */
  readonly base: number
  readonly step: number
}

/** Nodes that share a table: a table for each would cost more than what is done with it. */
export interface NodePage {
  readonly table: Table
  /** First rows of the nodes that are free. */
  readonly free: number[]
}

/**
 * `saved`: as it is in the archive, or will be when the checkpoint under way is written. `changed`: to be packed for it, or
 * for one of the next. `reopened`: likewise, but for the next one. `gone`: forgotten.
 */
export type ClosedNodeState = 'saved' | 'changed' | 'reopened' | 'gone'

/** A node that is full, or that a late event made: 32 children and their total, in rows of a table that nodes share. */
export interface ClosedNode extends NodeRows {
  readonly key: number
  /** Whose table it is in. */
  readonly page: NodePage
  /** What it takes in memory, about. */
  readonly bytes: number
  state: ClosedNodeState
  /** Its turn among those that wait to be saved. */
  turn: number
  /** Number of the last late event that is in what was saved. */
  applied: number
  /** Where it is among all nodes in memory, and whether it was used since the cache last looked. */
  place: number
  isUsed: boolean
}

/** Merges the children of a node into its total. */
export function sumNode(layout: Layout, { table, base, step }: NodeRows): void {
  const total = base + totalRow * step
  resetRow(layout, table, total)
  for (let child = base; child < total; child += step) {
    if (eventsOf(table, child) > 0) mergeRow(layout, table, total, table, total, table, child)
  }
}

/** The number of the last late event that is in a packed node. */
export function appliedOf(packed: Float64Array): number {
  return packed[0] as number
}

/** Doubles before the rows: the last late event in it, and the children that have events, as bits. */
const header = 2

/**
 * Packs a node's children that have events: first their rows, then for each of their cells its length and what it holds.
 * @param applied number of the last late event that is in it
 * @param room for what is packed
 */
export function packNode(
  layout: Layout,
  { table, base, step }: NodeRows,
  applied: number,
  room: CopyArena,
): Float64Array {
  const { width, cellCount } = layout
  const { numbers } = table
  const end = base + fanOut * step
  let present = 0
  let size = header
  for (let row = base, bit = 1; row < end; row += step, bit *= 2) {
    if (eventsOf(table, row) === 0) continue
    present += bit
    size += width
    for (let cell = 0; cell < cellCount; cell++) size += 1 + (table.cells[row * cellCount + cell]?.length ?? 0)
  }
  const packed = room.take(size)
  packed[0] = applied
  packed[1] = present
  let at = header
  for (let row = base; row < end; row += step) {
    if (eventsOf(table, row) === 0) continue
    for (let index = row * width; index < (row + 1) * width; index++) packed[at++] = numbers[index] as number
  }
  if (cellCount === 0) return packed
  for (let row = base; row < end; row += step) {
    if (eventsOf(table, row) > 0) at = packCells(table, row, packed, at)
  }
  return packed
}

function packCells(table: Table, row: number, packed: Float64Array, start: number): number {
  let at = start
  for (let index = row * table.cellCount; index < (row + 1) * table.cellCount; index++) {
    const cell = table.cells[index] ?? []
    packed[at] = cell.length
    packed.set(cell, at + 1)
    at += 1 + cell.length
  }
  return at
}

/** @param node an empty one, which becomes the one that was packed */
export function unpackNode(layout: Layout, packed: Float64Array, node: ClosedNode): void {
  const { table, base } = node
  const { width, cellCount } = layout
  const { numbers } = table
  // As 32 bits: the sign bit is that of the last child.
  const present = (packed[1] as number) | 0
  let at = header
  for (let child = 0; child < fanOut; child++) {
    if ((present & (1 << child)) === 0) continue
    const start = (base + child) * width
    for (let index = start; index < start + width; index++) numbers[index] = packed[at++] as number
  }
  for (let child = 0; child < fanOut && cellCount > 0; child++) {
    if ((present & (1 << child)) === 0) continue
    const start = (base + child) * cellCount
    for (let index = start; index < start + cellCount; index++) {
      const used = packed[at++] as number
      if (used > 0) table.cells[index] = Array.from(packed.subarray(at, at + used))
      at += used
    }
  }
  sumNode(layout, node)
}
