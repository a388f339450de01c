import { type AnyIndicator, type DerivedIndicator, type DerivedInput, readsCases } from '../indicators/indicator.ts'
import { declaredLevels, type LevelsAt, levelOf } from '../indicators/level.ts'
import { computeValue } from './compute-value.ts'
import type { CurrentValue } from './indicator-stream.ts'
import type { Sink } from './output.ts'
import { type Place, placeId } from './place.ts'
import { stepMs } from './plan.ts'
import { patienceMs } from './windows/catching-up.ts'
import { type Grid, gridOf } from './windows/ends.ts'

/** Where the values of other indicators come from. */
export type ValueAt = (indicator: AnyIndicator, place: Place, ts: number) => CurrentValue | undefined

/** What is known of one place, beside what its inputs know. */
export interface DerivedState {
  readonly place: Place
  /** Values until here have been given out, in ms. */
  givenTo: number
  /** The newest value of any input, in ms. */
  newest: number
}

interface Due {
  /** Times until here had been given out before, in ms. */
  readonly since: number
  readonly times: Set<number>
}

/** A derived indicator, for all of its places. It keeps no values but the newest: it asks its inputs. */
export class Derived {
  readonly indicator: DerivedIndicator
  readonly states = new Map<string, DerivedState>()
  /** States that are to be saved, and those whose newest value is another. */
  readonly changed = new Set<DerivedState>()
  readonly touched = new Set<DerivedState>()
  /** Places that are gone since they were last saved. */
  readonly gone = new Set<Place>()
  readonly #inputs: readonly (readonly [string, DerivedInput])[]
  readonly #grid: Grid
  readonly #reachMs: ReadonlyMap<AnyIndicator, number>
  readonly #longestMs: number
  readonly #valueAt: ValueAt
  /** The newest value that was computed of a state: what is published live need not be computed again. */
  readonly #newest = new WeakMap<DerivedState, { readonly ts: number; readonly found: CurrentValue | undefined }>()
  readonly #settledMs: () => number
  readonly #levelsAt: LevelsAt
  #due = new Map<DerivedState, Due>()
  #clock = Number.NEGATIVE_INFINITY
  /** When an input of a state last had a value, by the clock, in ms. */
  readonly #notedAt = new WeakMap<DerivedState, number>()

  /** @param caseSettledMs until when windows of cases do not change any more and are not known any more, in ms */
  constructor(
    indicator: DerivedIndicator,
    valueAt: ValueAt,
    caseSettledMs: () => number,
    levelsAt: LevelsAt = declaredLevels,
  ) {
    this.indicator = indicator
    this.#inputs = Object.entries(indicator.inputs)
    this.#grid = gridOf(indicator.window)
    const reach = new Map<AnyIndicator, number>()
    for (const [, input] of this.#inputs) {
      const ms = (input.values - 1) * stepMs(input.indicator)
      reach.set(input.indicator, Math.max(reach.get(input.indicator) ?? 0, ms))
    }
    this.#reachMs = reach
    this.#longestMs = Math.max(...reach.values())
    this.#valueAt = valueAt
    this.#settledMs = readsCases(indicator) ? caseSettledMs : () => Number.NEGATIVE_INFINITY
    this.#levelsAt = levelsAt
  }

  /** An input has a value, or another one, at a time. */
  note(input: AnyIndicator, place: Place, ts: number): void {
    if (!this.indicator.scopes.includes(place.scope)) return
    const id = `${place.scope} ${placeId(place)}`
    let state = this.states.get(id)
    if (!state) {
      state = { place, givenTo: Number.NEGATIVE_INFINITY, newest: Number.NEGATIVE_INFINITY }
      this.states.set(id, state)
    }
    this.changed.add(state)
    this.#notedAt.set(state, this.#clock)
    const due = this.#dueOf(state)
    const reach = this.#reachMs.get(input) ?? 0
    const { givenTo, newest } = state
    state.newest = Math.max(newest, ts)
    state.givenTo = Math.max(givenTo, ts)
    // Times that have been given out and look back at this value, and those that have become due with it.
    this.#mark(due, ts, Math.min(ts + reach, state.givenTo))
    if (Number.isFinite(givenTo) && givenTo < ts) this.#mark(due, givenTo + 1, Math.min(newest + this.#longestMs, ts))
  }

