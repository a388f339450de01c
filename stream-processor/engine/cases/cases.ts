import { caseTypes } from '@ioc/contract/case-types/table.ts'
import type { Level } from '@ioc/contract/messages/live.ts'
import { indicatorTopic } from '@ioc/contract/topics.ts'
import type { CaseFigures, CaseIndicator } from '../../indicators/case-indicator.ts'
import { caseLevelOf, declaredLevels, type LevelsAt } from '../../indicators/level.ts'
import { computeValue } from '../compute-value.ts'
import type { CaseValues } from '../indicator-engine.ts'
import { feedOf, type LiveFeed } from '../live-turns.ts'
import { type Place, placeId } from '../place.ts'
import { isAmendmentDue } from '../windows/amendments.ts'
import { endAfter, type Grid, paneAt, startOf } from '../windows/ends.ts'
import type { CaseEvent } from './case-events.ts'
import { type CasePlan, type CaseStream, type CaseTypes, planCases, type StreamWindow } from './case-plan.ts'
import type { CaseClaim, CaseOutput, CaseRoom, CurrentValue, OnFaults } from './case-point.ts'
import { type CasePartial, type CaseSeries, figuresOf, samplesOf } from './case-series.ts'
import { type CaseCounts, CaseTable, type TableLimits } from './case-table.ts'
import type { CaseChanges } from './saved.ts'

export interface CasesOptions extends Partial<TableLimits> {
  /** How long after its end a window is emitted again when its cases change, in ms, by the clock. */
  readonly latenessMs: number
  /** The types of cases that there are. */
  readonly types?: CaseTypes
  /** The levels in force at a place; without it those that are declared. */
  readonly levelsAt?: LevelsAt
}

/** A case takes about a kilobyte, and what its panes take. Keys are those of indicators that share panes. */
const defaultLimits: TableLimits = { maxCases: 1_000_000, maxKeys: 100_000, maxDevices: 200_000 }

const endless = (): CaseRoom => ({ left: Number.POSITIVE_INFINITY, refused: [] })

/**
 * Cases and their indicators. Time is a clock that is handed in: a window is due when the clock reaches its end, for
 * every key that has a case in it, and deadlines pass by themselves. Until `latenessMs` after its end a window follows
 * its cases: it is emitted again under the same timestamp; what comes later counts in the windows after it.
 *
 * A closed case is evicted when no window needs it: the longest window and the lateness after it was closed, or after
 * its newest version where that is later. An older version that comes even later would be taken for a new case, and an
 * indicator with a longer window than there was before does not see the cases that were evicted by then.
 */
export class Cases implements CaseValues {
  readonly #latenessMs: number
  readonly #levelsAt: LevelsAt
  /** What is declared, as data. */
  readonly #declared: string
  readonly #tables: ReadonlyMap<string, CaseTable>
  readonly #streams: readonly { readonly plan: CasePlan; readonly stream: CaseStream }[]
  #peers: readonly Cases[] = []
  #now = Number.NEGATIVE_INFINITY
  /** The clock before the last `advance`, in ms: windows that ended since were published by it. */
  #before = Number.POSITIVE_INFINITY
  /** Keys with windows that are to be emitted again. */
  #amended: CaseSeries[] = []
  /** Keys whose live values may have changed. */
  readonly #touched = new Set<CaseSeries>()
  /** Appends what the live topics show of at most so many keys that may have changed since they were last taken. */
  readonly takeLive: LiveFeed = feedOf(this.#touched, (one) => this.#currentOf(one))

  constructor(
    indicators: readonly CaseIndicator[],
    { latenessMs, types = caseTypes, levelsAt = declaredLevels, ...limits }: CasesOptions,
  ) {
    this.#latenessMs = latenessMs
    this.#levelsAt = levelsAt
    this.#declared = JSON.stringify(indicators.map((one) => ({ ...one, where: one.where !== undefined })))
    const plans = planCases(indicators, types)
    const onEvent = (series: CaseSeries, event: CaseEvent) => this.#noteEvent(series, event)
    const options = { ...defaultLimits, ...limits, latenessMs, onEvent }
    this.#tables = new Map(plans.map((plan) => [plan.type, new CaseTable({ ...options, plan })]))
    this.#streams = plans.flatMap((plan) => plan.streams.map((stream) => ({ plan, stream })))
  }

  /** The clock, in ms; minus infinity before the first `advance`. */
  get now(): number {
    return this.#now
  }

  /** The cases of other partitions: areas and the district are those of all of them. */
  setPeers(peers: readonly Cases[]): void {
    this.#peers = peers
  }

  /** Whether a type is one of cases. */
  isDeclared(type: string): boolean {
    return this.#tables.has(type)
  }

  /** Takes versions of cases that have arrived together, in their order, and as many new cases as there is room for. */
  takeAll(claims: readonly CaseClaim[], arrivalMs: number, onFaults: OnFaults, room = endless()): void {
    for (const [index, claim] of claims.entries()) {
      const { type, device, case: one } = claim
      const faults = this.#tables.get(type)?.take(claim, arrivalMs, room) ?? [
        `case ${one.id}: ${type} is not a declared case type`,
      ]
      if (faults.length > 0)
        onFaults(
          index,
          faults.map((reason) => ({ device, reason })),
        )
    }
  }

