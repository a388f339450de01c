import { grown } from '../grown.ts'
import { type ClosedNode, fanOut, type NodeRows, packCell, sumNode, totalRow } from './closed-node.ts'
import { CopyArena } from './copy-arena.ts'
import { mostDirect } from './cursor.ts'
import { addToRow, copyRow, eventsOf, type Layout, mergeRow, releaseCells, resetRow, Table } from './layout.ts'
import type { NodeStore } from './node-store.ts'
import { Pieces } from './pieces.ts'

/** Doubles before the hot row of a series. */
const lead = 4
const newestTsAt = 1
const arrivalAt = 2
const sessionAt = 3

/** Series of one page: their hot rows are saved together, and each of their other rows in one block. */
const pageBits = 6
const pageSize = 1 << pageBits

const rowsPerNode = fanOut + 1
const nobody = -1

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
 * holds only the right edge: `levels · 33 + ring + 1` rows a series.
 *
 * All of it stands in flat arrays, so that it is saved by copying what changed, piece by piece. Rows of one slot (a child of an open node,
 * its total, a place in the ring) stand together for all series of a page, as a block: a pane that is over changes one
 * block, and series that are heard in turn write beside each other.
 */
export class PaneStore {
  readonly layout: Layout
  /** Panes of the longest window. */
  readonly longest: number
  readonly levels: number
  /** Rows above the highest level, by number modulo `ring`: as many as the longest window needs. */
  readonly ring: number
  readonly nodes: NodeStore
  hot: Table
  rows: Table
  /** For each series: the open node of each level, from where nodes are kept, and which rows the ring holds. */
  heads: Float64Array
  /** Counts late changes of a series: what was computed before is to be computed again. */
  versions: Uint32Array
  /** Hot rows and heads by the page, and blocks of other rows, as they are saved. */
  readonly #pages: Pieces<PageCopy>
  readonly #blocks: Pieces<BlockCopy>
  readonly #copies = new CopyArena()
  /** Where `locate` found a row. */
  #table: Table
  #row = 0
  /** Rows from one child to the next, where the children of a node were found. */
  #step = 1
  readonly #headWidth: number
  /** Rows of a series beside the hot one. */
  readonly #slots: number
  readonly #kept: readonly number[]
  /** Whether any window is long enough to be merged from totals. */
  readonly #hasTotals: boolean
  /** Doubles of a late event. */
  readonly lateWidth: number
  #lateEvents = new Float64Array(0)
  /** Those that were taken last. */
  #takenEvents = new Float64Array(0)
  #lateUsed = 0
  #capacity = pageSize

