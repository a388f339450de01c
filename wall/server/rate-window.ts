/** Counts what a client does in windows of fixed length, by the monotonic clock. */
export class RateWindow {
  readonly #max: number
  readonly #lengthMs: number
  #startedAt = Number.NEGATIVE_INFINITY
  #count = 0

  constructor(max: number, lengthMs: number) {
    this.#max = max
    this.#lengthMs = lengthMs
  }

  /** Adds `count` to the current window; false when the window then holds more than it may. */
  take(count = 1): boolean {
    this.#roll()
    this.#count += count
    return this.#count <= this.#max
  }

  /** Milliseconds until the window ends, when it is full; 0 when it has room. */
  get waitMs(): number {
    this.#roll()
    return this.#count < this.#max ? 0 : this.#startedAt + this.#lengthMs - performance.now()
  }

  #roll(): void {
    const now = performance.now()
    if (now - this.#startedAt < this.#lengthMs) return
    this.#startedAt = now
    this.#count = 0
  }
}
