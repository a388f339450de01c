import type { Cell } from '../aggregates/column.ts'
import { eventsOf, type Layout, mergeRow, resetRow, Table } from './layout.ts'

/** Children of a node. */
export const fanOut = 32

/** The row after a node's children: all of them merged. */
export const totalRow = fanOut

/** Where closed nodes are kept when they are not in memory. */
export interface NodeArchive {
  /** The packed node, if it is there. */
  get(key: number): Float64Array | undefined
}

/**
 * The closed nodes of one stream: a node of level 0 holds 32 panes, one of a level above it 32 nodes of the level below.
 * What changed stays in memory until it is saved; the rest is read from the archive, and the nodes that were used last
 * stay in memory, `most` of them.
 */
export interface NodeStore {
  get(series: number, level: number, node: number): Table | undefined
  /** The node to be changed, made where it is not there yet. */
  change(series: number, level: number, node: number): Table
  /** Takes a node that is closed. */
  put(series: number, level: number, node: number, table: Table): void
  /** Forgets the nodes `[from, to)`. */
  remove(series: number, level: number, from: number, to: number): void
  /** What changed since the last call: packed nodes, and ranges of keys that are gone. */
  changes(): NodeChanges
}

export interface NodeChanges {
  readonly nodes: (readonly [key: number, packed: Float64Array])[]
  readonly removed: (readonly [from: number, to: number])[]
}

/** Nodes are numbered within 28 bits (one-second panes until 2240), levels within 2, series within 23: 53 in all. */
const nodesPerLevel = 2 ** 28
const levelsPerSeries = 4
export const mostSeries = 2 ** 23

export function nodeKey(series: number, level: number, node: number): number {
  return (series * levelsPerSeries + level) * nodesPerLevel + node
}

export function createNodeStore(layout: Layout, archive: NodeArchive, most: number): NodeStore {
  const dirty = new Map<number, Table>()
  // Two generations: a node that is used moves to the young one; when that is full, the old one is forgotten.
  let young = new Map<number, Table>()
  let old = new Map<number, Table>()
  let removed: (readonly [number, number])[] = []

  const remember = (key: number, table: Table): void => {
    young.set(key, table)
    if (young.size < most / 2) return
    old = young
    young = new Map()
  }

  const find = (key: number): Table | undefined => {
    const known = dirty.get(key) ?? young.get(key)
    if (known) return known
    const kept = old.get(key)
    if (kept) {
      remember(key, kept)
      return kept
    }
    const packed = archive.get(key)
    if (!packed) return undefined
    const table = unpackNode(layout, packed)
    remember(key, table)
    return table
  }

  return {
    get: (series, level, node) => find(nodeKey(series, level, node)),
    change(series, level, node) {
      const key = nodeKey(series, level, node)
      const table = find(key) ?? new Table(layout, fanOut + 1)
      dirty.set(key, table)
      return table
    },
    put(series, level, node, table) {
      dirty.set(nodeKey(series, level, node), table)
    },
    remove(series, level, from, to) {
      removed.push([nodeKey(series, level, from), nodeKey(series, level, to)])
      if (to - from > nodesInMemory()) return
      for (let node = from; node < to; node++) {
        const key = nodeKey(series, level, node)
        dirty.delete(key)
        young.delete(key)
        old.delete(key)
      }
    },
    changes() {
      const result: NodeChanges = { nodes: [], removed }
      for (const [key, table] of dirty) {
        result.nodes.push([key, packNode(layout, table)])
        remember(key, table)
      }
      dirty.clear()
      removed = []
      return result
    },
  }

  function nodesInMemory(): number {
    return dirty.size + young.size + old.size
  }
}

/** Merges the children of a node into its total. */
export function sumNode(layout: Layout, table: Table): void {
  resetRow(layout, table, totalRow)
  for (let child = 0; child < fanOut; child++) {
    if (eventsOf(table, child) > 0) mergeRow(layout, table, totalRow, table, totalRow, table, child)
  }
}

/** The children that have events, each as its number, its row, and its cells with their lengths. */
export function packNode(layout: Layout, table: Table): Float64Array {
  let size = 0
  for (let child = 0; child < fanOut; child++) if (eventsOf(table, child) > 0) size += sizeOfRow(layout, table, child)
  const packed = new Float64Array(size)
  let at = 0
  for (let child = 0; child < fanOut; child++) {
    if (eventsOf(table, child) === 0) continue
    packed[at] = child
    at = packRow(layout, table, child, packed, at + 1)
  }
  return packed
}

export function unpackNode(layout: Layout, packed: Float64Array): Table {
  const table = new Table(layout, fanOut + 1)
  for (let at = 0; at < packed.length; ) at = unpackRow(layout, table, packed[at] as number, packed, at + 1)
  sumNode(layout, table)
  return table
}

function sizeOfRow({ width, cellCount }: Layout, table: Table, row: number): number {
  let size = 1 + width + cellCount
  for (let index = 0; index < cellCount; index++) size += table.cells[row * cellCount + index]?.[0] ?? 0
  return size
}

/** Packs one row; returns where the next may stand. */
export function packRow(layout: Layout, table: Table, row: number, packed: Float64Array, start: number): number {
  const { width, cellCount } = layout
  const from = row * table.stride + table.lead
  let at = start
  for (let index = 0; index < width; index++) packed[at++] = table.numbers[from + index] as number
  for (let index = 0; index < cellCount; index++) {
    const cell = table.cells[row * cellCount + index]
    const used = cell?.[0] ?? 0
    packed[at++] = used
    if (cell) packed.set(cell.subarray(0, used), at)
    at += used
  }
  return at
}

function unpackRow(layout: Layout, table: Table, row: number, packed: Float64Array, start: number): number {
  const { width, cellCount } = layout
  const to = row * table.stride + table.lead
  let at = start
  for (let index = 0; index < width; index++) table.numbers[to + index] = packed[at++] as number
  for (let index = 0; index < cellCount; index++) {
    const used = packed[at++] as number
    const cell: Cell | undefined = used === 0 ? undefined : packed.slice(at, at + used)
    table.cells[row * cellCount + index] = cell
    at += used
  }
  return at
}
