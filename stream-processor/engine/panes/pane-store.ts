import { grown } from '../grown.ts'
import { mostDirect } from './cursor.ts'
import { addToRow, copyRow, eventsOf, type Layout, mergeRow, resetRow, Table } from './layout.ts'
import { type ClosedNode, fanOut, type NodeStore, sumNode, totalRow } from './node-store.ts'

/** Doubles before the hot row of a series. */
const lead = 4
const newestTsAt = 1
const arrivalAt = 2
const sessionAt = 3

/** Series of one page: what is saved together. */
const pageBits = 6
export const pageSize = 1 << pageBits

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
 * All of it stands in flat arrays, so that it is saved by copying the pages that changed.
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
  /** Pages whose hot rows and heads, and those whose other rows, are to be saved. */
  dirtyPages: Uint8Array
  dirtyRows: Uint8Array
  /** Where `locate` found a row. */
  #table: Table
  #row = 0
  readonly #headWidth: number
  readonly #rowsPerSeries: number
  readonly #kept: readonly number[]
  /** Whether any window is long enough to be merged from totals. */
  readonly #hasTotals: boolean
  readonly #emptyNode: Float64Array
  /** Doubles of a late event. */
  readonly lateWidth: number
  #lateEvents = new Float64Array(0)
  #lateUsed = 0
  /** Blocks of cells that changed, where there are cells. */
  readonly #dirtyCells = new Set<number>()
  #capacity = pageSize

  constructor({ layout, nodes, longest, kept }: PaneStoreOptions) {
    this.layout = layout
    this.nodes = nodes
    let levels = 1
    while (longest / fanOut ** levels > 2 * fanOut) levels++
    this.longest = longest
    this.levels = levels
    this.#hasTotals = longest > mostDirect
    this.#emptyNode = new Table(layout, rowsPerNode).numbers
    this.lateWidth = 3 + layout.inputs.length
    this.ring = Math.ceil(longest / fanOut ** levels) + 2
    this.#kept = Array.from({ length: levels }, (_, level) => Math.ceil(kept / fanOut ** (level + 1)) + 1)
    this.#headWidth = 2 * levels + this.ring
    this.#rowsPerSeries = levels * rowsPerNode + this.ring
    this.hot = new Table(layout, pageSize, lead)
    this.rows = new Table(layout, pageSize * this.#rowsPerSeries)
    this.heads = new Float64Array(pageSize * this.#headWidth).fill(nobody)
    this.versions = new Uint32Array(pageSize)
    this.dirtyPages = new Uint8Array(1)
    this.dirtyRows = new Uint8Array(1)
    this.#table = this.hot
    for (let series = 0; series < pageSize; series++) this.#clearLead(series)
  }

  /** Makes a series one that had no event. */
  clear(series: number): void {
    this.#clearLead(series)
    resetRow(this.layout, this.hot, series)
    this.heads.fill(nobody, series * this.#headWidth, (series + 1) * this.#headWidth)
    for (let row = series * this.#rowsPerSeries; row < (series + 1) * this.#rowsPerSeries; row++) {
      resetRow(this.layout, this.rows, row)
      this.#touchCells(row)
    }
    this.versions[series] = (this.versions[series] as number) + 1
    this.dirtyPages[series >> pageBits] = 1
    this.dirtyRows[series >> pageBits] = 1
  }

  get capacity(): number {
    return this.#capacity
  }

  /** Doubles in memory for one series; cells come on top. */
  get doublesPerSeries(): number {
    return this.hot.stride + this.#headWidth + this.#rowsPerSeries * this.rows.stride
  }

  /** Makes room for a series. */
  ensure(series: number): void {
    if (series < this.#capacity) return
    const before = this.#capacity
    const capacity = Math.max(before * 2, (Math.floor(series / pageSize) + 1) * pageSize)
    this.hot.grow(this.layout, capacity)
    this.rows.grow(this.layout, capacity * this.#rowsPerSeries)
    this.heads = grown(this.heads, capacity * this.#headWidth).fill(nobody, before * this.#headWidth)
    this.versions = grown(this.versions, capacity)
    this.dirtyPages = grown(this.dirtyPages, capacity / pageSize)
    this.dirtyRows = grown(this.dirtyRows, capacity / pageSize)
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
    this.hot.numbers[series * this.hot.stride + sessionAt] = mark
    this.dirtyPages[series >> pageBits] = 1
  }

  /** Adds an event to the hot pane. */
  addHot(series: number, ts: number, arrival: number, values: Float64Array): void {
    this.#noteTime(series, ts, arrival)
    addToRow(this.layout, this.hot, series, ts, values)
  }

  #noteTime(series: number, ts: number, arrival: number): void {
    const { numbers, stride } = this.hot
    const at = series * stride
    if (ts > (numbers[at + newestTsAt] as number)) numbers[at + newestTsAt] = ts
    numbers[at + arrivalAt] = arrival
    this.dirtyPages[series >> pageBits] = 1
  }

  /** Makes the hot pane a child of its node. Until `open` it is that and the hot one. */
  close(series: number): void {
    if (eventsOf(this.hot, series) === 0) return
    this.#push(series, 0, this.hotPane(series), this.hot, series)
  }

  /** Opens a pane after the hot one, which has been closed. */
  open(series: number, pane: number): void {
    resetRow(this.layout, this.hot, series)
    this.hot.numbers[series * this.hot.stride] = pane
    this.dirtyPages[series >> pageBits] = 1
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
    this.dirtyRows[series >> pageBits] = 1
    const node = Math.floor(pane / fanOut)
    if (node === Math.floor(this.hotPane(series) / fanOut)) {
      this.#setOpen(series, 0, node)
      const row = this.#childRow(series, 0) + (pane % fanOut)
      addToRow(this.layout, this.rows, row, ts, values)
      this.#touchCells(row)
      this.#sumOpen(series, 0)
      return
    }
    this.nodes.lateCount++
    this.#noteLate(series, pane, ts, values)
    const closed = this.#change(series, 0, node)
    this.#addClosed(closed, series, node, pane, ts, values)
  }

  #addClosed(
    { table, base }: ClosedNode,
    series: number,
    node: number,
    pane: number,
    ts: number,
    values: Float64Array,
  ): void {
    addToRow(this.layout, table, base + (pane % fanOut), ts, values)
    if (!this.#hasTotals) return
    sumNode(this.layout, table, base)
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

  /** The late events since the last call: `[series, pane, ts, …inputs]` each. */
  takeLate(): Float64Array {
    const taken = this.#lateEvents.slice(0, this.#lateUsed)
    this.#lateUsed = 0
    return taken
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
      const row = this.#childRow(series, level) + (child % fanOut)
      copyRow(this.layout, this.rows, row, from, total)
      this.#touchCells(row)
      this.#sumOpen(series, level)
      return
    }
    const { table, base } = this.#change(series, level, node)
    copyRow(this.layout, table, base + (child % fanOut), from, total)
    sumNode(this.layout, table, base)
    this.#raise(series, level + 1, node, table, base + totalRow)
  }

  #push(series: number, level: number, child: number, from: Table, row: number): void {
    this.dirtyRows[series >> pageBits] = 1
    const node = Math.floor(child / fanOut)
    const open = this.#open(series, level)
    if (open !== node) {
      if (open !== nobody) this.#closeNode(series, level, open)
      this.#setOpen(series, level, node)
    }
    const first = this.#childRow(series, level)
    copyRow(this.layout, this.rows, first + (child % fanOut), from, row)
    this.#touchCells(first)
    if (!this.#hasTotals) return
    mergeRow(this.layout, this.rows, first + totalRow, this.rows, first + totalRow, from, row)
  }

  #closeNode(series: number, level: number, node: number): void {
    this.dirtyRows[series >> pageBits] = 1
    const { layout, rows } = this
    const first = this.#childRow(series, level)
    this.#noteNode(series, level, node)
    const { table, base } = this.nodes.create(series, level, node)
    const numbers = rows.numbers.subarray(first * rows.stride, (first + rowsPerNode) * rows.stride)
    table.numbers.set(numbers, base * table.stride)
    for (let cell = 0; cell < rowsPerNode * layout.cellCount; cell++) {
      table.cells[base * layout.cellCount + cell] = rows.cells[first * layout.cellCount + cell]
    }
    rows.numbers.set(this.#emptyNode, first * rows.stride)
    rows.cells.fill(undefined, first * layout.cellCount, (first + rowsPerNode) * layout.cellCount)
    this.#touchCells(first)
    this.#setOpen(series, level, nobody)
    this.#forget(series, level, node - (this.#kept[level] as number))
    if (!this.#hasTotals) return
    if (level + 1 < this.levels) this.#push(series, level + 1, node, table, base + totalRow)
    else this.#setRing(series, node, table, base + totalRow)
  }

  /** A node is kept from now on. */
  #noteNode(series: number, level: number, node: number): void {
    const at = series * this.#headWidth + this.levels + level
    const oldest = this.heads[at] as number
    if (oldest === nobody || node < oldest) this.heads[at] = node
  }

  /** Gives up the nodes before `floor`. */
  #forget(series: number, level: number, floor: number): void {
    const at = series * this.#headWidth + this.levels + level
    const oldest = this.heads[at] as number
    if (oldest === nobody || oldest >= floor) return
    this.nodes.remove(series, level, oldest, floor)
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
    this.heads[at] = node
    copyRow(this.layout, this.rows, this.#ringRow(series) + slot, from, row)
    this.#touchCells(this.#ringRow(series) + slot)
  }

  #sumOpen(series: number, level: number): void {
    if (!this.#hasTotals) return
    // An open node has its rows in the order of a closed one.
    sumNode(this.layout, this.rows, this.#childRow(series, level))
  }

  #open(series: number, level: number): number {
    return this.heads[series * this.#headWidth + level] as number
  }

  #setOpen(series: number, level: number, node: number): void {
    this.heads[series * this.#headWidth + level] = node
  }

  #childRow(series: number, level: number): number {
    return series * this.#rowsPerSeries + level * rowsPerNode
  }

  #ringRow(series: number): number {
    return series * this.#rowsPerSeries + this.levels * rowsPerNode
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
        this.#row = this.#childRow(series, level) + (index % fanOut)
      } else {
        const found = this.#closed(series, level, node)
        if (!found) return false
        this.#table = found.table
        this.#row = found.base + (index % fanOut)
      }
    } else if (this.heads[series * this.#headWidth + 2 * this.levels + (index % this.ring)] === index) {
      this.#table = this.rows
      this.#row = this.#ringRow(series) + (index % this.ring)
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
        const first = this.#row - Math.floor(index / fanOut) * fanOut
        for (; index < end; index++) {
          if (eventsOf(table, first + index) > 0) mergeRow(layout, out, row, out, row, table, first + index)
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
    return eventsOf(this.rows, this.#childRow(series, 0) + (hot % fanOut)) > 0
  }

  /** Puts the rows `suffix[i] = pane i ⊕ … ⊕ pane 31` of a node before the hot one's into the first rows of a table. */
  suffixes(series: number, node: number, out: Table): void {
    const { layout } = this
    const isThere = this.#locateChildren(series, 0, node)
    const table = this.#table
    const first = this.#row
    resetRow(layout, out, fanOut - 1)
    for (let child = fanOut - 1; child >= 0; child--) {
      const after = Math.min(child + 1, fanOut - 1)
      if (isThere && eventsOf(table, first + child) > 0) mergeRow(layout, out, child, table, first + child, out, after)
      else copyRow(layout, out, child, out, after)
    }
  }

  /** Finds the children of a node: `#row` is the first of them. */
  #locateChildren(series: number, level: number, node: number): boolean {
    if (this.#open(series, level) === node) {
      this.#table = this.rows
      this.#row = this.#childRow(series, level)
      return true
    }
    const found = this.#closed(series, level, node)
    if (!found) return false
    this.#table = found.table
    this.#row = found.base
    return true
  }

  /** What of a page changes with every event, copied. */
  copyPage(page: number): PageCopy {
    return { page, hot: cut(this.hot.numbers, page, this.hot.stride), heads: cut(this.heads, page, this.#headWidth) }
  }

  /** The rows of a page, copied: they change when a pane is over. */
  copyRows(page: number): Float64Array {
    return cut(this.rows.numbers, page, this.rows.stride * this.#rowsPerSeries)
  }

  restorePage({ page, hot, heads }: PageCopy): void {
    this.ensure((page + 1) * pageSize - 1)
    this.hot.numbers.set(hot, page * pageSize * this.hot.stride)
    this.heads.set(heads, page * pageSize * this.#headWidth)
  }

  restoreRows(page: number, rows: Float64Array): void {
    this.ensure((page + 1) * pageSize - 1)
    this.rows.numbers.set(rows, page * pageSize * this.rows.stride * this.#rowsPerSeries)
  }

  #touchCells(row: number): void {
    if (this.layout.cellCount === 0) return
    const series = Math.floor(row / this.#rowsPerSeries)
    const level = Math.min(this.levels, Math.floor((row % this.#rowsPerSeries) / rowsPerNode))
    this.#dirtyCells.add(series * (this.levels + 1) + level)
  }

  /**
   * The cells that changed since the last call, by blocks: those of a series' open node of one level, or of its ring.
   * Each is `[place in the block, used, …]`.
   */
  takeCells(): (readonly [block: number, packed: Float64Array])[] {
    const taken = [...this.#dirtyCells].map((block) => {
      const { first, end } = this.#cellsOf(block)
      return [block, packCells(this.rows.cells, first, end)] as const
    })
    this.#dirtyCells.clear()
    return taken
  }

  restoreCells(block: number, packed: Float64Array): void {
    const { first, end } = this.#cellsOf(block)
    unpackCells(this.rows.cells, first, end, packed)
  }

  #cellsOf(block: number): { readonly first: number; readonly end: number } {
    const series = Math.floor(block / (this.levels + 1))
    const level = block % (this.levels + 1)
    const row = series * this.#rowsPerSeries + level * rowsPerNode
    const { cellCount } = this.layout
    return { first: row * cellCount, end: (row + (level === this.levels ? this.ring : rowsPerNode)) * cellCount }
  }

  /** The cells of a series' hot row. */
  packHotCells(series: number): Float64Array {
    const { cellCount } = this.layout
    return packCells(this.hot.cells, series * cellCount, (series + 1) * cellCount)
  }

  restoreHotCells(series: number, packed: Float64Array): void {
    const { cellCount } = this.layout
    unpackCells(this.hot.cells, series * cellCount, (series + 1) * cellCount, packed)
  }
}

function packCells(cells: Table['cells'], first: number, end: number): Float64Array {
  let size = 0
  for (let index = first; index < end; index++) {
    const cell = cells[index]
    if (cell) size += 1 + (cell[0] as number)
  }
  const packed = new Float64Array(size)
  let at = 0
  for (let index = first; index < end; index++) {
    const cell = cells[index]
    if (!cell) continue
    const used = cell[0] as number
    packed[at++] = index - first
    for (let each = 0; each < used; each++) packed[at++] = cell[each] as number
  }
  return packed
}

function unpackCells(cells: Table['cells'], first: number, end: number, packed: Float64Array): void {
  cells.fill(undefined, first, end)
  for (let at = 0; at < packed.length; ) {
    const used = packed[at + 1] as number
    cells[first + (packed[at] as number)] = packed.slice(at + 1, at + 1 + used)
    at += 1 + used
  }
}

export interface PageCopy {
  readonly page: number
  readonly hot: Float64Array
  readonly heads: Float64Array
}

function cut(array: Float64Array, page: number, width: number): Float64Array {
  return array.slice(page * pageSize * width, (page + 1) * pageSize * width)
}