  /** How many cases are in memory: of all devices, or of one. */
  held(of?: { readonly site: string; readonly device: string }): number {
    let sum = 0
    for (const table of this.#tables.values()) sum += of ? table.heldOf(of.site, of.device) : table.counts.cases
    return sum
  }

  /** Removes the cases of devices, by `site/device`, and what is live of them and of a site that has no others. */
  forget(devices: ReadonlySet<string>, emptySite: string | undefined): void {
    for (const table of this.#tables.values()) table.forget(devices)
    for (const one of this.#allSeries()) {
      const { scope, key } = one.place
      if (!(scope === 'device' ? devices.has(key) : scope === 'site' && key === emptySite)) continue
      one.isRemoved = true
      // Values that were emitted before are history, and stay.
      one.amendFrom = Number.POSITIVE_INFINITY
      this.#touched.add(one)
    }
    this.#amended = this.#amended.filter(({ amendFrom }) => amendFrom !== Number.POSITIVE_INFINITY)
  }

  /**
   * Moves the clock, and appends the windows that have ended and the deadlines that have passed. A clock that goes back
   * stands still. All windows in between are emitted: a long way is better gone in steps.
   */
  advance(clockMs: number, out: CaseOutput): void {
    if (!(clockMs > this.#now)) return
    this.#expireUntil(clockMs, out)
    // These windows have seen all that they may see; what is taken from now on is too late for them.
    this.#emitAmended(out, ({ amendFrom }) => amendFrom < clockMs - this.#latenessMs)
    const after = Number.isFinite(this.#now) ? this.#now : clockMs - this.#latenessMs
    this.#before = after
    this.#now = clockMs
    // Other partitions, which may be behind, ask for what they may still amend.
    const slowest = Math.min(clockMs, ...this.#peers.map(({ now }) => now))
    const settled = Math.min(slowest - this.#latenessMs, this.settledMs())
    for (const { plan, stream } of this.#streams) {
      if (!this.#emitDue(out, stream, after)) continue
      stream.oldestPane = Math.max(stream.oldestPane, paneAt(stream.grid, settled - plan.longestMs))
      for (const one of stream.series.values()) {
        one.dropOld()
        this.#touched.add(one)
      }
    }
  }

  /** Applies the deadlines that have passed, and appends them: between this and the next `takeAll` figures are consistent. */
  expire(out: CaseOutput): void {
    this.#expireUntil(this.#now, out)
  }

  /**
   * Appends the emitted windows that have changed since, each once.
   * @param clockMs time of the clock; windows for which more changes are expected then wait, unless they settle
   * @param isCatchingUp whether a backlog is being read
   * @param hasRoom called before the windows of each key; while it returns false, they wait for the next call
   * @returns whether due windows are left
   */
  flush(out: CaseOutput, clockMs = Number.POSITIVE_INFINITY, isCatchingUp = false, hasRoom = () => true): boolean {
    this.expire(out)
    let isLeft = false
    this.#emitAmended(out, ({ amendFrom, changedFirst, changedLast }) => {
      if (amendFrom < clockMs - this.#latenessMs) return true
      if (!isAmendmentDue(changedFirst, changedLast, clockMs, isCatchingUp)) return false
      if (hasRoom()) return true
      isLeft = true
      return false
    })
    return isLeft
  }

  /** What the live topics show, for all keys. */
  current(): CurrentValue[] {
    return [...this.#allSeries()].flatMap((one) => this.#currentOf(one))
  }

  /** What the cases of a key give to the window that ends at `end`, in ms: to be added to those of other partitions. */
  partial(indicator: CaseIndicator, place: Place, end: number): CasePartial | undefined {
    const found = this.#find(indicator, place)
    return found?.series.partial(startOf(found.grid, end), end)
  }

  /** Windows that the last `advance` published are known, however far it went. */
  readonly settledMs = (): number => Math.min(this.#now - this.#latenessMs, this.#before)

  knows(indicator: CaseIndicator, place: Place): boolean {
    const found = this.#find(indicator, place)
    if (!found) return false
    const { series, grid } = found
    return !series.isRemoved || samplesOf(this.#currentFigures(series, grid, indicator)) > 0
  }

  valueAt(indicator: CaseIndicator, place: Place, ts: number) {
    const figures = this.#figuresAt(this.partial(indicator, place, ts), indicator, place, ts)
    const samples = samplesOf(figures)
    const value = samples === 0 ? undefined : computeValue(indicator, figures)
    if (value === undefined) return undefined
    return { ts, value, level: this.#levelOf(indicator, place, value, figures), samples }
  }

  /** What changed since the last call. */
  changes(): CaseChanges {
    const clock = Number.isFinite(this.#now) ? this.#now : null
    const amended = this.#amended.map(({ stream, place, amendFrom }) => ({
      stream: stream.id,
      place,
      fromMs: amendFrom,
    }))
    const tables = [...this.#tables.values()].map((table) => table.changes())
    return { clock, indicators: this.#declared, amended, tables }
  }

  /**
   * Restores all that was saved, before anything is taken. Where it was saved under other indicators, or types that
   * declared other attributes, all cases are there still, and the windows of the last `latenessMs` are emitted again;
   * deadlines that have passed do not pass again.
   */
  restore({ clock, indicators, amended, tables }: CaseChanges): void {
    this.#now = clock ?? Number.NEGATIVE_INFINITY
    for (const { plan, stream } of this.#streams) {
      stream.oldestPane = paneAt(stream.grid, this.#now - this.#latenessMs - plan.longestMs)
    }
    for (const table of tables) this.#tables.get(table.type)?.restore(table)
    // What is restored was emitted before.
    for (const one of this.#amended) one.amendFrom = Number.POSITIVE_INFINITY
    this.#amended = []
    if (indicators === this.#declared) this.#restoreAmended(amended)
    else if (clock !== null) for (const one of this.#allSeries()) this.#amendFrom(one, clock - this.#latenessMs)
  }

  #restoreAmended(amended: CaseChanges['amended']): void {
    for (const { stream: id, place, fromMs } of amended) {
      const found = this.#streams.find(({ stream }) => stream.id === id)
      const one = found && this.#tables.get(found.plan.type)?.seriesAt(found.stream, place)
      if (one) this.#amendFrom(one, fromMs)
    }
  }

  /** For gauges, over all types. */
  counts(): CaseCounts & { readonly keys: number; readonly keysRefused: number } {
    const sum = { cases: 0, open: 0, taken: 0, older: 0, clamped: 0, refused: 0 }
    let keysRefused = 0
    for (const table of this.#tables.values()) {
      for (const name of Object.keys(sum) as (keyof CaseCounts)[]) sum[name] += table.counts[name]
      keysRefused += table.keysRefused
    }
    return { ...sum, keys: this.#streams.reduce((keys, { stream }) => keys + stream.series.size, 0), keysRefused }
  }

  *#allSeries(): Iterable<CaseSeries> {
    for (const { stream } of this.#streams) yield* stream.series.values()
  }

  #noteEvent(one: CaseSeries, { ts }: CaseEvent): void {
    this.#touched.add(one)
    const { grid } = one.stream
    const start = paneAt(grid, ts) * grid.paneMs + grid.offsetMs
    if (start + grid.paneMs <= this.#now) this.#amendFrom(one, Math.max(start, this.#now - this.#latenessMs))
  }

  /** Windows that end after `fromMs` are to be emitted again. */
  #amendFrom(one: CaseSeries, fromMs: number): void {
    one.changedLast = this.#now
    if (fromMs >= one.amendFrom) return
    if (one.amendFrom === Number.POSITIVE_INFINITY) {
      this.#amended.push(one)
      one.changedFirst = this.#now
    }
    one.amendFrom = fromMs
  }

  #expireUntil(clockMs: number, { deadlines }: CaseOutput): void {
    for (const table of this.#tables.values()) table.expire(clockMs, deadlines)
  }

  #emitAmended(out: CaseOutput, isDue: (one: CaseSeries) => boolean): void {
    const later: CaseSeries[] = []
    for (const one of this.#amended) {
      if (isDue(one)) this.#emitAgain(out, one)
      else later.push(one)
    }
    this.#amended = later
  }

  /** Emits again what of a key has been emitted and has changed. */
  #emitAgain(out: CaseOutput, one: CaseSeries): void {
    for (const each of one.stream.windows) {
      for (let end = endAfter(each.grid, one.amendFrom); end <= this.#now; end = endAfter(each.grid, end)) {
        this.#emit(out, one, each, end, true)
      }
    }
    one.amendFrom = Number.POSITIVE_INFINITY
  }

  /** Emits the windows of a stream that have ended since a time; returns whether there were any. */
  #emitDue(out: CaseOutput, stream: CaseStream, after: number): boolean {
    let isDue = false
    for (const each of stream.windows) {
      for (let end = endAfter(each.grid, after); end <= this.#now; end = endAfter(each.grid, end)) {
        isDue = true
        for (const one of stream.series.values()) this.#emit(out, one, each, end, false)
      }
    }
    return isDue
  }

  #emit({ points }: CaseOutput, series: CaseSeries, window: StreamWindow, end: number, again: boolean): void {
    const { grid, indicators } = window
    const { place } = series
    const own = series.partial(startOf(grid, end), end)
    const figures = this.#figuresAt(own, indicators[0] as CaseIndicator, place, end)
    const samples = samplesOf(figures)
    if (samples === 0 && !again) return
    for (const indicator of indicators) {
      const value = computeValue(indicator, figures)
      if (value === undefined && !again) continue
      const level = value === undefined ? 0 : this.#levelOf(indicator, place, value, figures)
      points.push({ indicator, place, ts: end, value, level, samples })
    }
  }

  #levelOf(indicator: CaseIndicator, place: Place, value: number, { closed }: CaseFigures): Level {
    return caseLevelOf(indicator, value, closed, this.#levelsAt(indicator, place))
  }

  /** The figures of a key for a window; of an area or of the district, together with those of the other partitions. */
  #figuresAt(own: CasePartial | undefined, indicator: CaseIndicator, place: Place, end: number): CaseFigures {
    const isShared = place.scope === 'area' || place.scope === 'district'
    const others = isShared || !own ? this.#peers.map((peer) => peer.partial(indicator, place, end)) : []
    return figuresOf([own, ...others].filter((part) => part !== undefined))
  }

  /** The key of a place, and the grid of the indicator's windows. */
  #find(indicator: CaseIndicator, place: Place): { series: CaseSeries; grid: Grid } | undefined {
    for (const { stream } of this.#streams) {
      if (stream.scope !== place.scope) continue
      const window = stream.windows.find(({ indicators }) => indicators.includes(indicator))
      const series = window && stream.series.get(placeId(place))
      if (series) return { series, grid: window.grid }
    }
    return undefined
  }

  /** The figures of the window that the clock is in. */
  #currentFigures(series: CaseSeries, grid: Grid, indicator: CaseIndicator): CaseFigures {
    const end = endAfter(grid, this.#now)
    return this.#figuresAt(series.partial(startOf(grid, end), end), indicator, series.place, end)
  }

  #currentOf(one: CaseSeries): readonly CurrentValue[] {
    one.currents ??= one.stream.windows.flatMap(({ grid, indicators }) =>
      indicators.map((indicator) => this.#createCurrent(one, grid, indicator)),
    )
    return one.currents
  }

  #createCurrent(one: CaseSeries, grid: Grid, indicator: CaseIndicator): CurrentValue {
    const { id } = indicator
    const { place } = one
    const { scope, key, group } = place
    return {
      indicator,
      place,
      topic: indicatorTopic(id, scope, key, group),
      read: () => {
        const ts = this.#now
        const figures = this.#currentFigures(one, grid, indicator)
        const samples = samplesOf(figures)
        if (one.isRemoved && samples === 0) return null
        if (ts === Number.NEGATIVE_INFINITY) return undefined
        const value = computeValue(indicator, figures)
        // As of now: a share of cases that are no longer there counts no more.
        if (value === undefined) return null
        const own = { id, scope, key, ...(group === undefined ? {} : { group }) }
        return { ...own, ts, value, level: this.#levelOf(indicator, place, value, figures), samples }
      },
    }
  }
}
