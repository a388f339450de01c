import type { PaneStore } from '../panes/pane-store.ts'
import { localOffsetMs } from './ends.ts'

/** A run of events with less than the gap between any two, within one local day. */
export interface Session {
  readonly firstPane: number
  readonly lastPane: number
  /** Time of its first and of its last event, in ms. */
  readonly startTs: number
  readonly endTs: number
}

export interface SessionSink {
  give(series: number, session: Session): void
  /** Takes back what was given out for a session that is now part of another one. */
  takeBack(series: number, startTs: number): void
}

const dayMs = 86_400_000
/** Marks of a series: whether its newest session has been given out. */
const given = 1
const open = 0

/**
 * Sessions over panes that are not longer than the gap: each pane says when its first and its last event were, so that
 * the sessions are found again from the panes, after a late event too.
 */
export class Sessions {
  readonly #store: PaneStore
  readonly #gapMs: number
  readonly #reach: number
  readonly #keptMs: number
  readonly #sink: SessionSink
  /** Starts of the sessions that were, or may have been, given out. */
  readonly starts = new Map<number, number[]>()
  readonly changed = new Set<number>()

  /** @param keptMs how long a session may still change, in ms */
  constructor(store: PaneStore, gapMs: number, paneMs: number, keptMs: number, sink: SessionSink) {
    this.#store = store
    this.#gapMs = gapMs
    this.#reach = Math.ceil(gapMs / paneMs) + 1
    this.#keptMs = keptMs
    this.#sink = sink
  }

  /** An event in a new pane: the session before it may be over. The hot pane is closed. */
  step(series: number, ts: number): boolean {
    const isOver = this.isOver(series, ts)
    const wasGiven = this.#store.edge.mark(series) === given
    if (isOver && !wasGiven) this.giveLast(series)
    this.#store.edge.setMark(series, open)
    return wasGiven && !isOver
  }

  /** Whether the newest session is over when nothing happens before `ts`. */
  isOver(series: number, ts: number): boolean {
    const newest = this.#store.edge.newestTs(series)
    return ts - newest >= this.#gapMs || dayOf(ts) !== dayOf(newest)
  }

  /** Whether it was given out although an event goes on with it. */
  rejoin(series: number): boolean {
    if (this.#store.edge.mark(series) !== given) return false
    this.#store.edge.setMark(series, open)
    return true
  }

  isGiven(series: number): boolean {
    return this.#store.edge.mark(series) === given
  }

  /**
   * An event is about to be added to a pane that is not new: the session that begins after it may begin with it from
   * now on. Whether that one was given out may be forgotten by a restart, so that it is taken back in any case.
   */
  joinNext(series: number, pane: number, ts: number): void {
    for (let at = pane; at <= pane + this.#reach; at++) {
      const span = this.#spanOf(series, at)
      if (!span) continue
      const { startTs } = span
      // What is in its pane before it is of one session with it.
      if (ts >= startTs) continue
      if (startTs - ts >= this.#gapMs || dayOf(startTs) !== dayOf(ts)) return
      if (this.around(series, at)?.startTs !== startTs) return
      const starts = this.starts.get(series) ?? []
      if (!starts.includes(startTs)) this.starts.set(series, [...starts, startTs])
      this.changed.add(series)
      return
    }
  }

  /** Gives out the newest session. */
  giveLast(series: number): void {
    const pane = this.#lastPane(series)
    const session = pane === undefined ? undefined : this.around(series, pane)
    if (session) this.#give(series, session)
    this.#store.edge.setMark(series, given)
  }

  /** Gives out the sessions again that hold one of the panes. */
  amend(series: number, panes: Float64Array): void {
    const newest = this.#store.edge.newestTs(series)
    let last = -1
    for (const pane of panes) {
      if (pane <= last) continue
      const session = this.around(series, pane)
      if (!session) continue
      last = session.lastPane
      if (session.endTs < newest || this.isGiven(series)) this.#give(series, session)
      else this.#takeBackWithin(series, session)
    }
  }

  /** The session that holds a pane; `undefined` if the pane has no event. */
  around(series: number, pane: number): Session | undefined {
    const here = this.#spanOf(series, pane)
    if (!here) return undefined
    let firstPane = pane
    let lastPane = pane
    let { startTs, endTs } = here
    for (let at = pane - 1; at >= firstPane - this.#reach; at--) {
      const span = this.#spanOf(series, at)
      if (!span) continue
      if (startTs - span.endTs >= this.#gapMs || dayOf(span.endTs) !== dayOf(startTs)) break
      firstPane = at
      startTs = span.startTs
    }
    for (let at = pane + 1; at <= lastPane + this.#reach; at++) {
      const span = this.#spanOf(series, at)
      if (!span) continue
      if (span.startTs - endTs >= this.#gapMs || dayOf(span.startTs) !== dayOf(endTs)) break
      lastPane = at
      endTs = span.endTs
    }
    return { firstPane, lastPane, startTs, endTs }
  }

  /** The newest pane with an event. */
  #lastPane(series: number): number | undefined {
    const hot = this.#store.edge.hotPane(series)
    for (let pane = hot; pane >= hot - this.#reach; pane--) if (this.#spanOf(series, pane)) return pane
    return undefined
  }

  #spanOf(series: number, pane: number): { startTs: number; endTs: number } | undefined {
    let span: { startTs: number; endTs: number } | undefined
    this.#store.visit(series, pane, (table, row) => {
      const at = row * table.stride + table.lead
      span = { startTs: table.numbers[at + 1] as number, endTs: table.numbers[at + 2] as number }
    })
    return span
  }

  #give(series: number, session: Session): void {
    this.#takeBackWithin(series, session)
    const starts = this.starts.get(series) ?? []
    const kept = starts.filter((start) => start > session.endTs - this.#keptMs && start !== session.startTs)
    this.starts.set(series, [...kept, session.startTs])
    this.changed.add(series)
    this.#sink.give(series, session)
  }

  /** What began within a session is no session of its own any more. */
  #takeBackWithin(series: number, { startTs, endTs }: Session): void {
    const starts = this.starts.get(series)
    if (!starts) return
    const gone = starts.filter((start) => start > startTs && start <= endTs)
    if (gone.length === 0) return
    this.starts.set(
      series,
      starts.filter((start) => start <= startTs || start > endTs),
    )
    this.changed.add(series)
    for (const start of gone) this.#sink.takeBack(series, start)
  }
}

function dayOf(ts: number): number {
  return Math.floor((ts - localOffsetMs) / dayMs)
}
