import { grown } from './grown.ts'

const firstCapacity = 64

/** Small whole numbers, first in, first out; each is in it once, however often it is added. Adding one again is cheap. */
export class OnceQueue {
  #isIn = new Uint8Array(firstCapacity)
  #ring = new Uint32Array(firstCapacity)
  #first = 0
  size = 0

  add(number: number): void {
    if (this.#isIn[number] !== 1) this.#addNew(number)
  }

  #addNew(number: number): void {
    if (number >= this.#isIn.length) this.#grow(number)
    this.#isIn[number] = 1
    this.#ring[(this.#first + this.size++) % this.#ring.length] = number
  }

  /** The first one, which leaves it; `undefined` where it is empty. */
  take(): number | undefined {
    if (this.size === 0) return undefined
    const number = this.#ring[this.#first] as number
    this.#first = (this.#first + 1) % this.#ring.length
    this.size--
    this.#isIn[number] = 0
    return number
  }

  #grow(number: number): void {
    const capacity = Math.max(2 * this.#isIn.length, number + 1)
    const ring = new Uint32Array(capacity)
    for (let index = 0; index < this.size; index++) {
      ring[index] = this.#ring[(this.#first + index) % this.#ring.length] as number
    }
    this.#ring = ring
    this.#first = 0
    this.#isIn = grown(this.#isIn, capacity)
  }
}
