import { appliedOf, type ClosedNode, type NodeRows, packNode, unpackNode } from './closed-node.ts'
import { CopyArena } from './copy-arena.ts'
import type { Layout } from './layout.ts'
import { NodePool } from './node-pool.ts'
import { Removals } from './removals.ts'

/** Where closed nodes are kept when they are not in memory. */
export interface NodeArchive {
  /** The packed node, if it is there. */
  get(key: number): Float64Array | undefined
}

/** What is saved of nodes. */
export interface NodeChanges {
  /** To be gone through once, before the next changes are taken. */
  readonly nodes: Iterable<readonly [key: number, packed: Float64Array]>
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
 *
 * A checkpoint does not hold up the stream: a full node is packed when it is closed, and a changed one when the
 * checkpoint comes to it, or before it changes again.
 */
export class NodeStore {
  readonly #layout: Layout
  readonly #archive: NodeArchive
  readonly #budget: NodeBudget
  /** Nodes that were closed since the last checkpoint, packed, and those of them that late events changed: they must be in the next. */
  #fresh = new Map<number, Float64Array>()
  #reopened = new Map<number, ClosedNode>()
  /** Other nodes that late events changed, in the order of their first change. */
  readonly #changed = new Map<number, ClosedNode>()
  #young = new Map<number, ClosedNode>()
  #old = new Map<number, ClosedNode>()
  #generation = 0
  /** What the last checkpoint saves, which the archive may not have yet: packed, and still to be packed as it is. */
  #saving = new Map<number, Float64Array>()
  readonly #unpacked = new Map<number, ClosedNode>()
  #savedLate = 0
  #removing = new Removals()
  #removed = new Removals()
  readonly #pool: NodePool
  /** Room for what is packed until the next checkpoint, and for what was until the last. */
  #room = new CopyArena()
  #savingRoom = new CopyArena()
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
    if (this.#unpacked.has(key)) this.#pack(key, found)
    if (found.dirtySince === Number.POSITIVE_INFINITY) {
      found.dirtySince = this.lateCount
      if (this.#fresh.delete(key)) this.#reopened.set(key, found)
      else this.#changed.set(key, found)
    }
    return found
  }

  /** Keeps a node that is full. */
  close(series: number, level: number, node: number, rows: NodeRows): void {
    this.#fresh.set(nodeKey(series, level, node), packNode(this.#layout, rows, this.lateCount, this.#room))
  }

  /** Forgets the nodes `[from, to)`. */
  remove(series: number, level: number, from: number, to: number): void {
    this.#removed.add(nodeKey(series, level, from), nodeKey(series, level, to))
    const inMemory = this.#maps().reduce((sum, map) => sum + map.size, this.#fresh.size)
    if (to - from > inMemory) return
    for (let node = from; node < to; node++) this.#drop(nodeKey(series, level, node))
  }

  /** Forgets all nodes of some series. */
  removeSeries(gone: ReadonlySet<number>): void {
    const perSeries = levelsPerSeries * nodesPerLevel
    for (const series of gone) this.#removed.add(nodeKey(series, 0, 0), nodeKey(series + 1, 0, 0))
    for (const map of [this.#fresh, ...this.#maps()]) {
      for (const key of map.keys()) if (gone.has(Math.floor(key / perSeries))) this.#drop(key)
    }
  }

  #maps(): readonly Map<number, ClosedNode>[] {
    return [this.#reopened, this.#changed, this.#unpacked, this.#young, this.#old]
  }

  #drop(key: number): void {
    this.#fresh.delete(key)
    const waiting = this.#unpacked.get(key)
    if (waiting) this.#pack(key, waiting)
    // One node may be in several of them.
    let gone: ClosedNode | undefined
    for (const map of this.#maps()) {
      gone ??= map.get(key)
      map.delete(key)
    }
    if (gone) this.#pool.release(gone)
  }

  /**
   * What is to be saved now: new nodes, and those whose first change has the number `before` or less. Call it when what it
   * gave the last time has been saved.
   */
  changes(before: number): NodeChanges {
    const most = this.#budget.most / 2
    this.#savedLate = this.lateCount
    this.#saving = this.#fresh
    this.#fresh = new Map()
    for (const [key, node] of this.#reopened) this.#unpacked.set(key, node)
    this.#reopened = new Map()
    for (const [key, node] of this.#changed) {
      if (node.dirtySince > before && this.#changed.size < most) break
      this.#changed.delete(key)
      this.#unpacked.set(key, node)
    }
    this.#removing = this.#removed
    this.#removed = new Removals()
    const room = this.#savingRoom
    this.#savingRoom = this.#room
    this.#room = room
    room.clear()
    return { nodes: this.#packed(), removed: this.#removing.ranges }
  }

  /** What is packed meanwhile, here or because it changes, is found at the end of the map while that is gone through. */
  *#packed(): Iterable<readonly [number, Float64Array]> {
    const saving = this.#saving
    this.#packNext()
    for (const entry of saving) {
      yield entry
      this.#packNext()
    }
  }

  #packNext(): void {
    for (const [key, node] of this.#unpacked) {
      this.#pack(key, node)
      return
    }
  }

  /** Packs a node as it is to be saved, before it changes. */
  #pack(key: number, node: ClosedNode): void {
    const packed = packNode(this.#layout, node, this.#savedLate, this.#savingRoom)
    this.#unpacked.delete(key)
    this.#saving.set(key, packed)
    node.applied = this.#savedLate
    node.dirtySince = Number.POSITIVE_INFINITY
    this.#remember(key, node)
  }

  /** Number of the oldest late event that is not in every node that was saved. */
  oldestUnsaved(): number {
    for (const { dirtySince } of this.#changed.values()) return dirtySince
    return this.lateCount + 1
  }

  #find(key: number): ClosedNode | undefined {
    if (this.#generation !== this.#budget.generation) this.#forgetOld()
    const known = this.#young.get(key) ?? this.#changed.get(key) ?? this.#unpacked.get(key) ?? this.#reopened.get(key)
    if (known) return known
    const kept = this.#old.get(key)
    if (kept) {
      this.#remember(key, kept)
      return kept
    }
    const packed = this.#fresh.get(key) ?? this.#findSaved(key)
    if (!packed) return undefined
    const node = this.#pool.take(appliedOf(packed))
    unpackNode(this.#layout, packed, node)
    this.#remember(key, node)
    return node
  }

  /** As on disk, what is put is there though its key was removed. */
  #findSaved(key: number): Float64Array | undefined {
    if (this.#removed.has(key)) return undefined
    const saving = this.#saving.get(key)
    if (saving || this.#removing.has(key)) return saving
    return this.#archive.get(key)
  }

  #forgetOld(): void {
    this.#generation = this.#budget.generation
    for (const node of this.#old.values()) {
      // What is still to be saved is in memory until then.
      if (node.dirtySince === Number.POSITIVE_INFINITY) this.#pool.release(node)
    }
    this.#old = this.#young
    this.#young = new Map()
  }

  #remember(key: number, node: ClosedNode): void {
    // A node is of one generation: what the old one still held would be given up with it.
    this.#old.delete(key)
    this.#young.set(key, node)
    this.#budget.count()
  }
}
