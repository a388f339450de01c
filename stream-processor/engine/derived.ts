import type { DerivedIndicator, DerivedInput, Indicator } from '../indicators/indicator.ts'
import { declaredLevels, type LevelsAt, levelOf } from '../indicators/level.ts'
import { computeValue } from './compute-value.ts'
import type { Sink } from './output.ts'
import { type Place, placeId } from './place.ts'
import { stepMs } from './plan.ts'
import type { CurrentValue } from './stream.ts'
import { type Grid, gridOf } from './windows/ends.ts'

/** Where the values of other indicators come from. */
export type ValueAt = (indicator: Indicator, place: Place, ts: number) => CurrentValue | undefined

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

/** A derived indicator, for all of its places. It keeps no values: it asks its inputs. */
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
  readonly #reachMs: ReadonlyMap<Indicator, number>
  readonly #longestMs: number
  readonly #valueAt: ValueAt
  readonly #levelsAt: LevelsAt
  #due = new Map<DerivedState, Due>()

  /** @throws RangeError where windows are sessions */
  constructor(indicator: DerivedIndicator, valueAt: ValueAt, levelsAt: LevelsAt = declaredLevels) {
    this.indicator = indicator
    this.#inputs = Object.entries(indicator.inputs)
    this.#grid = gridOf(indicator.window)
    for (const window of [indicator.window, ...this.#inputs.map(([, input]) => input.indicator.window)]) {
      if (window.kind === 'session')
        throw new RangeError(`${indicator.id}: cannot derive from sessions, which have no fixed step`)
    }
    const reach = new Map<Indicator, number>()
    for (const [, input] of this.#inputs) {
      const ms = (input.values - 1) * stepMs(input.indicator)
      reach.set(input.indicator, Math.max(reach.get(input.indicator) ?? 0, ms))
    }
    this.#reachMs = reach
    this.#longestMs = Math.max(...reach.values())
    this.#valueAt = valueAt
    this.#levelsAt = levelsAt
  }

  /** An input has a value, or another one, at a time. */
  note(input: Indicator, place: Place, ts: number): void {
    if (!this.indicator.scopes.includes(place.scope)) return
    const id = `${place.scope} ${placeId(place)}`
    let state = this.states.get(id)
    if (!state) {
      state = { place, givenTo: Number.NEGATIVE_INFINITY, newest: Number.NEGATIVE_INFINITY }
      this.states.set(id, state)
    }
    this.changed.add(state)
    const due = this.#dueOf(state)
    const reach = this.#reachMs.get(input) ?? 0
    const { givenTo, newest } = state
    state.newest = Math.max(newest, ts)
    state.givenTo = Math.max(givenTo, ts)
    // Times that have been given out and look back at this value, and those that have become due with it.
    this.#mark(due, ts, Math.min(ts + reach, state.givenTo))
    if (Number.isFinite(givenTo) && givenTo < ts) this.#mark(due, givenTo + 1, Math.min(newest + this.#longestMs, ts))
  }

  /** The clock has come to a time: values that look back far enough are due without a new one. */
  advance(clock: number): void {
    for (const state of this.states.values()) {
      const until = Math.min(clock, state.newest + this.#longestMs)
      if (until <= state.givenTo) continue
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

  /** Marks the ends in `[from, to]`, in ms, as due. */
  #mark({ times }: Due, from: number, to: number): void {
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

  /** Gives out what is due. */
  drain(sink: Sink): void {
    if (this.#due.size === 0) return
    const due = this.#due
    this.#due = new Map()
    const { indicator } = this
    for (const [state, { since, times }] of due) {
      const { place } = state
      if (times.size > 0) this.touched.add(state)
      for (const ts of [...times].sort((a, b) => a - b)) {
        const found = this.valueAt(place, ts)
        // What was not given out before need not be taken back.
        if (!found && ts > since) continue
        const level = found ? levelOf(found.value, this.#levelsAt(indicator, place)) : 0
        sink.points.push({ indicator, place, ts, value: found?.value, level, samples: found?.samples ?? 0 })
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
    const value = samples === 0 ? undefined : computeValue(this.indicator, of)
    return value === undefined ? undefined : { ts, value, samples }
  }

  /** The newest value that was given out. */
  current(place: Place): CurrentValue | undefined {
    const state = this.states.get(`${place.scope} ${placeId(place)}`)
    if (!state) return undefined
    const { paneMs, offsetMs, ends } = this.#grid
    if (!ends) return undefined
    return this.valueAt(place, ends.before(Math.floor((state.givenTo - offsetMs) / paneMs)) * paneMs + offsetMs)
  }
}