  constructor({ layout, nodes, longest, kept }: PaneStoreOptions) {
    this.layout = layout
    this.nodes = nodes
    let levels = 1
    while (longest / fanOut ** levels > 2 * fanOut) levels++
    this.longest = longest
    this.levels = levels
    this.#hasTotals = longest > mostDirect
    this.lateWidth = 3 + layout.inputs.length
    this.ring = Math.ceil(longest / fanOut ** levels) + 2
    this.#kept = Array.from({ length: levels }, (_, level) => Math.ceil(kept / fanOut ** (level + 1)) + 1)
    this.#headWidth = 2 * levels + this.ring
    this.#slots = levels * rowsPerNode + this.ring
    this.hot = new Table(layout, pageSize, lead)
    this.rows = new Table(layout, pageSize * this.#slots)
    this.heads = new Float64Array(pageSize * this.#headWidth).fill(nobody)
    this.versions = new Uint32Array(pageSize)
    this.#pages = new Pieces(1, (page) => this.#copyPage(page))
    this.#blocks = new Pieces(this.#slots, (block) => this.#copyBlock(block))
    this.#table = this.hot
    for (let series = 0; series < pageSize; series++) this.#clearLead(series)
  }

  /** Makes a series one that had no event. */
  clear(series: number): void {
    this.#touchPage(series)
    this.#clearLead(series)
    resetRow(this.layout, this.hot, series)
    this.heads.fill(nobody, series * this.#headWidth, (series + 1) * this.#headWidth)
    for (let slot = 0; slot < this.#slots; slot++) {
      const row = this.#rowOf(series, slot)
      if (eventsOf(this.rows, row) === 0) continue
      this.#touchRow(row)
      resetRow(this.layout, this.rows, row)
    }
    this.versions[series] = (this.versions[series] as number) + 1
  }

  get capacity(): number {
    return this.#capacity
  }

  /** Doubles in memory for one series; cells come on top. */
  get doublesPerSeries(): number {
    return this.hot.stride + this.#headWidth + this.#slots * this.rows.stride
  }

  /** Makes room for a series. */
  ensure(series: number): void {
    if (series < this.#capacity) return
    const before = this.#capacity
    const capacity = Math.max(before * 2, (Math.floor(series / pageSize) + 1) * pageSize)
    this.hot.grow(this.layout, capacity)
    this.rows.grow(this.layout, capacity * this.#slots)
    this.heads = grown(this.heads, capacity * this.#headWidth).fill(nobody, before * this.#headWidth)
    this.versions = grown(this.versions, capacity)
    this.#pages.grow(capacity / pageSize)
    this.#blocks.grow((capacity / pageSize) * this.#slots)
    this.#capacity = capacity
    for (let each = before; each < capacity; each++) this.#clearLead(each)
  }

  #clearLead(series: number): void {
    this.hot.numbers.fill(nobody, series * this.hot.stride, series * this.hot.stride + lead)
  }

  /** The newest pane of a series, -1 before its first event. All windows that end at or before it have been given out. */
  hotPane(series: number): number {
    return this.hot.numbers[series * this.hot.stride] as number
  }

  /** Time of the newest event, in ms; -1 before the first one. */
  newestTs(series: number): number {
    return this.hot.numbers[series * this.hot.stride + newestTsAt] as number
  }

  /** When the last event arrived, in ms. */
  lastArrival(series: number): number {
    return this.hot.numbers[series * this.hot.stride + arrivalAt] as number
  }

  /** A mark of the owner's, kept with the series. */
  mark(series: number): number {
    return this.hot.numbers[series * this.hot.stride + sessionAt] as number
  }

  setMark(series: number, mark: number): void {
    this.#touchPage(series)
    this.hot.numbers[series * this.hot.stride + sessionAt] = mark
  }

  /** Adds an event to the hot pane. */
  addHot(series: number, ts: number, arrival: number, values: Float64Array): void {
    this.#noteTime(series, ts, arrival)
    addToRow(this.layout, this.hot, series, ts, values)
  }

  #noteTime(series: number, ts: number, arrival: number): void {
    this.#touchPage(series)
    const { numbers, stride } = this.hot
    const at = series * stride
    if (ts > (numbers[at + newestTsAt] as number)) numbers[at + newestTsAt] = ts
    numbers[at + arrivalAt] = arrival
  }

  /** Makes the hot pane a child of its node. Until `open` it is that and the hot one. */
  close(series: number): void {
    if (eventsOf(this.hot, series) === 0) return
    this.#push(series, 0, this.hotPane(series), this.hot, series)
  }

  /** Opens a pane after the hot one, which has been closed. */
  open(series: number, pane: number): void {
    this.#touchPage(series)
    resetRow(this.layout, this.hot, series)
    this.hot.numbers[series * this.hot.stride] = pane
    let node = pane
    for (let level = 0; level < this.levels; level++) {
      node = Math.floor(node / fanOut)
      const open = this.#open(series, level)
      if (open !== nobody && open !== node) this.#closeNode(series, level, open)
    }
  }

  /** Adds an event to a pane before the hot one. */
  addLate(series: number, pane: number, ts: number, arrival: number, values: Float64Array): void {
    this.#noteTime(series, ts, arrival)
    this.versions[series] = (this.versions[series] as number) + 1
    const node = Math.floor(pane / fanOut)
    if (node === Math.floor(this.hotPane(series) / fanOut)) {
      this.#setOpen(series, 0, node)
      const row = this.#childRow(series, 0, pane % fanOut)
      this.#touchRow(row)
      addToRow(this.layout, this.rows, row, ts, values)
      this.#sumOpen(series, 0)
      return
    }
    this.nodes.lateCount++
    this.#noteLate(series, pane, ts, values)
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

  #noteLate(series: number, pane: number, ts: number, values: Float64Array): void {
    const width = this.lateWidth
    const at = this.#lateUsed
    if (this.#lateEvents.length < at + width) {
      this.#lateEvents = grown(this.#lateEvents, Math.max(64 * width, 2 * this.#lateEvents.length))
    }
    const late = this.#lateEvents
    late[at] = series
    late[at + 1] = pane
    late[at + 2] = ts
    for (let index = 3; index < width; index++) late[at + index] = values[index - 3] as number
    this.#lateUsed = at + width
  }

  /** The late events since the last call: `[series, pane, ts, …inputs]` each. They are valid until the next call. */
  takeLate(): Float64Array {
    const taken = this.#lateEvents
    const used = this.#lateUsed
    this.#lateEvents = this.#takenEvents
    this.#takenEvents = taken
    this.#lateUsed = 0
    return taken.subarray(0, used)
  }

  /** Adds late events again to the nodes that were saved without them; `first` is the number of the first one. */
  restoreLate(first: number, events: Float64Array): void {
    const width = this.lateWidth
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
    if (level === this.levels) {
      this.#setRing(series, child, from, total)
      return
    }
    const node = Math.floor(child / fanOut)
    if (node === Math.floor(this.hotPane(series) / fanOut ** (level + 1))) {
      this.#setOpen(series, level, node)
      const row = this.#childRow(series, level, child % fanOut)
      this.#touchRow(row)
      copyRow(this.layout, this.rows, row, from, total)
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
    const node = Math.floor(child / fanOut)
    const open = this.#open(series, level)
    if (open !== node) {
      if (open !== nobody) this.#closeNode(series, level, open)
      this.#setOpen(series, level, node)
    }
    const place = this.#childRow(series, level, child % fanOut)
    this.#touchRow(place)
    copyRow(this.layout, this.rows, place, from, row)
    if (!this.#hasTotals) return
    const total = this.#childRow(series, level, totalRow)
    this.#touchRow(total)
    mergeRow(this.layout, this.rows, total, this.rows, total, from, row)
  }

  #closeNode(series: number, level: number, node: number): void {
    const { layout, rows } = this
    this.#noteNode(series, level, node)
    this.nodes.close(series, level, node, this.#openRows(series, level))
    this.#setOpen(series, level, nobody)
    this.#forget(series, level, node - (this.#kept[level] as number))
    if (this.#hasTotals) {
      const total = this.#childRow(series, level, totalRow)
      if (level + 1 < this.levels) this.#push(series, level + 1, node, rows, total)
      else this.#setRing(series, node, rows, total)
    }
    for (let child = 0; child < rowsPerNode; child++) {
      const row = this.#childRow(series, level, child)
      if (eventsOf(rows, row) === 0) continue
      this.#touchRow(row)
      resetRow(layout, rows, row)
    }
  }

  /** A node is kept from now on. */
  #noteNode(series: number, level: number, node: number): void {
    const at = series * this.#headWidth + this.levels + level
    const oldest = this.heads[at] as number
    if (oldest !== nobody && node >= oldest) return
    this.#touchPage(series)
    this.heads[at] = node
  }

  /** Gives up the nodes before `floor`. */
  #forget(series: number, level: number, floor: number): void {
    const at = series * this.#headWidth + this.levels + level
    const oldest = this.heads[at] as number
    if (oldest === nobody || oldest >= floor) return
    this.nodes.remove(series, level, oldest, floor)
    this.#touchPage(series)
    this.heads[at] = floor
  }

  /** A closed node, if it is kept. */
  #closed(series: number, level: number, node: number): ClosedNode | undefined {
    const oldest = this.heads[series * this.#headWidth + this.levels + level] as number
    return oldest === nobody || node < oldest ? undefined : this.nodes.get(series, level, node)
  }

  #change(series: number, level: number, node: number): ClosedNode {
    this.#noteNode(series, level, node)
    return this.nodes.change(series, level, node)
  }

  #setRing(series: number, node: number, from: Table, row: number): void {
    const slot = node % this.ring
    const at = series * this.#headWidth + 2 * this.levels + slot
    // An older row shares the place of a newer one: it is found in the node store.
    if ((this.heads[at] as number) > node) return
    this.#touchPage(series)
    this.heads[at] = node
    const place = this.#ringRow(series, slot)
    this.#touchRow(place)
    copyRow(this.layout, this.rows, place, from, row)
  }

  #sumOpen(series: number, level: number): void {
    if (!this.#hasTotals) return
    this.#touchRow(this.#childRow(series, level, totalRow))
    // An open node has its rows in the order of a closed one.
    sumNode(this.layout, this.#openRows(series, level))
  }

  #open(series: number, level: number): number {
    return this.heads[series * this.#headWidth + level] as number
  }

  #setOpen(series: number, level: number, node: number): void {
    this.#touchPage(series)
    this.heads[series * this.#headWidth + level] = node
  }

  #rowOf(series: number, slot: number): number {
    return ((series >> pageBits) * this.#slots + slot) * pageSize + (series & (pageSize - 1))
  }

  /** Row of a child of the open node of a level, or of its total. */
  #childRow(series: number, level: number, child: number): number {
    return this.#rowOf(series, level * rowsPerNode + child)
  }

  #openRows(series: number, level: number): NodeRows {
    return { table: this.rows, base: this.#childRow(series, level, 0), step: pageSize }
  }

  #ringRow(series: number, slot: number): number {
    return this.#rowOf(series, this.levels * rowsPerNode + slot)
  }

  /** To be called before the hot row of a series changes, or its heads. */
  #touchPage(series: number): void {
    this.#pages.touch(series >> pageBits)
  }

