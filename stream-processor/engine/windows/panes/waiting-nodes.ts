import type { ClosedNode } from './closed-node.ts'

/**
 * Nodes that late events changed, in the order of their first change, until a checkpoint packs them. A checkpoint only says
 * how far it goes: there may be hundreds of thousands, and the stream stands still meanwhile. So since when each waits
 * stands in a list of numbers, and none of them is looked at before its turn comes.
 */
export class WaitingNodes {
  readonly #nodes: ClosedNode[] = []
  readonly #since: number[] = []
  /** The turn of the first in the lists. */
  #base = 0
  /** Place of the next one in the lists. */
  #next = 0
  /** The first turn that is not of the checkpoint under way. */
  #end = 0
  /** What those take that have not been packed and are not gone. */
  #bytes = 0

  /** @param since number of the late event that changed it; later ones have greater numbers */
  add(node: ClosedNode, since: number): void {
    node.turn = this.#base + this.#nodes.length
    this.#nodes.push(node)
    this.#since.push(since)
    this.#bytes += node.bytes
  }

  /** A node has been packed, or is gone. */
  remove({ bytes }: ClosedNode): void {
    this.#bytes -= bytes
  }

  /** Whether it is the turn of a node that waits in the checkpoint under way. */
  isDue({ turn }: ClosedNode): boolean {
    return turn < this.#end
  }

  /**
   * A checkpoint begins: it is the turn of those that have waited since `before` or longer, and of as many as take about
   * what all together take beyond `most` bytes.
   */
  begin(before: number, most: number): void {
    let place = this.#next
    while (place < this.#since.length && (this.#since[place] as number) <= before) place++
    const waiting = this.#nodes.length - this.#next
    const beyond = Math.ceil(((this.#bytes - most) / this.#bytes) * waiting)
    if (this.#bytes > most) place = Math.max(place, Math.min(this.#next + beyond, this.#nodes.length))
    this.#end = this.#base + place
  }

  /** The next one whose turn it is, which may have been packed since, be gone, or wait again with a later turn. */
  next(): ClosedNode | undefined {
    if (this.#base + this.#next >= this.#end) return undefined
    const node = this.#nodes[this.#next++] as ClosedNode
    if (this.#next > 1_000 && this.#next * 2 > this.#nodes.length) this.#forgetPassed()
    return node
  }

  /** Turns that are over leave the lists, when they are half of them. */
  #forgetPassed(): void {
    for (const list of [this.#nodes, this.#since]) {
      list.copyWithin(0, this.#next)
      list.length -= this.#next
    }
    this.#base += this.#next
    this.#next = 0
  }

  /** Since when the first has waited that has no turn yet, or had one; `undefined` where there is none. */
  oldest(): number | undefined {
    return this.#since[this.#end - this.#base]
  }
}
