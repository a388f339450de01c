import { type ClosedNode, fanOut, type NodePage } from './closed-node.ts'
import { type Layout, removeCells, Table } from './layout.ts'

/** Nodes of one page of the pool. */
const nodesPerPage = 64
const rowsPerNode = fanOut + 1
/** Bytes of a node beside its rows and cells, about: the object, and what leads to it. */
const overhead = 250

/** Room for nodes. A page that nobody uses any more is let go of, while others have room. */
export class NodePool {
  readonly #layout: Layout
  readonly #empty: Float64Array
  /** Where the next node is, and the other pages with room. */
  #current: NodePage
  readonly #others = new Set<NodePage>()

  constructor(layout: Layout) {
    this.#layout = layout
    this.#empty = new Table(layout, rowsPerNode).numbers
    this.#current = { table: new Table(layout, 0), free: [] }
  }

  /**
   * An empty node.
   * @param cellBytes what its cells will take
   */
  take(key: number, applied: number, cellBytes: number): ClosedNode {
    if (this.#current.free.length === 0) this.#current = this.#nextPage()
    const page = this.#current
    const { table } = page
    const base = page.free.pop() as number
    table.numbers.set(this.#empty, base * table.stride)
    return {
      key,
      page,
      table,
      base,
      step: 1,
      bytes: overhead + this.#empty.byteLength + cellBytes,
      state: 'saved',
      turn: -1,
      applied,
      place: -1,
      isUsed: true,
    }
  }

  release({ page, base }: ClosedNode): void {
    const { table, free } = page
    if (table.cellCount > 0) removeCells(table, base, base + rowsPerNode)
    free.push(base)
    if (page === this.#current) return
    if (free.length < nodesPerPage) this.#others.add(page)
    else this.#others.delete(page)
  }

  #nextPage(): NodePage {
    for (const page of this.#others) {
      this.#others.delete(page)
      return page
    }
    const table = new Table(this.#layout, nodesPerPage * rowsPerNode)
    return { table, free: Array.from({ length: nodesPerPage }, (_, node) => node * rowsPerNode).reverse() }
  }
}