  /** To be called before a row changes. */
  #touchRow(row: number): void {
    this.#blocks.touch(row >> pageBits)
  }

  /** Finds a pane (level 0) or the total of a node (`level` 1: of a node of level 0, and so on). */
  #locate(series: number, level: number, index: number): boolean {
    if (level === 0 && index === this.hotPane(series)) {
      this.#table = this.hot
      this.#row = series
    } else if (level < this.levels) {
      const node = Math.floor(index / fanOut)
      if (this.#open(series, level) === node) {
        this.#table = this.rows
        this.#row = this.#childRow(series, level, index % fanOut)
      } else {
        const found = this.#closed(series, level, node)
        if (!found) return false
        this.#table = found.table
        this.#row = found.base + (index % fanOut)
      }
    } else if (this.heads[series * this.#headWidth + 2 * this.levels + (index % this.ring)] === index) {
      this.#table = this.rows
      this.#row = this.#ringRow(series, index % this.ring)
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
    if (level < this.levels && Math.floor(to / fanOut) - Math.floor(from / fanOut) > 1) {
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
      if (level === this.levels) {
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
    const hot = this.hotPane(series)
    if (level === 0 && hot >= from && hot < to && !this.#isClosed(series, hot)) {
      mergeRow(layout, out, row, out, row, this.hot, series)
    }
  }

  #isClosed(series: number, hot: number): boolean {
    if (this.#open(series, 0) !== Math.floor(hot / fanOut)) return false
    return eventsOf(this.rows, this.#childRow(series, 0, hot % fanOut)) > 0
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
    if (this.#open(series, level) === node) {
      this.#table = this.rows
      this.#row = this.#childRow(series, level, 0)
      this.#step = pageSize
      return true
    }
    const found = this.#closed(series, level, node)
    if (!found) return false
    this.#table = found.table
    this.#row = found.base
    this.#step = 1
    return true
  }

  /**
   * What changed since the last call: the hot rows and heads of pages, which change with every event, and blocks of other
   * rows, which change when a pane is over. Call it when what it gave the last time has been saved.
   */
  takeChanges(): PaneChanges {
    this.#copies.clear()
    return { pages: this.#pages.take(), blocks: this.#blocks.take() }
  }

  #copyPage(page: number): PageCopy {
    const hot = this.#copies.copy(this.hot.numbers, page * pageSize * this.hot.stride, pageSize * this.hot.stride)
    const heads = this.#copies.copy(this.heads, page * pageSize * this.#headWidth, pageSize * this.#headWidth)
    return { page, hot, heads, cells: this.#packCells(this.hot, page * pageSize) }
  }

  #copyBlock(block: number): BlockCopy {
    const width = pageSize * this.rows.stride
    const rows = this.#copies.copy(this.rows.numbers, block * width, width)
    return { block, rows, cells: this.#packCells(this.rows, block * pageSize) }
  }

  restore({ pages, blocks }: PaneChanges): void {
    for (const { page, hot, heads, cells } of pages) {
      this.ensure((page + 1) * pageSize - 1)
      this.hot.numbers.set(hot, page * pageSize * this.hot.stride)
      this.heads.set(heads, page * pageSize * this.#headWidth)
      this.#unpackCells(this.hot, page * pageSize, cells)
    }
    for (const { block, rows, cells } of blocks) {
      this.ensure((Math.floor(block / this.#slots) + 1) * pageSize - 1)
      this.rows.numbers.set(rows, block * pageSize * this.rows.stride)
      this.#unpackCells(this.rows, block * pageSize, cells)
    }
  }

  /** The cells of a page of rows, each as `[place, used, …]`. */
  #packCells(table: Table, firstRow: number): Float64Array {
    const { cells, heap } = table
    const { cellCount } = this.layout
    const first = firstRow * cellCount
    const end = first + pageSize * cellCount
    let size = 0
    for (let index = first; index < end; index++) {
      const used = heap.usedOf(cells[index] as number)
      if (used > 0) size += 1 + used
    }
    const packed = this.#copies.take(size)
    let at = 0
    for (let index = first; index < end; index++) {
      if (heap.usedOf(cells[index] as number) === 0) continue
      packed[at] = index - first
      at = packCell(table, index, packed, at + 1)
    }
    return packed
  }

  #unpackCells(table: Table, firstRow: number, packed: Float64Array): void {
    const first = firstRow * this.layout.cellCount
    releaseCells(table, firstRow, firstRow + pageSize)
    for (let at = 0; at < packed.length; ) {
      const used = packed[at + 1] as number
      const index = first + (packed[at] as number)
      table.cells[index] = table.heap.put(table.cells[index] as number, packed, at + 1, used)
      at += 1 + used
    }
  }
}

/** The hot rows of a page of series, and where their trees stand. */
export interface PageCopy {
  readonly page: number
  readonly hot: Float64Array
  readonly heads: Float64Array
  readonly cells: Float64Array
}

/** One slot of a page of series. */
export interface BlockCopy {
  readonly block: number
  readonly rows: Float64Array
  readonly cells: Float64Array
}

/** To be gone through once, before the next changes are taken: a piece is copied when it is come to, or before it changes. */
export interface PaneChanges {
  readonly pages: Iterable<PageCopy>
  readonly blocks: Iterable<BlockCopy>
}
