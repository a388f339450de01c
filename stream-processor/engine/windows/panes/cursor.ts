import { fanOut } from './closed-node.ts'
import { copyRow, type Layout, mergeRow, resetRow, Table } from './layout.ts'
import type { PaneStore } from './pane-store.ts'

const between = fanOut
const prefix = fanOut + 1

/** Windows of up to so many panes are merged pane by pane. */
export const maxDirect = 8

/**
 * Where a window stands that moves over the panes of one series: the merged rest of the node that it begins in, of the
 * nodes between, and of the node that it ends in. One step of the window changes one of them by one row, so that it
 * costs a few merges, whatever the window's length.
 */
export class Cursor {
  #rows: Table | undefined
  #series = -1
  #version = -1
  #suffixNode = -1
  #betweenFrom = -1
  #betweenTo = -1
  #prefixNode = -1
  #prefixEnd = -1

  /** Forgets where it stands. */
  reset(): void {
    this.#series = -1
  }

  /** `out`, its first row, becomes the panes `[from, to)`, which are closed or hot. */
  merge(store: PaneStore, series: number, from: number, to: number, out: Table): void {
    const { layout } = store
    if (to <= from) {
      resetRow(layout, out, 0)
      return
    }
    const first = Math.floor(from / fanOut)
    const last = Math.floor((to - 1) / fanOut)
    if (first === last || to - from <= maxDirect) {
      resetRow(layout, out, 0)
      store.sum(series, 0, from, to, out, 0)
      return
    }
    const rows = this.#rowsOf(layout)
    const version = store.edge.version(series)
    if (this.#series !== series || this.#version !== version) {
      this.#series = series
      this.#version = version
      this.#suffixNode = this.#betweenFrom = this.#prefixNode = -1
    }
    if (this.#suffixNode !== first) {
      store.suffixes(series, first, rows)
      this.#suffixNode = first
    }
    if (this.#betweenFrom !== first || this.#betweenTo !== last) {
      resetRow(layout, rows, between)
      store.sum(series, 1, first + 1, last, rows, between)
      this.#betweenFrom = first
      this.#betweenTo = last
    }
    if (this.#prefixNode !== last || this.#prefixEnd > to) {
      resetRow(layout, rows, prefix)
      this.#prefixNode = last
      this.#prefixEnd = last * fanOut
    }
    if (this.#prefixEnd < to) {
      store.sum(series, 0, this.#prefixEnd, to, rows, prefix)
      this.#prefixEnd = to
    }
    copyRow(layout, out, 0, rows, from % fanOut)
    if (last - first > 1) mergeRow(layout, out, 0, out, 0, rows, between)
    mergeRow(layout, out, 0, out, 0, rows, prefix)
  }

  #rowsOf(layout: Layout): Table {
    this.#rows ??= new Table(layout, fanOut + 2)
    return this.#rows
  }
}
