import { grown } from '../../grown.ts'
import { fanOut, type NodeRows, totalRow } from './closed-node.ts'
import { CopyArena } from './copy-arena.ts'
import { DirtyPages } from './dirty-pages.ts'
import { addToRow, eventsOf, type Layout, removeCells, resetRow, Table } from './layout.ts'

/** Doubles before the hot row of a series: its pane, and these. The fourth is unused; pages that were saved have it. */
const lead = 4
const newestTsAt = 1
const arrivalAt = 2

/** Series of one page: their hot rows are saved together, and each of their other rows in one block. */
const pageBits = 6
const pageSize = 1 << pageBits

/** Rows from one child of an open node to the next. */
export const childStep = pageSize

const rowsPerNode = fanOut + 1
export const nobody = -1

export interface EdgeOptions {
  readonly layout: Layout
  readonly levels: number
  /** Rows above the highest level. */
  readonly ring: number
}

/**
 * The right edges of the trees of all series of a stream: the hot row of each, the children of the open node of each level
 * and their total, and the ring of rows above. `levels · 33 + ring + 1` rows a series.
 *
 * All of it stands in flat arrays, so that it is saved by copying what changed, page by page. Rows of one slot (a child
 * of an open node, its total, a place in the ring) stand together for all series of a page, as a block: a pane that is over
 * changes one block, and series that are heard in turn write beside each other.
 */
export class Edge {
  readonly levels: number
  readonly hot: Table
  readonly rows: Table
  /** For each series: the open node of each level, from where nodes are kept, and which rows the ring holds. */
  #heads: Float64Array
  /** Late changes of each series. */
  #versions: Uint32Array
  readonly #layout: Layout
  readonly #ring: number
  readonly #headWidth: number
  /** Rows of a series beside the hot one. */
  readonly #slots: number
  /** Hot rows and heads by the page, and blocks of other rows, as they are saved. */
  readonly #pages: DirtyPages<PageCopy>
  readonly #blocks: DirtyPages<BlockCopy>
  readonly #copies = new CopyArena()
  /** None before the first series: most streams of a small centre never get one. */
  #capacity = 0

  constructor({ layout, levels, ring }: EdgeOptions) {
    this.levels = levels
    this.#layout = layout
    this.#ring = ring
    this.#headWidth = 2 * levels + ring
    this.#slots = levels * rowsPerNode + ring
    this.hot = new Table(layout, 0, lead)
    this.rows = new Table(layout, 0)
    this.#heads = new Float64Array()
    this.#versions = new Uint32Array()
    this.#pages = new DirtyPages(0, (page) => this.#copyPage(page))
    this.#blocks = new DirtyPages(0, (block) => this.#copyBlock(block))
  }

