/** Late events of a series are waited for so long after the last one, and at most so long after the first, in ms. */
const quietMs = 1_000
const longestWaitMs = 30_000

interface Amendment {
  readonly panes: number[]
  oldest: number
  /** When the first and the last late event arrived, in ms. */
  readonly first: number
  last: number
}

/** Panes that late events have changed, by series, until their windows are given out again. */
export class Amendments {
  readonly #waiting = new Map<number, Amendment>()

  has(series: number): boolean {
    return this.#waiting.has(series)
  }

  note(series: number, pane: number, arrival: number): void {
    const known = this.#waiting.get(series)
    if (!known) {
      this.#waiting.set(series, { panes: [pane], oldest: pane, first: arrival, last: arrival })
      return
    }
    if (pane < known.oldest) known.oldest = pane
    if (known.panes.at(-1) !== pane) known.panes.push(pane)
    known.last = arrival
  }

  /**
   * Takes what is to be given out now. A series with more to come is left for later: each event of a backlog would else
   * give out the same windows again.
   * @param clock in ms; `undefined`: all of them
   */
  takeDue(clock: number | undefined, give: (series: number, panes: Float64Array) => void): void {
    for (const [series, { first, last, panes }] of this.#waiting) {
      if (clock !== undefined && clock - last < quietMs && clock - first < longestWaitMs) continue
      this.#waiting.delete(series)
      give(series, ascending(panes))
    }
  }

  /** Takes the panes of a series, if one of them is before `pane`. */
  takeBefore(series: number, pane: number): Float64Array | undefined {
    const waiting = this.#waiting.get(series)
    if (!waiting || waiting.oldest >= pane) return undefined
    this.#waiting.delete(series)
    return ascending(waiting.panes)
  }

  /** All of them, as they are saved. */
  saved(): SavedAmendments {
    return [...this.#waiting].map(([series, { panes }]) => [series, [...panes]] as const)
  }

  restore(saved: SavedAmendments): void {
    for (const [series, panes] of saved) {
      // There may be more of them than a call takes arguments.
      const oldest = panes.reduce((least, pane) => Math.min(least, pane), Number.POSITIVE_INFINITY)
      this.#waiting.set(series, { panes: [...panes], oldest, first: 0, last: 0 })
    }
  }
}

export type SavedAmendments = readonly (readonly [series: number, panes: readonly number[]])[]

/** Each once. */
function ascending(panes: readonly number[]): Float64Array {
  return Float64Array.from(new Set(panes)).sort()
}
