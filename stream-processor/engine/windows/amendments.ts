import { maxCatchUpMs } from './catching-up.ts'

/** Late events of a series are waited for so long after the last one, and at most so long after the first, in ms. */
const quietMs = 1_000
const maxWaitMs = 30_000

/**
 * Whether changes wait no longer for others: those of a backlog come one message after the other, and each would emit the
 * same windows again.
 * @param first when the first of them and the last came, in ms
 */
export function isAmendmentDue(first: number, last: number, clock: number, isCatchingUp: boolean): boolean {
  if (isCatchingUp) return clock - first >= maxCatchUpMs
  return clock - last >= quietMs || clock - first >= maxWaitMs
}

interface Amendment {
  readonly panes: Set<number>
  oldest: number
  /** The pane that changed last: events of a message mostly share theirs. */
  lastPane: number
  /** When the first and the last late event arrived, in ms. */
  readonly first: number
  last: number
}

/** Panes that late events have changed, by series, until their windows are given out again. */
export class Amendments {
  readonly #waiting = new Map<number, Amendment>()

  get size(): number {
    return this.#waiting.size
  }

  has(series: number): boolean {
    return this.#waiting.has(series)
  }

  note(series: number, pane: number, arrival: number): void {
    const known = this.#waiting.get(series)
    if (!known) {
      this.#waiting.set(series, { panes: new Set([pane]), oldest: pane, lastPane: pane, first: arrival, last: arrival })
      return
    }
    if (pane < known.oldest) known.oldest = pane
    if (known.lastPane !== pane) known.panes.add(pane)
    known.lastPane = pane
    known.last = arrival
  }

  /**
   * Takes what is to be given out now. A series with more to come is left for later: each event of a backlog would else
   * give out the same windows again.
   * @param clock in ms; `undefined`: all of them
   * @param hasRoom asked before each series: what is left is taken with the next call
   * @returns whether something is left that is due
   */
  takeDue(
    clock: number | undefined,
    isCatchingUp: boolean,
    hasRoom: () => boolean,
    give: (series: number, panes: Float64Array) => void,
  ): boolean {
    for (const [series, { first, last, panes }] of this.#waiting) {
      if (clock !== undefined && !isAmendmentDue(first, last, clock, isCatchingUp)) continue
      if (!hasRoom()) return true
      this.#waiting.delete(series)
      give(series, ascending(panes))
    }
    return false
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
      this.#waiting.set(series, { panes: new Set(panes), oldest, lastPane: oldest, first: 0, last: 0 })
    }
  }
}

export type SavedAmendments = readonly (readonly [series: number, panes: readonly number[]])[]

function ascending(panes: ReadonlySet<number>): Float64Array {
  return Float64Array.from(panes).sort()
}
