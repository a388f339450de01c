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

/** A node that is full, or that a late event made. */
export interface ClosedNode {
  readonly table: Table
  /** Number of the late event that first changed it since it was saved; infinite if none did. */
  dirtySince: number
  /** Number of the last late event that is in what was saved. */
  applied: number
}

/** What is saved of nodes. */
export interface NodeChanges {
  readonly nodes: readonly (readonly [key: number, packed: Float64Array])[]
  /** Ranges of keys that are gone. */
  readonly removed: readonly (readonly [from: number, to: number])[]
}

/** Nodes are numbered within 28 bits (one-second panes until 2240), levels within 2, series within 23: 53 in all. */
const nodesPerLevel = 2 ** 28
const levelsPerSeries = 4
export const mostSeries = 2 ** 23

export function nodeKey(series: number, level: number, node: number): number {
  return (series * levelsPerSeries + level) * nodesPerLevel + node
}

/**
 * How many nodes stay in memory, over all stores that share it. There are two generations: a node that is used moves to
 * the young one; when that holds half of what is allowed, the old one is forgotten, and the young one is old.
 */
export class NodeBudget {
  readonly most: number
  generation = 0
  #young = 0

  constructor(most: number) {
    this.most = most
  }

  /** A node has moved to a young generation. */
  count(): void {
    if (++this.#young < this.most / 2) return
    this.#young = 0
    this.generation++
  }
}

/**
 * The closed nodes of one stream: a node of level 0 holds 32 panes, one of a level above it 32 nodes of the level below.
 * The nodes that were used last are in memory, the others in the archive.
 *
 * A late event changes a node anywhere in the past. Writing each of them at each checkpoint would cost more than all else, so
 * that a checkpoint has the late events themselves, in order and numbered, and a changed node is written when its
 * first change is a few checkpoints old. A node says which events are in it: the others are added again after a crash.
 */
export class NodeStore {
  readonly #layout: Layout
  readonly #archive: NodeArchive
  readonly #budget: NodeBudget
  /** New nodes, which must be in the next checkpoint, and nodes that late events changed. */
  #fresh = new Map<number, ClosedNode>()
  readonly #changed = new Map<number, ClosedNode>()
  #young = new Map<number, ClosedNode>()
  #old = new Map<number, ClosedNode>()
  #generation = 0
  #removed: (readonly [number, number])[] = []
  readonly #template: Table
  /** Late events so far. */
  lateCount = 0

  constructor(layout: Layout, archive: NodeArchive, budget: NodeBudget) {
    this.#layout = layout
    this.#archive = archive
    this.#budget = budget
    this.#template = new Table(layout, fanOut + 1)
  }

  get(series: number, level: number, node: number): Table | undefined {
    return this.#find(nodeKey(series, level, node))?.table
  }

