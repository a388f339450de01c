import { type ClosedNode, fanOut, sumNode, totalRow } from './closed-node.ts'
import { maxDirect } from './cursor.ts'
import { childStep, Edge, nobody } from './edge.ts'
import { LateEvents } from './late-events.ts'
import { addToRow, copyRow, eventsOf, type Layout, mergeRow, resetRow, type Table } from './layout.ts'
import type { NodeStore } from './node-store.ts'

export interface PaneStoreOptions {
  readonly layout: Layout
  readonly nodes: NodeStore
  /** Panes of the longest window. */
  readonly longest: number
  /** Panes that are kept behind the newest one. */
  readonly kept: number
}

/**
 * The panes of every series of one stream, as a tree that grows at its right edge. The newest pane is hot: an event in
 * order costs one row. A pane that is over becomes a child of the open node; a full node is closed, kept in the node
 * store, and its total is a child one level above. So a window is a few merged rows, whatever its length, and memory
 * holds only the right edge.
 */
export class PaneStore {
  readonly layout: Layout
  /** Panes of the longest window. */
  readonly longest: number
  readonly nodes: NodeStore
  readonly edge: Edge
  /** Late events that changed closed nodes. */
  readonly late: LateEvents
  /** Where `#locate` found a row. */
  #table: Table
  #row = 0
  /** Rows from one child to the next, where the children of a node were found. */
  #step = 1
  readonly #kept: readonly number[]
  /** Whether any window is long enough to be merged from totals. */
  readonly #hasTotals: boolean

  constructor({ layout, nodes, longest, kept }: PaneStoreOptions) {
    let levels = 1
    while (longest / fanOut ** levels > 2 * fanOut) levels++
    this.layout = layout
    this.longest = longest
    this.nodes = nodes
    // The ring has as many rows as the longest window needs.
    this.edge = new Edge({ layout, levels, ring: Math.ceil(longest / fanOut ** levels) + 2 })
    this.late = new LateEvents(layout.inputs.length)
    this.#table = this.edge.hot
    this.#kept = Array.from({ length: levels }, (_, level) => Math.ceil(kept / fanOut ** (level + 1)) + 1)
    this.#hasTotals = longest > maxDirect
  }

  /** Makes the hot pane a child of its node. Until `open` it is that and the hot one. */
  close(series: number): void {
    const { edge } = this
    if (eventsOf(edge.hot, series) === 0) return
    this.#push(series, 0, edge.hotPane(series), edge.hot, series)
  }

  /** Opens a pane after the hot one, which has been closed. */
  open(series: number, pane: number): void {
    this.edge.openHot(series, pane)
    let node = pane
    for (let level = 0; level < this.edge.levels; level++) {
      node = Math.floor(node / fanOut)
      const open = this.edge.openNode(series, level)
      if (open !== nobody && open !== node) this.#closeNode(series, level, open)
    }
  }

  /** Adds an event to a pane before the hot one. */
  addLate(series: number, pane: number, ts: number, arrival: number, values: Float64Array): void {
    const { edge } = this
    edge.noteTime(series, ts, arrival)
    edge.noteLate(series)
    const node = Math.floor(pane / fanOut)
    if (node === Math.floor(edge.hotPane(series) / fanOut)) {
      edge.setOpenNode(series, 0, node)
      const row = edge.childRow(series, 0, pane % fanOut)
      edge.touchRow(row)
      addToRow(this.layout, edge.rows, row, ts, values)
      this.#sumOpen(series, 0)
      return
    }
    this.nodes.lateCount++
    this.late.note(series, pane, ts, values)
    const closed = this.#change(series, 0, node)
    this.#addClosed(closed, series, node, pane, ts, values)
  }

  #addClosed(closed: ClosedNode, series: number, node: number, pane: number, ts: number, values: Float64Array): void {
    const { table, base } = closed
    addToRow(this.layout, table, base + (pane % fanOut), ts, values)
    if (!this.#hasTotals) return
    sumNode(this.layout, closed)
    this.#raise(series, 1, node, table, base + totalRow)
  }

