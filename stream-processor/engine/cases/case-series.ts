import type { CaseFigures } from '../../indicators/case-indicator.ts'
import { sketchBins } from '../aggregates/sketch-bins.ts'
import type { Place } from '../place.ts'
import { paneAt } from '../windows/ends.ts'
import { type CaseEvent, noSums, type Sums, sumNames } from './case-events.ts'
import type { CaseStream } from './case-plan.ts'
import type { CurrentValue } from './case-point.ts'

/** How many cases took how long: by the bin of a sketch. */
type Handlings = Map<number, number>

interface Pane {
  readonly number: number
  readonly sums: Sums
  handlings: Handlings | undefined
}

/**
 * What a part of a key's cases gives to a window: plain numbers, which add up whatever the order. Partitions exchange
 * them where the cases of an area or of the district are spread over several.
 */
export interface CasePartial {
  /** Of the window; `overdue` is that at its end. */
  readonly sums: Readonly<Sums>
  /** At the end of the window. */
  readonly backlog: number
  readonly handlings: readonly Handlings[]
}

/** The cases of one key: running totals, and what happened in each pane that a window may still ask for. */
export class CaseSeries {
  readonly stream: CaseStream
  readonly place: Place
  /** Of all events, however old. */
  readonly #totals = noSums()
  /** In order; only those in which something happened. */
  #panes: Pane[] = []
  /** Windows that end after this and were emitted already are to be emitted again, in ms; `Infinity` for none. */
  amendFrom = Number.POSITIVE_INFINITY
  /** The clock when such a window changed for the first and for the last time, in ms. */
  changedFirst = Number.NEGATIVE_INFINITY
  changedLast = Number.NEGATIVE_INFINITY
  /** Its live values, once somebody has asked for them. */
  currents: readonly CurrentValue[] | undefined
  /** Its device or site was removed: it is live only while there are cases in it. */
  isRemoved = false

  constructor(stream: CaseStream, place: Place) {
    this.stream = stream
    this.place = place
  }

  /** @param sign −1: what was added is retracted */
  add({ ts, adds }: CaseEvent, sign: 1 | -1): void {
    addTo(this.#totals, adds, sign)
    const number = paneAt(this.stream.grid, ts)
    if (number < this.stream.oldestPane) return
    const pane = this.#pane(number)
    addTo(pane.sums, adds, sign)
    if (!adds.closed) return
    pane.handlings ??= new Map()
    const bin = handlingBinOf(adds.handlingMs ?? 0)
    pane.handlings.set(bin, (pane.handlings.get(bin) ?? 0) + sign)
  }

  /** Drops the panes that no window reaches any more. */
  dropOld(): void {
    const first = this.#indexOf(this.stream.oldestPane)
    if (first > 0) this.#panes = this.#panes.slice(first)
  }

  /** What it gives to the window `[fromMs, toMs)`. */
  partial(fromMs: number, toMs: number): CasePartial {
    const { grid } = this.stream
    const to = paneAt(grid, toMs)
    const window = noSums()
    // What is at the end of the window is what is now without all that came after it.
    let backlog = this.#totals.received - this.#totals.closed
    let overdue = this.#totals.overdue
    const handlings: Handlings[] = []
    for (let index = this.#indexOf(paneAt(grid, fromMs)); index < this.#panes.length; index++) {
      const pane = this.#panes[index] as Pane
      if (pane.number < to) {
        addTo(window, pane.sums, 1)
        if (pane.handlings) handlings.push(pane.handlings)
      } else {
        backlog -= pane.sums.received - pane.sums.closed
        overdue -= pane.sums.overdue
      }
    }
    return { sums: { ...window, overdue }, backlog, handlings }
  }

  #pane(number: number): Pane {
    const panes = this.#panes
    const last = panes.at(-1)
    if (last?.number === number) return last
    const at = last && last.number > number ? this.#indexOf(number) : panes.length
    const known = panes[at]
    if (known?.number === number) return known
    const added: Pane = { number, sums: noSums(), handlings: undefined }
    panes.splice(at, 0, added)
    return added
  }

  /** Where the first pane is that is not before this one. */
  #indexOf(number: number): number {
    const panes = this.#panes
    let low = 0
    let high = panes.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((panes[middle] as Pane).number < number) low = middle + 1
      else high = middle
    }
    return low
  }
}

/** The figures of all parts together. */
export function figuresOf(parts: readonly CasePartial[]): CaseFigures {
  const sums = noSums()
  let backlog = 0
  for (const part of parts) {
    addTo(sums, part.sums, 1)
    backlog += part.backlog
  }
  const { received, closed, closedOnTime, overdue, handlingMs } = sums
  return {
    received,
    closed,
    closedOnTime,
    backlog,
    overdue,
    handlingMeanMs: closed === 0 ? undefined : handlingMs / closed,
    handlingQuantileMs: (q) =>
      closed === 0
        ? undefined
        : quantileOf(
            parts.flatMap(({ handlings }) => handlings),
            closed,
            q,
          ),
  }
}

/** Cases that figures rest on: open at the end, or closed in the window. */
export const samplesOf = ({ backlog, closed }: Pick<CaseFigures, 'backlog' | 'closed'>): number => backlog + closed

/** The nearest rank, as of the quantiles of measurements. */
function quantileOf(handlings: readonly Handlings[], closed: number, q: number): number {
  const counts: Handlings = new Map()
  for (const one of handlings) for (const [bin, count] of one) counts.set(bin, (counts.get(bin) ?? 0) + count)
  const rank = Math.max(1, Math.ceil(q * closed - 1e-9))
  let notAbove = 0
  for (const [bin, count] of [...counts].sort(([left], [right]) => left - right)) {
    notAbove += count
    if (notAbove >= rank) return handlingOf(bin)
  }
  return 0
}

function addTo(sums: Sums, adds: Partial<Readonly<Sums>>, sign: 1 | -1): void {
  for (const name of sumNames) sums[name] += sign * (adds[name] ?? 0)
}

const bins = sketchBins(0.01)

/** The bin of a handling time; `-Infinity` is for no time at all. */
const handlingBinOf = (handlingMs: number): number =>
  handlingMs === 0 ? Number.NEGATIVE_INFINITY : bins.binOf(handlingMs)

/** The handling time that stands for a bin, in ms. */
const handlingOf = (bin: number): number => (bin === Number.NEGATIVE_INFINITY ? 0 : bins.valueOf(bin))
