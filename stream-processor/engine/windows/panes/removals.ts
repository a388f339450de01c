/** Ranges of keys that are gone; nearly all are of one key, and there may be many. */
export class Removals {
  readonly ranges: (readonly [from: number, to: number])[] = []
  readonly #single = new Set<number>()
  readonly #wide: (readonly [from: number, to: number])[] = []

  /** The keys `[from, to)` are gone. */
  add(from: number, to: number): void {
    const range = [from, to] as const
    this.ranges.push(range)
    if (to - from === 1) this.#single.add(from)
    else this.#wide.push(range)
  }

  has(key: number): boolean {
    return this.#single.has(key) || this.#wide.some(([from, to]) => key >= from && key < to)
  }
}