  /** Adds late events again to the nodes that were saved without them; `first` is the number of the first one. */
  restoreLate(first: number, events: Float64Array): void {
    const { width } = this.late
    for (let at = 0; at < events.length; at += width) {
      const series = events[at] as number
      const pane = events[at + 1] as number
      const node = Math.floor(pane / fanOut)
      const number = first + at / width
      // Nodes note since which event they are unsaved, and stand in that order: as if the events came now.
      this.nodes.lateCount = number
      const known = this.#closed(series, 0, node)
      if (known && number <= known.applied) {
        if (this.#hasTotals) this.#raise(series, 1, node, known.table, known.base + totalRow)
        continue
      }
      const values = events.subarray(at + 3, at + width)
      this.#addClosed(this.#change(series, 0, node), series, node, pane, events[at + 2] as number, values)
    }
  }

  /** Takes the changed total of a closed node to the levels above. */
  #raise(series: number, level: number, child: number, from: Table, total: number): void {
    if (level === this.edge.levels) {
      this.#setRing(series, child, from, total)
      return
    }
    const { edge } = this
    const node = Math.floor(child / fanOut)
    if (node === Math.floor(edge.hotPane(series) / fanOut ** (level + 1))) {
      edge.setOpenNode(series, level, node)
      const row = edge.childRow(series, level, child % fanOut)
      edge.touchRow(row)
      copyRow(this.layout, edge.rows, row, from, total)
      this.#sumOpen(series, level)
      return
    }
    const closed = this.#change(series, level, node)
    const { table, base } = closed
    copyRow(this.layout, table, base + (child % fanOut), from, total)
    sumNode(this.layout, closed)
    this.#raise(series, level + 1, node, table, base + totalRow)
  }

  #push(series: number, level: number, child: number, from: Table, row: number): void {
    const { edge, layout } = this
    const node = Math.floor(child / fanOut)
    const open = edge.openNode(series, level)
    if (open !== node) {
      if (open !== nobody) this.#closeNode(series, level, open)
      edge.setOpenNode(series, level, node)
    }
    const place = edge.childRow(series, level, child % fanOut)
    edge.touchRow(place)
    copyRow(layout, edge.rows, place, from, row)
    if (!this.#hasTotals) return
    const total = edge.totalRow(series, level)
    edge.touchRow(total)
    mergeRow(layout, edge.rows, total, edge.rows, total, from, row)
  }