  /** Makes room for a series. */
  ensure(series: number): void {
    if (series < this.#capacity) return
    const before = this.#capacity
    const capacity = Math.max(before * 2, (Math.floor(series / pageSize) + 1) * pageSize)
    this.hot.grow(this.#layout, capacity)
    this.rows.grow(this.#layout, capacity * this.#slots)
    this.#heads = grown(this.#heads, capacity * this.#headWidth).fill(nobody, before * this.#headWidth)
    this.#versions = grown(this.#versions, capacity)
    this.#pages.grow(capacity / pageSize)
    this.#blocks.grow((capacity / pageSize) * this.#slots)
    this.#capacity = capacity
    for (let each = before; each < capacity; each++) this.#clearLead(each)
  }

  #clearLead(series: number): void {
    this.hot.numbers.fill(nobody, series * this.hot.stride, series * this.hot.stride + lead)
  }

  /** Makes a series one that had no event. */
  clear(series: number): void {
    this.#touchPage(series)
    this.noteLate(series)
    this.#clearLead(series)
    resetRow(this.#layout, this.hot, series)
    this.#heads.fill(nobody, series * this.#headWidth, (series + 1) * this.#headWidth)
    for (let slot = 0; slot < this.#slots; slot++) this.empty(this.#rowOf(series, slot))
  }

  /** Makes a row one without events. */
  empty(row: number): void {
    if (eventsOf(this.rows, row) === 0) return
    this.touchRow(row)
    resetRow(this.#layout, this.rows, row)
  }

  /** The newest pane of a series, -1 before its first event. All windows that end at or before it have been given out. */
  hotPane(series: number): number {
    return this.hot.numbers[series * this.hot.stride] as number
  }

  /** Begins the hot row of a pane. */
  openHot(series: number, pane: number): void {
    this.#touchPage(series)
    resetRow(this.#layout, this.hot, series)
    this.hot.numbers[series * this.hot.stride] = pane
  }

  /** Time of the newest event, in ms; -1 before the first one. */
  newestTs(series: number): number {
    return this.hot.numbers[series * this.hot.stride + newestTsAt] as number
  }

  /** When the last event arrived, in ms. */
  lastArrival(series: number): number {
    return this.hot.numbers[series * this.hot.stride + arrivalAt] as number
  }

  /** Adds an event to the hot row. */
  addHot(series: number, ts: number, arrival: number, values: Float64Array): void {
    this.noteTime(series, ts, arrival)
    addToRow(this.#layout, this.hot, series, ts, values)
  }

  /** An event has come, of a time and at a time. */
  noteTime(series: number, ts: number, arrival: number): void {
    this.#touchPage(series)
    const { numbers, stride } = this.hot
    const at = series * stride
    if (ts > (numbers[at + newestTsAt] as number)) numbers[at + newestTsAt] = ts
    numbers[at + arrivalAt] = arrival
  }

  /** Another than before where something older than the hot pane has changed: what was computed of it is no more. */
  version(series: number): number {
    return this.#versions[series] as number
  }

  /** Something older than the hot pane changes. */
  noteLate(series: number): void {
    this.#versions[series] = (this.#versions[series] as number) + 1
  }

  /** The open node of a level, -1 where there is none. */
  openNode(series: number, level: number): number {
    return this.#heads[series * this.#headWidth + level] as number
  }

  setOpenNode(series: number, level: number, node: number): void {
    this.#setHead(series, level, node)
  }

  /** The oldest closed node of a level that is kept, -1 where none is. */
  oldestNode(series: number, level: number): number {
    return this.#heads[series * this.#headWidth + this.levels + level] as number
  }

  setOldestNode(series: number, level: number, node: number): void {
    this.#setHead(series, this.levels + level, node)
  }

  /** The number of the row that stands in the ring where one would, -1 where none does. */
  ringNode(series: number, node: number): number {
    return this.#heads[series * this.#headWidth + 2 * this.levels + (node % this.#ring)] as number
  }

  setRingNode(series: number, node: number): void {
    this.#setHead(series, 2 * this.levels + (node % this.#ring), node)
  }

  #setHead(series: number, at: number, node: number): void {
    this.#touchPage(series)
    this.#heads[series * this.#headWidth + at] = node
  }

  #rowOf(series: number, slot: number): number {
    return ((series >> pageBits) * this.#slots + slot) * pageSize + (series & (pageSize - 1))
  }

  /** Row of a child of the open node of a level. */
  childRow(series: number, level: number, child: number): number {
    return this.#rowOf(series, level * rowsPerNode + child)
  }

  /** Row of the total of the open node of a level. */
  totalRow(series: number, level: number): number {
    return this.#rowOf(series, level * rowsPerNode + totalRow)
  }

  /** The rows of the open node of a level, in the order of a closed one. */
  openRows(series: number, level: number): NodeRows {
    return { table: this.rows, base: this.childRow(series, level, 0), step: childStep }
  }

  ringRow(series: number, node: number): number {
    return this.#rowOf(series, this.levels * rowsPerNode + (node % this.#ring))
  }

  /** To be called before the hot row of a series changes. */
  #touchPage(series: number): void {
    this.#pages.touch(series >> pageBits)
  }

  /** To be called before another row changes. */
  touchRow(row: number): void {
    this.#blocks.touch(row >> pageBits)
  }

  /**
   * What changed since the last call: the hot rows and heads of pages, which change with every event, and blocks of other
   * rows, which change when a pane is over. Call it when what it gave the last time has been saved.
   */
  takeChanges(): EdgeChanges {
    this.#copies.clear()
    return { pages: this.#pages.take(), blocks: this.#blocks.take() }
  }

  #copyPage(page: number): PageCopy {
    const hot = this.#copies.copy(this.hot.numbers, page * pageSize * this.hot.stride, pageSize * this.hot.stride)
    const heads = this.#copies.copy(this.#heads, page * pageSize * this.#headWidth, pageSize * this.#headWidth)
    return { page, hot, heads, cells: this.#packCells(this.hot, page * pageSize) }
  }

  #copyBlock(block: number): BlockCopy {
    const width = pageSize * this.rows.stride
    const rows = this.#copies.copy(this.rows.numbers, block * width, width)
    return { block, rows, cells: this.#packCells(this.rows, block * pageSize) }
  }

  restore({ pages, blocks }: EdgeChanges): void {
    for (const { page, hot, heads, cells } of pages) {
      this.ensure((page + 1) * pageSize - 1)
      this.hot.numbers.set(hot, page * pageSize * this.hot.stride)
      this.#heads.set(heads, page * pageSize * this.#headWidth)
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
    const { cellCount } = this.#layout
    const first = firstRow * cellCount
    const cells = table.cells.slice(first, first + pageSize * cellCount)
    const packed = this.#copies.take(cells.reduce((size, cell) => size + (cell ? 1 + cell.length : 0), 0))
    let at = 0
    for (const [index, cell] of cells.entries()) {
      if (!cell) continue
      packed[at] = index
      packed.set(cell, at + 1)
      at += 1 + cell.length
    }
    return packed
  }

  #unpackCells(table: Table, firstRow: number, packed: Float64Array): void {
    const first = firstRow * this.#layout.cellCount
    removeCells(table, firstRow, firstRow + pageSize)
    for (let at = 0; at < packed.length; ) {
      const used = packed[at + 1] as number
      table.cells[first + (packed[at] as number)] = Array.from(packed.subarray(at + 1, at + 1 + used))
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

/** To be gone through once, before the next changes are taken: a page is copied when it is come to, or before it changes. */
export interface EdgeChanges {
  readonly pages: Iterable<PageCopy>
  readonly blocks: Iterable<BlockCopy>
}