  /** The node to be changed by the late event `lateCount`, made where it is not there yet. */
  change(series: number, level: number, node: number): ClosedNode {
    const key = nodeKey(series, level, node)
    let found = this.#find(key)
    if (!found) {
      found = { table: this.#emptyTable(), dirtySince: Number.POSITIVE_INFINITY, applied: 0 }
    }
    if (found.dirtySince === Number.POSITIVE_INFINITY) {
      found.dirtySince = this.lateCount
      if (!this.#fresh.has(key)) this.#changed.set(key, found)
    }
    return found
  }

  /** Takes a node that is full. */
  put(series: number, level: number, node: number, table: Table): void {
    const key = nodeKey(series, level, node)
    this.#changed.delete(key)
    this.#fresh.set(key, { table, dirtySince: Number.POSITIVE_INFINITY, applied: this.lateCount })
  }

  /** Forgets the nodes `[from, to)`. */
  remove(series: number, level: number, from: number, to: number): void {
    this.#removed.push([nodeKey(series, level, from), nodeKey(series, level, to)])
    const inMemory = this.#fresh.size + this.#changed.size + this.#young.size + this.#old.size
    if (to - from > inMemory) return
    for (let node = from; node < to; node++) {
      const key = nodeKey(series, level, node)
      for (const map of [this.#fresh, this.#changed, this.#young, this.#old]) map.delete(key)
    }
  }

  /** What changed and is to be saved now: new nodes, and those whose first change has the number `before` or less. */
  changes(before: number): NodeChanges {
    const nodes: (readonly [number, Float64Array])[] = []
    const save = (key: number, node: ClosedNode): void => {
      node.applied = this.lateCount
      node.dirtySince = Number.POSITIVE_INFINITY
      nodes.push([key, packNode(this.#layout, node)])
      this.#remember(key, node)
    }
    for (const [key, node] of this.#fresh) save(key, node)
    this.#fresh = new Map()
    // They stand in the order of their first change.
    for (const [key, node] of this.#changed) {
      if (node.dirtySince > before && this.#changed.size < this.#budget.most / 2) break
      this.#changed.delete(key)
      save(key, node)
    }
    const removed = this.#removed
    this.#removed = []
    return { nodes, removed }
  }

  /** Number of the oldest late event that is not in every node that was saved. */
  oldestUnsaved(): number {
    for (const { dirtySince } of this.#changed.values()) return dirtySince
    return this.lateCount + 1
  }

  #find(key: number): ClosedNode | undefined {
    if (this.#generation !== this.#budget.generation) {
      this.#generation = this.#budget.generation
      this.#old = this.#young
      this.#young = new Map()
    }
    const known = this.#young.get(key) ?? this.#changed.get(key) ?? this.#fresh.get(key)
    if (known) return known
    const kept = this.#old.get(key)
    if (kept) {
      this.#remember(key, kept)
      return kept
    }
    const packed = this.#archive.get(key)
    if (!packed) return undefined
    const node = unpackNode(this.#layout, packed, this.#emptyTable())
    this.#remember(key, node)
    return node
  }

  #remember(key: number, node: ClosedNode): void {
    this.#young.set(key, node)
    this.#budget.count()
  }

  #emptyTable(): Table {
    const table = new Table(this.#layout, 0)
    table.numbers = this.#template.numbers.slice()
    table.cells = this.#template.cells.slice()
    return table
  }
}

/** Merges the children of a node into its total. */
export function sumNode(layout: Layout, table: Table): void {
  resetRow(layout, table, totalRow)
  for (let child = 0; child < fanOut; child++) {
    if (eventsOf(table, child) > 0) mergeRow(layout, table, totalRow, table, totalRow, table, child)
  }
}

/** Doubles before the rows: the last late event in it, and the children that have events, as bits. */
const header = 2

/** The children that have events: first their rows, then for each of their cells its length and what it holds. */
export function packNode(layout: Layout, { table, applied }: ClosedNode): Float64Array {
  const { width, cellCount } = layout
  const { numbers } = table
  let present = 0
  let size = header
  for (let child = 0; child < fanOut; child++) {
    if (eventsOf(table, child) === 0) continue
    present += 2 ** child
    size += width
    for (let cell = child * cellCount; cell < (child + 1) * cellCount; cell++) size += 1 + (table.cells[cell]?.[0] ?? 0)
  }
  const packed = new Float64Array(size)
  packed[0] = applied
  packed[1] = present
  let at = header
  for (let child = 0; child < fanOut; child++) {
    if (eventsOf(table, child) === 0) continue
    for (let index = child * width; index < (child + 1) * width; index++) packed[at++] = numbers[index] as number
  }
  for (let child = 0; child < fanOut; child++) {
    if (cellCount > 0 && eventsOf(table, child) > 0) at = packCells(table, child, packed, at)
  }
  return packed
}

function packCells(table: Table, row: number, packed: Float64Array, start: number): number {
  let at = start
  for (let index = row * table.cellCount; index < (row + 1) * table.cellCount; index++) {
    const cell = table.cells[index]
    const used = cell?.[0] ?? 0
    packed[at++] = used
    if (cell) packed.set(cell.subarray(0, used), at)
    at += used
  }
  return at
}

/** @param table an empty one, which becomes the node's */
export function unpackNode(layout: Layout, packed: Float64Array, table: Table): ClosedNode {
  const { width, cellCount } = layout
  const present = packed[1] as number
  const children = Array.from({ length: fanOut }, (_, child) => child).filter(
    (child) => Math.floor(present / 2 ** child) % 2 === 1,
  )
  let at = header
  for (const child of children) {
    for (let index = child * width; index < (child + 1) * width; index++) table.numbers[index] = packed[at++] as number
  }
  for (const child of children) {
    for (let index = child * cellCount; index < (child + 1) * cellCount; index++) {
      const used = packed[at++] as number
      const cell: Cell | undefined = used === 0 ? undefined : packed.slice(at, at + used)
      table.cells[index] = cell
      at += used
    }
  }
  sumNode(layout, table)
  return { table, dirtySince: Number.POSITIVE_INFINITY, applied: packed[0] as number }
}