  #closeNode(series: number, level: number, node: number): void {
    const { edge } = this
    const rows = edge.openRows(series, level)
    this.#noteNode(series, level, node)
    this.nodes.close(series, level, node, rows)
    edge.setOpenNode(series, level, nobody)
    this.#forget(series, level, node - (this.#kept[level] as number))
    if (this.#hasTotals) {
      const total = edge.totalRow(series, level)
      if (level + 1 < this.edge.levels) this.#push(series, level + 1, node, edge.rows, total)
      else this.#setRing(series, node, edge.rows, total)
    }
    const { base, step } = rows
    for (let row = base; row <= base + totalRow * step; row += step) edge.empty(row)
  }

  /** A node is kept from now on. */
  #noteNode(series: number, level: number, node: number): void {
    const oldest = this.edge.oldestNode(series, level)
    if (oldest === nobody || node < oldest) this.edge.setOldestNode(series, level, node)
  }

  /** Gives up the nodes before `floor`. */
  #forget(series: number, level: number, floor: number): void {
    const oldest = this.edge.oldestNode(series, level)
    if (oldest === nobody || oldest >= floor) return
    this.nodes.remove(series, level, oldest, floor)
    this.edge.setOldestNode(series, level, floor)
  }

  /** A closed node, if it is kept. */
  #closed(series: number, level: number, node: number): ClosedNode | undefined {
    const oldest = this.edge.oldestNode(series, level)
    return oldest === nobody || node < oldest ? undefined : this.nodes.get(series, level, node)
  }

  #change(series: number, level: number, node: number): ClosedNode {
    this.#noteNode(series, level, node)
    return this.nodes.change(series, level, node)
  }

  #setRing(series: number, node: number, from: Table, row: number): void {
    const { edge } = this
    // An older row shares the place of a newer one: it is found in the node store.
    if (edge.ringNode(series, node) > node) return
    edge.setRingNode(series, node)
    const place = edge.ringRow(series, node)
    edge.touchRow(place)
    copyRow(this.layout, edge.rows, place, from, row)
  }

  #sumOpen(series: number, level: number): void {
    if (!this.#hasTotals) return
    this.edge.touchRow(this.edge.totalRow(series, level))
    sumNode(this.layout, this.edge.openRows(series, level))
  }

  /** Finds a pane (level 0) or the total of a node (`level` 1: of a node of level 0, and so on). */
  #locate(series: number, level: number, index: number): boolean {
    const { edge } = this
    if (level === 0 && index === edge.hotPane(series)) {
      this.#table = edge.hot
      this.#row = series
    } else if (level < this.edge.levels) {
      if (!this.#locateChildren(series, level, Math.floor(index / fanOut))) return false
      this.#row += (index % fanOut) * this.#step
    } else if (edge.ringNode(series, index) === index) {
      this.#table = edge.rows
      this.#row = edge.ringRow(series, index)
    } else {
      const found = this.#closed(series, level - 1, index)
      if (!found) return false
      this.#table = found.table
      this.#row = found.base + totalRow
    }
    return eventsOf(this.#table, this.#row) > 0
  }

  /** Calls `take` with the row of one pane, if it has events; says whether it has. */
  visit(series: number, pane: number, take: (table: Table, row: number) => void): boolean {
    if (!this.#locate(series, 0, pane)) return false
    take(this.#table, this.#row)
    return true
  }

  /** `out = out ⊕` everything in `[from, to)` of a level. */
  sum(series: number, level: number, from: number, to: number, out: Table, row: number): void {
    if (level < this.edge.levels && Math.floor(to / fanOut) - Math.floor(from / fanOut) > 1) {
      const first = Math.floor(from / fanOut) + 1
      const last = Math.floor(to / fanOut)
      this.#sumEach(series, level, from, first * fanOut, out, row)
      this.sum(series, level + 1, first, last, out, row)
      this.#sumEach(series, level, last * fanOut, to, out, row)
    } else {
      this.#sumEach(series, level, from, to, out, row)
    }
  }

  #sumEach(series: number, level: number, from: number, to: number, out: Table, row: number): void {
    const { layout } = this
    for (let index = from; index < to; ) {
      const end = Math.min(to, (Math.floor(index / fanOut) + 1) * fanOut)
      if (level === this.edge.levels) {
        for (; index < end; index++) {
          if (this.#locate(series, level, index)) mergeRow(layout, out, row, out, row, this.#table, this.#row)
        }
      } else if (this.#locateChildren(series, level, Math.floor(index / fanOut))) {
        const table = this.#table
        const step = this.#step
        for (let child = this.#row + (index % fanOut) * step; index < end; index++, child += step) {
          if (eventsOf(table, child) > 0) mergeRow(layout, out, row, out, row, table, child)
        }
      }
      index = end
    }
    // The hot pane is the newest; it is a child of its node once it is closed.
    const { edge } = this
    const hot = edge.hotPane(series)
    if (level === 0 && hot >= from && hot < to && !this.#isClosed(series, hot)) {
      mergeRow(layout, out, row, out, row, edge.hot, series)
    }
  }

  #isClosed(series: number, hot: number): boolean {
    const { edge } = this
    if (edge.openNode(series, 0) !== Math.floor(hot / fanOut)) return false
    return eventsOf(edge.rows, edge.childRow(series, 0, hot % fanOut)) > 0
  }

  /** Puts the rows `suffix[i] = pane i ⊕ … ⊕ pane 31` of a node before the hot one's into the first rows of a table. */
  suffixes(series: number, node: number, out: Table): void {
    const { layout } = this
    const isThere = this.#locateChildren(series, 0, node)
    const table = this.#table
    const first = this.#row
    const step = this.#step
    resetRow(layout, out, fanOut - 1)
    for (let child = fanOut - 1; child >= 0; child--) {
      const after = Math.min(child + 1, fanOut - 1)
      const row = first + child * step
      if (isThere && eventsOf(table, row) > 0) mergeRow(layout, out, child, table, row, out, after)
      else copyRow(layout, out, child, out, after)
    }
  }

  /** Finds the children of a node: `#row` is the first of them, and `#step` further on is the next. */
  #locateChildren(series: number, level: number, node: number): boolean {
    const { edge } = this
    if (edge.openNode(series, level) === node) {
      this.#table = edge.rows
      this.#row = edge.childRow(series, level, 0)
      this.#step = childStep
      return true
    }
    const found = this.#closed(series, level, node)
    if (!found) return false
    this.#table = found.table
    this.#row = found.base
    this.#step = 1
    return true
  }
}
