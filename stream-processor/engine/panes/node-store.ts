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

/** A node that is full, or that a late event made: 32 children and their total, in rows of a table that nodes share. */
export interface ClosedNode {
  readonly table: Table
  /** Row of the first child. */
  readonly base: number
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

/** Nodes that late events changed and that one checkpoint writes: packing them holds the stream up. */
const mostChangedPerSave = 10_000

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
  readonly #pool: NodePool
  /** Late events so far. */
  lateCount = 0

  constructor(layout: Layout, archive: NodeArchive, budget: NodeBudget) {
    this.#layout = layout
    this.#archive = archive
    this.#budget = budget
    this.#pool = new NodePool(layout)
  }

  get(series: number, level: number, node: number): ClosedNode | undefined {
    return this.#find(nodeKey(series, level, node))
  }

  /** The node to be changed by the late event `lateCount`, made where it is not there yet. */
  change(series: number, level: number, node: number): ClosedNode {
    const key = nodeKey(series, level, node)
    let found = this.#find(key)
    found ??= this.#pool.take(0)
    if (found.dirtySince === Number.POSITIVE_INFINITY) {
      found.dirtySince = this.lateCount
      if (!this.#fresh.has(key)) this.#changed.set(key, found)
    }
    return found
  }

  /** A new node, which is full: its rows are to be filled in. */
  create(series: number, level: number, node: number): ClosedNode {
    const created = this.#pool.take(this.lateCount)
    this.#fresh.set(nodeKey(series, level, node), created)
    return created
  }

  /** Forgets the nodes `[from, to)`. */
  remove(series: number, level: number, from: number, to: number): void {
    this.#removed.push([nodeKey(series, level, from), nodeKey(series, level, to)])
    const inMemory = this.#fresh.size + this.#changed.size + this.#young.size + this.#old.size
    if (to - from > inMemory) return
    for (let node = from; node < to; node++) {
      const key = nodeKey(series, level, node)
      // One node may be in two of them.
      let gone: ClosedNode | undefined
      for (const map of [this.#fresh, this.#changed, this.#young, this.#old]) {
        gone ??= map.get(key)
        map.delete(key)
      }
      if (gone) this.#pool.release(gone)
    }
  }

  /** Forgets all nodes of some series. */
  removeSeries(gone: ReadonlySet<number>): void {
    const perSeries = levelsPerSeries * nodesPerLevel
    for (const series of gone) this.#removed.push([nodeKey(series, 0, 0), nodeKey(series + 1, 0, 0)])
    const released = new Set<ClosedNode>()
    for (const map of [this.#fresh, this.#changed, this.#young, this.#old]) {
      for (const [key, node] of map) {
        if (!gone.has(Math.floor(key / perSeries))) continue
        map.delete(key)
        released.add(node)
      }
    }
    for (const node of released) this.#pool.release(node)
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
    let left = Math.max(mostChangedPerSave, this.#changed.size - this.#budget.most / 2)
    for (const [key, node] of this.#changed) {
      if (left-- <= 0 || (node.dirtySince > before && this.#changed.size < this.#budget.most / 2)) break
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
      for (const node of this.#old.values()) {
        // What is still to be saved is in memory until then.
        if (node.dirtySince === Number.POSITIVE_INFINITY) this.#pool.release(node)
      }
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
    const node = this.#pool.take(packed[0] as number)
    unpackNode(this.#layout, packed, node)
    this.#remember(key, node)
    return node
  }

  #remember(key: number, node: ClosedNode): void {
    // A node is of one generation: what the old one still held would be given up with it.
    this.#old.delete(key)
    this.#young.set(key, node)
    this.#budget.count()
  }
}

/** Nodes of one page of the pool. */
const nodesPerPage = 128

/** Room for nodes, in tables of many: a table for each would cost more than what is done with it. */
class NodePool {
  readonly #layout: Layout
  readonly #empty: Float64Array
  readonly #free: { readonly table: Table; readonly base: number }[] = []

  constructor(layout: Layout) {
    this.#layout = layout
    this.#empty = new Table(layout, fanOut + 1).numbers
  }

  /** An empty node. */
  take(applied: number): ClosedNode {
    if (this.#free.length === 0) this.#addPage()
    const { table, base } = this.#free.pop() as { table: Table; base: number }
    table.numbers.set(this.#empty, base * table.stride)
    if (table.cellCount > 0) table.cells.fill(undefined, base * table.cellCount, (base + fanOut + 1) * table.cellCount)
    return { table, base, dirtySince: Number.POSITIVE_INFINITY, applied }
  }

  release({ table, base }: ClosedNode): void {
    this.#free.push({ table, base })
  }

  #addPage(): void {
    const table = new Table(this.#layout, nodesPerPage * (fanOut + 1))
    for (let node = nodesPerPage - 1; node >= 0; node--) this.#free.push({ table, base: node * (fanOut + 1) })
  }
}

/** Merges the children of a node, which stand `step` rows from each other, into its total. */
export function sumNode(layout: Layout, table: Table, base: number, step = 1): void {
  const total = base + totalRow * step
  resetRow(layout, table, total)
  for (let child = base; child < total; child += step) {
    if (eventsOf(table, child) > 0) mergeRow(layout, table, total, table, total, table, child)
  }
}

/** Doubles before the rows: the last late event in it, and the children that have events, as bits. */
const header = 2

/** The children that have events: first their rows, then for each of their cells its length and what it holds. */
export function packNode(layout: Layout, { table, base, applied }: ClosedNode): Float64Array {
  const { width, cellCount } = layout
  const { numbers } = table
  let present = 0
  let size = header
  for (let child = 0; child < fanOut; child++) {
    if (eventsOf(table, base + child) === 0) continue
    present += 2 ** child
    size += width
    for (let cell = 0; cell < cellCount; cell++) size += 1 + (table.cells[(base + child) * cellCount + cell]?.[0] ?? 0)
  }
  const packed = new Float64Array(size)
  packed[0] = applied
  packed[1] = present
  let at = header
  for (let row = base; row < base + fanOut; row++) {
    if (eventsOf(table, row) === 0) continue
    for (let index = row * width; index < (row + 1) * width; index++) packed[at++] = numbers[index] as number
  }
  if (cellCount === 0) return packed
  for (let row = base; row < base + fanOut; row++) {
    if (eventsOf(table, row) > 0) at = packCells(table, row, packed, at)
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

/** @param node an empty one, which becomes the one that was packed */
export function unpackNode(layout: Layout, packed: Float64Array, { table, base }: ClosedNode): void {
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
      const cell: Cell | undefined = used === 0 ? undefined : packed.slice(at, at + used)
      table.cells[index] = cell
      at += used
    }
  }
  sumNode(layout, table, base)
}