  /**
   * The clock has come to a time: values that look back far enough are due without a new one, unless their inputs are of a
   * backlog that goes on.
   */
  advance(clock: number, idleMs: number, isCatchingUp: boolean): void {
    this.#clock = clock
    for (const state of this.states.values()) {
      const until = Math.min(clock - idleMs, state.newest + this.#longestMs)
      if (until <= state.givenTo) continue
      const noted = this.#notedAt.get(state) ?? Number.NEGATIVE_INFINITY
      if (clock - noted < patienceMs(0, state.newest, noted, isCatchingUp)) continue
      this.#mark(this.#dueOf(state), state.givenTo + 1, until)
      state.givenTo = until
      this.changed.add(state)
    }
  }

  /** Evicts the places that no input knows any more; returns them. */
  sweep(isKnown: (place: Place) => boolean): Place[] {
    const gone: Place[] = []
    for (const [id, state] of this.states) {
      if (isKnown(state.place)) continue
      this.states.delete(id)
      this.changed.delete(state)
      this.touched.delete(state)
      this.#due.delete(state)
      this.gone.add(state.place)
      gone.push(state.place)
    }
    return gone
  }

  /** Marks the ends in `[from, to]`, in ms, as due; not those whose cases are not known any more. */
  #mark({ times }: Due, after: number, to: number): void {
    const from = Math.max(after, this.#settledMs() + 1)
    if (from > to) return
    for (let end = this.#endFrom(from); end <= to; end = this.#endFrom(end + 1)) times.add(end)
  }

  /** What is due of a state, to be asked for before `givenTo` changes. */
  #dueOf(state: DerivedState): Due {
    const due = this.#due.get(state) ?? { since: state.givenTo, times: new Set() }
    this.#due.set(state, due)
    return due
  }

  /** The first end at or after a time. */
  #endFrom(ts: number): number {
    const { paneMs, offsetMs, ends } = this.#grid
    if (!ends) return Number.POSITIVE_INFINITY
    return ends.after(Math.ceil((ts - offsetMs) / paneMs) - 1) * paneMs + offsetMs
  }

  /**
   * Emits the values that are due.
   * @param onNone called for a time without a value for which none was emitted before. Indicators derived from this one may
   *   have read a value there, while an input had one that it had not emitted yet
   */
  drain(sink: Sink, onNone: (place: Place, ts: number) => void): void {
    if (this.#due.size === 0) return
    const due = this.#due
    this.#due = new Map()
    const { indicator } = this
    for (const [state, { since, times }] of due) {
      const { place } = state
      if (times.size > 0) this.touched.add(state)
      for (const ts of [...times].sort((a, b) => a - b)) {
        const found = this.valueAt(place, ts)
        if (ts >= (this.#newest.get(state)?.ts ?? ts)) this.#newest.set(state, { ts, found })
        // What was not given out before need not be taken back.
        if (!found && ts > since) {
          onNone(place, ts)
          continue
        }
        const { value, level = 0, samples = 0 } = found ?? {}
        sink.points.push({ indicator, place, ts, value, level, samples })
      }
    }
  }

  /** The value at a time; `undefined` if it has none. Its samples are the values of inputs that it is made of. */
  valueAt(place: Place, ts: number): CurrentValue | undefined {
    const of: Record<string, (number | undefined)[]> = {}
    let samples = 0
    for (const [name, { indicator, values }] of this.#inputs) {
      const step = stepMs(indicator)
      of[name] = Array.from({ length: values }, (_, back) => {
        const found = this.#valueAt(indicator, place, ts - back * step)
        if (found) samples++
        return found?.value
      })
    }
    const value = samples === 0 ? undefined : computeValue(this.indicator, of, ts)
    if (value === undefined) return undefined
    return { ts, value, level: levelOf(value, this.#levelsAt(this.indicator, place)), samples }
  }

  /** The newest value that was given out. */
  current(place: Place): CurrentValue | undefined {
    const state = this.states.get(`${place.scope} ${placeId(place)}`)
    if (!state) return undefined
    const { paneMs, offsetMs, ends } = this.#grid
    if (!ends) return undefined
    const ts = ends.before(Math.floor((state.givenTo - offsetMs) / paneMs)) * paneMs + offsetMs
    if (ts <= this.#settledMs()) return undefined
    const newest = this.#newest.get(state)
    return newest?.ts === ts ? newest.found : this.valueAt(place, ts)
  }
}
