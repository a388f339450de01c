import { caseTypes } from '@ioc/contract/case-types/table.ts'
import { indicatorTopic } from '@ioc/contract/topics.ts'
import type { CaseFigures, CaseIndicator } from '../../indicators/case-indicator.ts'
import { declaredLevels, type LevelsAt, levelOf } from '../../indicators/level.ts'
import { isAmendmentDue } from '../amendments.ts'
import { computeValue } from '../compute-value.ts'
import type { CaseValues } from '../indicator-engine.ts'
import { feedOfQueue, type LiveFeed } from '../live-turns.ts'
import { OnceQueue } from '../once-queue.ts'
import type { CaseClaim, CaseOutput, CasePlace, CaseRoom, CurrentValue, OnFaults } from './case-point.ts'
import { type CaseCounts, type CaseTable, createCaseTable, type TableLimits } from './case-table.ts'
import { type CasePartial, figuresOf, figuresOfPanes, partialOf, samplesOf } from './figures.ts'
import { fold } from './panes.ts'
import type { CaseChanges } from './saved.ts'
import { amendFrom, nameOf, type Progress, type Series } from './series.ts'
import { type CaseTypes, nameIndicators, planCases, type Stream, type StreamWindow } from './streams.ts'
import { createTallies } from './tallies.ts'
import { endAfter, startOf, type WindowGrid } from './window-ends.ts'

export interface CasesOptions extends Partial<TableLimits> {
  /** How long after its end a window is given out again when its cases change, in ms, by the clock. */
  readonly latenessMs: number
  /** The types of cases that there are. */
  readonly types?: CaseTypes
  /** The levels in force at a place; without it those that are declared. */
  readonly levelsAt?: LevelsAt
}

/**
 * A case takes about 150 bytes, as much again where it changes while it is being saved, and what its panes take. Keys are
 * those of indicators that share panes.
 */
const defaultLimits: TableLimits = { maxCases: 4_000_000, maxKeys: 100_000, maxDevices: 200_000 }

/**
 * Cases and their indicators. Time is a clock that is handed in: a window is due when the clock reaches its end, for
 * every key that has a case in it, and deadlines pass by themselves. Until `latenessMs` after its end a window follows
 * its cases: it is given out again under the same timestamp; what comes later counts in the windows after it.
 *
 * A closed case leaves memory when no window needs it: the longest window and the lateness after it was closed, or after
 * its newest version where that is later. An older version that comes even later would be taken for a new case, and an
 * indicator with a longer window than there was before does not see the cases that have left by then.
 */
export interface Cases extends CaseValues {
  /** Whether a type is one of cases. */
  isDeclared(type: string): boolean
  /** Takes versions of cases that have arrived together, in their order, and as many new cases as there is room for. */
  takeAll(claims: readonly CaseClaim[], arrivalMs: number, onFaults: OnFaults, room?: CaseRoom): void
  /** How many cases are in memory: of all devices, or of one. */
  held(of?: { readonly site: string; readonly device: string }): number
  /** Removes the cases of devices, by `site/device`, and what is live of them and of a site that has no others. */
  forget(devices: ReadonlySet<string>, emptySite: string | undefined): void
  /**
   * Moves the clock, and appends the windows that have ended and the deadlines that have passed. A clock that goes back
   * stands still. All windows in between are given out: a long way is better gone in steps.
   */
  advance(clockMs: number, out: CaseOutput): void
  /** Applies the deadlines that have passed, and appends them: between this and the next `takeAll` figures are consistent. */
  expire(out: CaseOutput): void
  /**
   * Appends the emitted windows that have changed since, each once.
   * @param clockMs time of the clock; windows for which more changes are expected then wait, unless they settle
   * @param isCatchingUp whether a backlog is being read
   * @param hasRoom called before the windows of each key; while it returns false, they wait for the next call
   * @returns whether due windows are left
   */
  flush(out: CaseOutput, clockMs?: number, isCatchingUp?: boolean, hasRoom?: () => boolean): boolean
  /** What the live topics show, for all keys. */
  current(): CurrentValue[]
  /** Appends what the live topics show of at most so many keys that may have changed since they were last taken. */
  readonly takeLive: LiveFeed
  /** What the cases of a key give to the window that ends at `end`, in ms: to be added to those of other partitions. */
  partial(indicator: CaseIndicator, place: CasePlace, end: number): CasePartial | undefined
  /** The clock, in ms; minus infinity before the first `advance`. */
  readonly now: number
  /** The cases of other partitions: areas and the district are those of all of them. */
  setPeers(peers: readonly Cases[]): void
  /**
   * What changed since the last call, which is to have been saved by then: it is valid until the next call. That is to
   * come now and then: until then changes are kept in mind.
   */
  changes(): CaseChanges
  /**
   * Puts back all that was saved, before anything is taken. Where it was saved under other indicators, or types that
   * declared other attributes, all cases are there still, and the windows of the last `latenessMs` are given out again;
   * deadlines that have passed do not pass again.
   */
  restore(saved: CaseChanges): void
  /** For gauges, over all types. */
  counts(): CaseCounts & { readonly keys: number; readonly keysRefused: number }
}

