/** Doubles of one chunk. */
const chunkLength = 8_192

/**
 * Room for copies that are all given up together. It is used again and again: new arrays for each checkpoint would be
 * zeroed, be faulted in page by page, and bring on collections of the whole heap. What was not needed between two calls of
 * `clear` is let go of.
 */
export class CopyArena {
  #chunks: Float64Array[] = []
  #current = -1
  #used = chunkLength

  /** Gives up all copies. */
  clear(): void {
    this.#chunks.length = this.#current + 1
    this.#current = -1
    this.#used = chunkLength
  }

  /** Room for so many doubles, with anything in them; it is valid until `clear`. */
  take(length: number): Float64Array {
    if (length > chunkLength) return new Float64Array(length)
    if (this.#used + length > chunkLength) {
      this.#current++
      this.#chunks[this.#current] ??= new Float64Array(chunkLength)
      this.#used = 0
    }
    this.#used += length
    return (this.#chunks[this.#current] as Float64Array).subarray(this.#used - length, this.#used)
  }

  /** A copy of `length` doubles of an array. */
  copy(from: Float64Array, start: number, length: number): Float64Array {
    const copy = this.take(length)
    copy.set(from.subarray(start, start + length))
    return copy
  }
}
