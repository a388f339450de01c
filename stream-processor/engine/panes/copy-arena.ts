/** Doubles of the first buffer. */
const firstLength = 1_024

/**
 * Room for copies that are all given up together. It is used again and again: new arrays for each checkpoint would be
 * zeroed, be faulted in page by page, and bring on collections of the whole heap.
 */
export class CopyArena {
  #buffer = new Float64Array(firstLength)
  #used = 0

  /** Gives up all copies. */
  clear(): void {
    this.#used = 0
  }

  /** Room for so many doubles, with anything in them; it is valid until `clear`. */
  take(length: number): Float64Array {
    if (this.#used + length > this.#buffer.length) {
      // Those that were given stay in the buffer before.
      this.#buffer = new Float64Array(Math.max(2 * this.#buffer.length, length))
      this.#used = 0
    }
    this.#used += length
    return this.#buffer.subarray(this.#used - length, this.#used)
  }

  /** A copy of `length` doubles of an array. */
  copy(from: Float64Array, start: number, length: number): Float64Array {
    const copy = this.take(length)
    copy.set(from.subarray(start, start + length))
    return copy
  }
}