const endless = (): CaseRoom => ({ left: Number.POSITIVE_INFINITY, refused: [] })

export function createCases(
  indicators: readonly CaseIndicator[],
  { latenessMs, types = caseTypes, levelsAt = declaredLevels, ...limits }: CasesOptions,
): Cases {
  const tallies = createTallies()
  const progress: Progress = {
    now: Number.NEGATIVE_INFINITY,
    latenessMs,
    tallies,
    amended: [],
    touched: new OnceQueue(),
  }
  const plans = planCases(indicators, types)
  const named = nameIndicators(indicators)
  const tables = new Map<string, CaseTable>(
    plans.map((plan) => [plan.type, createCaseTable(plan, progress, { ...defaultLimits, ...limits })]),
  )
  const streams = plans.flatMap((plan) => plan.streams.map((stream) => ({ plan, stream })))
  let peers: readonly Cases[] = []
  /** The clock before the last `advance`, in ms: windows that ended since were published by it. */
  let before = Number.POSITIVE_INFINITY

  /** Windows that the last `advance` published are known, however far it went. */
  const settledMs = (): number => Math.min(progress.now - latenessMs, before)

  /** The figures of a key; of an area or of the district, together with those of the other partitions. */
  function figuresAt({ panes, place }: Series, grid: WindowGrid, indicator: CaseIndicator, end: number): CaseFigures {
    const from = startOf(grid, end)
    const spans = place.scope === 'area' || place.scope === 'district'
    const others = spans ? peers.map((peer) => peer.partial(indicator, place, end)) : []
    const found = others.filter((other) => other !== undefined)
    return found.length === 0 ? figuresOfPanes(panes, from, end) : figuresOf([partialOf(panes, from, end), ...found])
  }

  /** The series of a place, and the grid of the indicator's windows. */
  function find(indicator: CaseIndicator, place: CasePlace): { one: Series; grid: WindowGrid } | undefined {
    for (const { stream } of streams) {
      if (stream.scope !== place.scope) continue
      const window = stream.windows.find(({ indicators: of }) => of.includes(indicator))
      const one = window && stream.byName.get(nameOf(place))
      if (one) return { one, grid: window.grid }
    }
    return undefined
  }

  function give(
    { points }: CaseOutput,
    one: Series,
    { grid, indicators: of }: StreamWindow,
    end: number,
    again: boolean,
  ) {
    const figures = figuresAt(one, grid, of[0] as CaseIndicator, end)
    const samples = samplesOf(figures)
    if (samples === 0 && !again) return
    for (const indicator of of) {
      const value = computeValue(indicator, figures)
      if (value === undefined && !again) continue
      const level = value === undefined ? 0 : levelOf(value, levelsAt(indicator, one.place))
      points.push({ indicator, place: one.place, ts: end, value, level, samples })
    }
  }

  /** Gives out again what of a key has been given out and has changed. */
  function giveAgain(out: CaseOutput, one: Series): void {
    for (const each of one.stream.windows) {
      for (let end = endAfter(each.grid, one.amendFrom); end <= progress.now; end = endAfter(each.grid, end)) {
        give(out, one, each, end, true)
      }
    }
    one.amendFrom = Number.POSITIVE_INFINITY
  }

  function giveDue(out: CaseOutput, stream: Stream, after: number, clockMs: number): boolean {
    let due = false
    for (const each of stream.windows) {
      for (let end = endAfter(each.grid, after); end <= clockMs; end = endAfter(each.grid, end)) {
        due = true
        for (const one of stream.series) give(out, one, each, end, false)
      }
    }
    return due
  }

  function expire(clockMs: number, out: CaseOutput): void {
    for (const table of tables.values()) table.expire(clockMs, out.deadlines)
  }

  function giveAmended(out: CaseOutput, which: (one: Series) => boolean): void {
    const later: Series[] = []
    for (const one of progress.amended) {
      if (which(one)) giveAgain(out, one)
      else later.push(one)
    }
    progress.amended = later
  }

  function restoreAmended(amended: CaseChanges['amended']): void {
    for (const { stream: id, place, fromMs } of amended) {
      const found = streams.find(({ stream }) => stream.id === id)
      const one = found && tables.get(found.plan.type)?.places.seriesAt(found.stream, place)
      if (one) amendFrom(one, progress, fromMs)
    }
  }

  function amendAll(fromMs: number): void {
    for (const { stream } of streams) for (const one of stream.series) amendFrom(one, progress, fromMs)
  }

  function currentOf(one: Series): readonly CurrentValue[] {
    one.currents ??= one.stream.windows.flatMap(({ grid, indicators: of }) =>
      of.map((indicator) => createCurrent(one, grid, indicator)),
    )
    return one.currents
  }

  function createCurrent(one: Series, grid: WindowGrid, indicator: CaseIndicator): CurrentValue {
    const { id } = indicator
    const { place } = one
    const { scope, key, group } = place
    return {
      indicator,
      place,
      topic: indicatorTopic(id, scope, key, group),
      read() {
        const { now: ts } = progress
        const figures = figuresAt(one, grid, indicator, endAfter(grid, ts))
        const samples = samplesOf(figures)
        if (one.isRemoved && samples === 0) return null
        const value = computeValue(indicator, figures)
        if (value === undefined || ts === Number.NEGATIVE_INFINITY) return undefined
        const own = { id, scope, key, ...(group === undefined ? {} : { group }) }
        return { ...own, ts, value, level: levelOf(value, levelsAt(indicator, place)), samples }
      },
    }
  }

  function takeAll(claims: readonly CaseClaim[], arrivalMs: number, onFaults: OnFaults, room = endless()): void {
    let from = 0
    while (from < claims.length) {
      const { type, device, case: one } = claims[from] as CaseClaim
      let to = from + 1
      const table = tables.get(type)
      if (table) {
        while (claims[to]?.type === type) to++
        table.takeAll(claims, from, to, arrivalMs, onFaults, room)
      } else {
        onFaults(from, [{ device, reason: `case ${one.id}: ${type} is not a declared case type` }])
      }
      from = to
    }
  }

  return {
    get now() {
      return progress.now
    },
    setPeers(others) {
      peers = others
    },
    isDeclared: (type) => tables.has(type),
    takeAll,
    held(of) {
      let sum = 0
      for (const table of tables.values()) sum += of ? table.heldOf(of.site, of.device) : table.counts.cases
      return sum
    },
    forget(devices, emptySite) {
      for (const table of tables.values()) table.forget(devices)
      for (const { stream } of streams) {
        for (const one of stream.series) {
          const { scope, key } = one.place
          if (!(scope === 'device' ? devices.has(key) : scope === 'site' && key === emptySite)) continue
          one.isRemoved = true
          // Values that were emitted before are history, and stay.
          one.amendFrom = Number.POSITIVE_INFINITY
          progress.touched.add(one.number)
        }
      }
      progress.amended = progress.amended.filter(({ amendFrom: from }) => from !== Number.POSITIVE_INFINITY)
    },
    advance(clockMs, out) {
      if (!(clockMs > progress.now)) return
      expire(clockMs, out)
      // These windows have seen all that they may see; what is taken from now on is too late for them.
      giveAmended(out, ({ amendFrom: from }) => from < clockMs - latenessMs)
      const after = Number.isFinite(progress.now) ? progress.now : clockMs - latenessMs
      before = after
      progress.now = clockMs
      // Other partitions, which may be behind, ask for what they may still amend.
      const slowest = Math.min(clockMs, ...peers.map(({ now }) => now))
      for (const { plan, stream } of streams) {
        if (!giveDue(out, stream, after, clockMs)) continue
        for (const one of stream.series) {
          fold(one.panes, Math.min(slowest - latenessMs, settledMs()) - plan.longestMs)
          progress.touched.add(one.number)
        }
      }
    },
    expire: (out) => expire(progress.now, out),
    flush(out, clockMs = Number.POSITIVE_INFINITY, isCatchingUp = false, hasRoom = () => true) {
      expire(progress.now, out)
      let isLeft = false
      giveAmended(out, ({ amendFrom: from, changedFirst, changedLast }) => {
        if (from < clockMs - latenessMs) return true
        if (!isAmendmentDue(changedFirst, changedLast, clockMs, isCatchingUp)) return false
        if (hasRoom()) return true
        isLeft = true
        return false
      })
      return isLeft
    },
    current: () => streams.flatMap(({ stream }) => stream.series.flatMap(currentOf)),
    takeLive: feedOfQueue(progress.touched, (number) => currentOf(tallies.series[number] as Series)),
    partial(indicator, place, end) {
      const found = find(indicator, place)
      return found && partialOf(found.one.panes, startOf(found.grid, end), end)
    },
    settledMs,
    knows(indicator, place) {
      const found = find(indicator, place)
      if (!found) return false
      const { one, grid } = found
      return !one.isRemoved || samplesOf(figuresAt(one, grid, indicator, endAfter(grid, progress.now))) > 0
    },
    valueAt(indicator, place, ts) {
      const found = find(indicator, place)
      const figures = found
        ? figuresAt(found.one, found.grid, indicator, ts)
        : figuresOf(peers.map((peer) => peer.partial(indicator, place, ts)).filter((part) => part !== undefined))
      const samples = samplesOf(figures)
      const value = samples === 0 ? undefined : computeValue(indicator, figures)
      return value === undefined ? undefined : { ts, value, level: levelOf(value, levelsAt(indicator, place)), samples }
    },
    changes() {
      const amended = progress.amended.map((one) => {
        return { stream: one.stream.id, place: one.place, fromMs: one.amendFrom }
      })
      const clock = Number.isFinite(progress.now) ? progress.now : null
      return { clock, indicators: named, amended, tables: [...tables.values()].map((table) => table.changes()) }
    },
    restore(saved) {
      progress.now = saved.clock ?? Number.NEGATIVE_INFINITY
      for (const table of saved.tables) tables.get(table.type)?.restore(table)
      // What is put back has been given out.
      for (const one of progress.amended) one.amendFrom = Number.POSITIVE_INFINITY
      progress.amended = []
      if (saved.indicators === named) restoreAmended(saved.amended)
      else if (saved.clock !== null) amendAll(saved.clock - latenessMs)
    },
    counts() {
      const sum = { cases: 0, open: 0, taken: 0, older: 0, clamped: 0, refused: 0 }
      let keysRefused = 0
      for (const { counts, places } of tables.values()) {
        for (const name of Object.keys(sum) as (keyof CaseCounts)[]) sum[name] += counts[name]
        keysRefused += places.refused()
      }
      return { ...sum, keys: streams.reduce((total, { stream }) => total + stream.series.length, 0), keysRefused }
    },
  }
}
