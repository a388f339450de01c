import { appliedOf, type ClosedNode, type NodeRows, packNode, unpackNode } from './closed-node.ts'
import { CopyArena } from './copy-arena.ts'
import type { Layout } from './layout.ts'
import type { NodeCache } from './node-cache.ts'
import { NodePool } from './node-pool.ts'
import { Removals } from './removals.ts'
import { WaitingNodes } from './waiting-nodes.ts'

/** Where closed nodes are kept when they are not in memory. */
export interface NodeArchive {
  /** The packed node, if it is there; it is valid until the next call. */
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
export const maxSeries = 2 ** 23
/** Share of the room in memory that nodes may take which wait to be saved. */
const waitingShare = 0.75

export function nodeKey(series: number, level: number, node: number): number {
  return (series * levelsPerSeries + level) * nodesPerLevel + node
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
  readonly #cache: NodeCache
  /** Nodes in memory: by series and level, then by number. Maps of whole keys, which do not fit into 32 bits, are slow. */
  readonly #inMemory: (Map<number, ClosedNode> | undefined)[] = []
  /** Nodes that were closed since the last checkpoint, packed, and those of them that late events changed: they must be in the next. */
  #fresh = new Map<number, Float64Array>()
  readonly #reopened = new WaitingNodes()
  /** Other nodes that late events changed. */
  readonly #changed = new WaitingNodes()
  /** What the last checkpoint saves, which the archive may not have yet, as far as it has been packed. */
  #saving = new Map<number, Float64Array>()
  #savedLate = 0
  #removing = new Removals()
  #removed = new Removals()
  readonly #pool: NodePool
  /** Room for what is packed until the next checkpoint, and for what was until the last. */
  #room = new CopyArena()
  #savingRoom = new CopyArena()
  /** Late events so far. */
  lateCount = 0

  constructor(layout: Layout, archive: NodeArchive, cache: NodeCache) {
    this.#layout = layout
    this.#archive = archive
    this.#cache = cache
    this.#pool = new NodePool(layout)
  }

  /** A node, if it is there. What was given before may be given up, and is not to be used any more. */
  get(series: number, level: number, node: number): ClosedNode | undefined {
    this.#cache.makeRoom()
    return this.#find(series, level, node)
  }

  /** The node to be changed by the late event `lateCount`, made where it is not there yet. */
  change(series: number, level: number, node: number): ClosedNode {
    const found = this.#find(series, level, node) ?? this.#admit(nodeKey(series, level, node), 0, 0)
    if (this.#waitingWith(found)?.isDue(found)) this.#pack(found)
    if (found.state !== 'saved') return found
    found.state = this.#fresh.delete(found.key) ? 'reopened' : 'changed'
    this.#waitingWith(found)?.add(found, this.lateCount)
    return found
  }

  /** Keeps a node that is full. */
  close(series: number, level: number, node: number, rows: NodeRows): void {
    this.#fresh.set(nodeKey(series, level, node), packNode(this.#layout, rows, this.lateCount, this.#room))
  }

  /** Forgets the nodes `[from, to)`. */
  remove(series: number, level: number, from: number, to: number): void {
    const first = nodeKey(series, level, 0)
    this.#removed.add(first + from, first + to)
    const nodes = this.#inMemory[series * levelsPerSeries + level]
    if (to - from <= (nodes?.size ?? 0) + this.#fresh.size) {
      for (let node = from; node < to; node++) {
        this.#fresh.delete(first + node)
        const known = nodes?.get(node)
        if (known) this.#drop(known)
      }
      return
    }
    for (const key of this.#fresh.keys()) if (key >= first + from && key < first + to) this.#fresh.delete(key)
    for (const [node, known] of nodes ?? []) if (node >= from && node < to) this.#drop(known)
  }

  /** Forgets all nodes of some series. */
  removeSeries(gone: ReadonlySet<number>): void {
    const perSeries = levelsPerSeries * nodesPerLevel
    for (const series of gone) this.#removed.add(nodeKey(series, 0, 0), nodeKey(series + 1, 0, 0))
    for (const key of this.#fresh.keys()) if (gone.has(Math.floor(key / perSeries))) this.#fresh.delete(key)
    for (const series of gone) {
      for (let level = 0; level < levelsPerSeries; level++) {
        for (const node of this.#inMemory[series * levelsPerSeries + level]?.values() ?? []) this.#drop(node)
      }
    }
  }

  #drop(node: ClosedNode): void {
    const waiting = this.#waitingWith(node)
    if (waiting?.isDue(node)) this.#pack(node)
    else waiting?.remove(node)
    this.#giveUp(node)
  }

  /** Those that a node waits with to be saved. */
  #waitingWith({ state }: ClosedNode): WaitingNodes | undefined {
    return state === 'changed' ? this.#changed : state === 'reopened' ? this.#reopened : undefined
  }

  readonly #giveUp = (node: ClosedNode): void => {
    const place = Math.floor(node.key / nodesPerLevel)
    const nodes = this.#inMemory[place] as Map<number, ClosedNode>
    nodes.delete(node.key % nodesPerLevel)
    if (nodes.size === 0) this.#inMemory[place] = undefined
    node.state = 'gone'
    this.#cache.remove(node)
    this.#pool.release(node)
  }

  /**
   * What is to be saved now: new nodes, and those whose first change has the number `before` or less; more where those
   * that wait take too much of the room in memory. Call it when what it gave the last time has been saved.
   */
  changes(before: number): NodeChanges {
    this.#savedLate = this.lateCount
    this.#saving = this.#fresh
    this.#fresh = new Map()
    this.#reopened.begin(Number.POSITIVE_INFINITY, 0)
    this.#changed.begin(before, this.#cache.most * waitingShare)
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
    for (const waiting of [this.#reopened, this.#changed]) {
      for (let node = waiting.next(); node; node = waiting.next()) {
        if (this.#waitingWith(node) !== waiting || !waiting.isDue(node)) continue
        this.#pack(node)
        return
      }
    }
  }

  /** Packs a node as it is to be saved, before it changes. */
  #pack(node: ClosedNode): void {
    this.#saving.set(node.key, packNode(this.#layout, node, this.#savedLate, this.#savingRoom))
    this.#waitingWith(node)?.remove(node)
    node.state = 'saved'
    node.applied = this.#savedLate
  }

  /** Number of the oldest late event that is not in every node that was saved. */
  oldestUnsaved(): number {
    return this.#changed.oldest() ?? this.lateCount + 1
  }

  #find(series: number, level: number, node: number): ClosedNode | undefined {
    const known = this.#inMemory[series * levelsPerSeries + level]?.get(node)
    if (known) {
      known.isUsed = true
      return known
    }
    const key = nodeKey(series, level, node)
    const packed = this.#fresh.get(key) ?? this.#findSaved(key)
    if (!packed) return undefined
    const found = this.#admit(key, appliedOf(packed), this.#layout.cellCount > 0 ? packed.byteLength : 0)
    unpackNode(this.#layout, packed, found)
    return found
  }

  /** An empty node that is in memory from now on. */
  #admit(key: number, applied: number, cellBytes: number): ClosedNode {
    const node = this.#pool.take(key, applied, cellBytes)
    const place = Math.floor(key / nodesPerLevel)
    // A list with holes is slow.
    while (this.#inMemory.length <= place) this.#inMemory.push(undefined)
    const nodes = this.#inMemory[place] ?? new Map<number, ClosedNode>()
    this.#inMemory[place] = nodes.set(key % nodesPerLevel, node)
    this.#cache.add(node, this.#giveUp)
    return node
  }

  /** As on disk, what is put is there though its key was removed. */
  #findSaved(key: number): Float64Array | undefined {
    if (this.#removed.has(key)) return undefined
    const saving = this.#saving.get(key)
    if (saving || this.#removing.has(key)) return saving
    return this.#archive.get(key)
  }
}
