import type { ClosedNode } from './closed-node.ts'

/** Nodes that the hand passes at a time: more than come into memory meanwhile. */
const stepsAtOnce = 16
/** Nodes that stay in memory however large they are. */
const defaultFewest = 64

/** A node in memory, and whose it is. */
interface Resident {
  readonly node: ClosedNode
  /** Forgets the node, if it can be read again. */
  readonly giveUp: (node: ClosedNode) => void
}

/**
 * How much the closed nodes in memory may take, over all stores that share it. A hand goes round over them and gives up
 * those that nobody has used since it came by (the clock algorithm), so that what is used stays, and no moment has
 * more to do than another.
 */
export class NodeCache {
  /** In bytes. */
  readonly most: number
  #used = 0
  #hand = 0
  readonly #fewest: number
  readonly #residents: Resident[] = []

  /** @param most in bytes */
  constructor(most: number, fewest = defaultFewest) {
    this.most = most
    this.#fewest = fewest
  }

  /** A node has come into memory. */
  add(node: ClosedNode, giveUp: Resident['giveUp']): void {
    node.place = this.#residents.push({ node, giveUp }) - 1
    this.#used += node.bytes
  }

  /** A node has left memory. */
  remove({ place, bytes }: ClosedNode): void {
    const last = this.#residents.pop() as Resident
    this.#used -= bytes
    if (last.node.place === place) return
    last.node.place = place
    this.#residents[place] = last
  }

  /** Gives up nodes where there is no room, but none that was used since the last round or is still to be saved. */
  makeRoom(): void {
    const residents = this.#residents
    for (let step = 0; step < stepsAtOnce; step++) {
      if (this.#used <= this.most || residents.length <= this.#fewest) return
      if (this.#hand >= residents.length) this.#hand = 0
      const { node, giveUp } = residents[this.#hand] as Resident
      if (node.isUsed || node.state !== 'saved') {
        node.isUsed = false
        this.#hand++
      } else {
        // Another takes its place, and is looked at next.
        giveUp(node)
      }
    }
  }
}
