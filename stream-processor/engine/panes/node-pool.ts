import { type ClosedNode, fanOut } from './closed-node.ts'
import { type Layout, Table } from './layout.ts'

/** Nodes of one page of the pool. */
const nodesPerPage = 128

/** Room for nodes, in tables of many: a table for each would cost more than what is done with it. */
export class NodePool {
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
    return { table, base, step: 1, dirtySince: Number.POSITIVE_INFINITY, applied }
  }

  release({ table, base }: ClosedNode): void {
    this.#free.push({ table, base })
  }

  #addPage(): void {
    const table = new Table(this.#layout, nodesPerPage * (fanOut + 1))
    for (let node = nodesPerPage - 1; node >= 0; node--) this.#free.push({ table, base: node * (fanOut + 1) })
  }
}
