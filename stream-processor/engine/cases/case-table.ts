import { caseTypes } from '@ioc/contract/case-types/table.ts'
import type { Fault } from '../measurement.ts'
import { type CasePlaces, createCasePlaces } from './case-places.ts'
import type { CaseClaim, CaseOutput } from './case-point.ts'
import { createIdIndex } from './id-index.ts'
import { judgeAttributes, judgeTimes } from './judge-case.ts'
import {
  area,
  closed,
  conditions,
  copyVersion,
  createRows,
  device,
  due,
  flags,
  groups,
  incoming,
  intAt,
  makeRoom,
  opened,
  overdueFrom,
  passed,
  setInt,
  setTime,
  timeAt,
  timerPlace,
  ts,
  unsaved,
} from './rows.ts'
import type { CaseKey, SavedCase } from './saved.ts'
import { giveOverdueFrom, giveVersion, type Progress, replaceVersion } from './series.ts'
import type { CasePlan } from './streams.ts'
import { createTimers } from './timers.ts'
import { compareVersions } from './version-order.ts'

export interface CaseCounts {
  /** Cases in memory. */
  cases: number
  open: number
  /** Versions that became the newest of their case. */
  taken: number
  /** Versions that were no newer than what is known. */
  older: number
  /** Versions with a time that was clamped to the arrival. */
  clamped: number
  /** Versions of cases that are not kept, because there are too many. */
  refused: number
}

/** The cases of one type: the newest version of each, and what it gives to the keys that it belongs to. */
export interface CaseTable {
  readonly plan: CasePlan
  readonly places: CasePlaces
  readonly counts: CaseCounts
  take(claim: CaseClaim, arrivalMs: number): readonly Fault[]
  /** Gives out the deadlines that have passed before `clockMs`, and lets go of what no window needs any more. */
  expire(clockMs: number, deadlines: CaseOutput['deadlines']): void
  /** Appends what changed since the last call. */
  changes(cases: SavedCase[], removed: CaseKey[]): void
  remove(key: CaseKey): void
  restore(saved: SavedCase): void
}

export interface TableLimits {
  /** Most cases of a type in memory. */
  readonly maxCases: number
  /** Most keys of a stream. */
  readonly maxKeys: number
}

const noFaults: readonly Fault[] = []
const never = Number.POSITIVE_INFINITY

export function createCaseTable(plan: CasePlan, progress: Progress, limits: TableLimits): CaseTable {
  const rows = createRows(plan.groupBy.length)
  const places = createCasePlaces(plan, rows, limits.maxKeys)
  const timers = createTimers({
    get: (at) => intAt(rows, at, timerPlace),
    set: (at, place) => setInt(rows, at, timerPlace, place),
  })
  const declared = Object.entries(caseTypes[plan.type].attributes).map(([name, { kind }]) => ({ name, kind }))
  const { streams, groupBy } = plan
  const counts: CaseCounts = { cases: 0, open: 0, taken: 0, older: 0, clamped: 0, refused: 0 }
  const index = createIdIndex(rows)
  /** Rows that have been used: the incoming one, those of cases, and those that are free again. */
  let rowCount = 1
  const free: number[] = []
  let changed: number[] = []
  let removed: CaseKey[] = []

  function take(claim: CaseClaim, arrivalMs: number): readonly Fault[] {
    const judged = judgeTimes(claim, arrivalMs, rows)
    if (typeof judged === 'string') return [{ device: claim.device, reason: `case ${claim.case.id}: ${judged}` }]
    if (judged) counts.clamped++
    const site = places.siteOf(claim.site)
    setInt(rows, incoming, device, places.deviceNumber(site, claim.device))
    setInt(rows, incoming, area, places.areaNumber(claim.area))
    const faults = takeAttributes(claim)
    const { id } = claim.case
    const known = index.find(site.number, id)
    if (known < 0) {
      const at = addCase(site.number, id, 0)
      if (at < 0) counts.refused++
      else noteTaken(at)
    } else if (compareVersions(rows, places, incoming, known) > 0) {
      replaceCase(known)
      noteTaken(known)
    } else {
      counts.older++
    }
    return faults
  }

  function takeAttributes(claim: CaseClaim): readonly Fault[] {
    const found: Fault[] = []
    const attributes = judgeAttributes(claim, declared, found)
    for (let at = 0; at < groupBy.length; at++) {
      setInt(rows, incoming, groups + at, places.groupNumber(at, attributes[groupBy[at] as string]))
    }
    let met = 0
    for (let at = 0; at < plan.conditions.length; at++) if (plan.conditions[at]?.(attributes)) met |= 1 << at
    setInt(rows, incoming, conditions, met)
    return found.length === 0 ? noFaults : found
  }

  function noteTaken(at: number): void {
    counts.taken++
    noteUnsaved(at)
  }

  /** @returns where the incoming version is kept now; -1 if there are too many cases */
  function addCase(site: number, id: string, firstFlags: number): number {
    if (counts.cases >= limits.maxCases) return -1
    const at = free.pop() ?? rowCount++
    makeRoom(rows, at)
    index.add(site, id, at)
    setInt(rows, at, flags, firstFlags)
    setInt(rows, at, timerPlace, -1)
    copyVersion(rows, incoming, at)
    counts.cases++
    if (timeAt(rows, at, closed) === never) counts.open++
    give(at, 1)
    timers.set(at, nextTime(at))
    return at
  }

  /** The incoming version takes the place of the one in a row. */
  function replaceCase(at: number): void {
    const wasPassed = intAt(rows, at, flags) & passed
    const samePassed = timeAt(rows, at, due) === timeAt(rows, incoming, due) ? wasPassed : 0
    setInt(rows, incoming, flags, samePassed)
    for (const stream of streams) {
      const before = meets(at, stream.condition) ? places.seriesOf(stream, at) : undefined
      const after = meets(incoming, stream.condition) ? places.seriesOf(stream, incoming) : undefined
      if (before === after) {
        if (after) replaceVersion(after, progress, rows, at, incoming)
      } else {
        if (before) giveVersion(before, progress, rows, at, -1)
        if (after) giveVersion(after, progress, rows, incoming, 1)
      }
    }
    if (timeAt(rows, at, closed) === never) counts.open--
    if (timeAt(rows, incoming, closed) === never) counts.open++
    copyVersion(rows, incoming, at)
    setInt(rows, at, flags, (intAt(rows, at, flags) & unsaved) | samePassed)
    timers.set(at, nextTime(at))
  }

  /** When time alone changes something about the case in a row: its deadline passes, or nothing needs it any more. */
  function nextTime(at: number): number {
    const end = timeAt(rows, at, closed)
    if (end !== never) return Math.max(end, timeAt(rows, at, ts)) + plan.longestMs + progress.latenessMs
    return intAt(rows, at, flags) & passed ? never : overdueFrom(rows, at)
  }

  function noteUnsaved(at: number): void {
    const now = intAt(rows, at, flags)
    if (now & unsaved) return
    setInt(rows, at, flags, now | unsaved)
    changed.push(at)
  }

  const meets = (at: number, condition: number): boolean =>
    condition === 0 || (intAt(rows, at, conditions) & condition) !== 0

  function give(at: number, sign: 1 | -1): void {
    for (const stream of streams) {
      if (!meets(at, stream.condition)) continue
      const one = places.seriesOf(stream, at)
      if (one) giveVersion(one, progress, rows, at, sign)
    }
  }

  function passDeadline(at: number, deadlines: CaseOutput['deadlines']): void {
    setInt(rows, at, flags, intAt(rows, at, flags) | passed)
    noteUnsaved(at)
    for (const stream of streams) {
      if (!meets(at, stream.condition)) continue
      const one = places.seriesOf(stream, at)
      if (one) giveOverdueFrom(one, progress, overdueFrom(rows, at), 1)
    }
    deadlines.push({
      type: plan.type,
      site: places.siteAt(at).name,
      device: places.deviceAt(at),
      id: index.idAt(at),
      due: timeAt(rows, at, due),
    })
  }

  /** Frees a row. What its case gave stays in the panes: there it has been opened and closed, long ago. */
  function freeRow(at: number): CaseKey {
    const site = places.siteAt(at).name
    const id = index.idAt(at)
    index.remove(at)
    setInt(rows, at, flags, 0)
    free.push(at)
    counts.cases--
    if (timeAt(rows, at, closed) === never) counts.open--
    return { type: plan.type, site, id }
  }

  return {
    plan,
    places,
    counts,
    take,
    expire(clockMs, deadlines) {
      while (timers.earliest() < clockMs) {
        const at = timers.pop()
        if (timeAt(rows, at, closed) === never) passDeadline(at, deadlines)
        else removed.push(freeRow(at))
      }
    },
    changes(cases, gone) {
      for (const at of changed) {
        const now = intAt(rows, at, flags)
        if (!(now & unsaved)) continue
        setInt(rows, at, flags, now & ~unsaved)
        cases.push(save(at))
      }
      gone.push(...removed)
      changed = []
      removed = []
    },
    remove({ site, id }) {
      const at = index.find(places.siteOf(site).number, id)
      if (at < 0) return
      timers.set(at, never)
      freeRow(at)
    },
    restore(saved) {
      const site = places.siteOf(saved.site)
      setTime(rows, incoming, opened, saved.opened)
      setTime(rows, incoming, due, saved.due ?? never)
      setTime(rows, incoming, closed, saved.closed ?? never)
      setTime(rows, incoming, ts, saved.ts)
      setInt(rows, incoming, device, places.deviceNumber(site, saved.device))
      setInt(rows, incoming, area, places.areaNumber(saved.area ?? undefined))
      setInt(rows, incoming, conditions, saved.conditions)
      for (const [at, value] of saved.groups.entries()) {
        setInt(rows, incoming, groups + at, places.groupNumber(at, value))
      }
      const known = index.find(site.number, saved.id)
      if (known >= 0) {
        give(known, -1)
        timers.set(known, never)
        freeRow(known)
      }
      addCase(site.number, saved.id, saved.passed ? passed : 0)
    },
  }

  function save(at: number): SavedCase {
    const end = timeAt(rows, at, closed)
    const dueAt = timeAt(rows, at, due)
    return {
      type: plan.type,
      site: places.siteAt(at).name,
      id: index.idAt(at),
      device: places.deviceAt(at),
      area: places.areaAt(at) ?? null,
      opened: timeAt(rows, at, opened),
      due: dueAt === never ? null : dueAt,
      closed: end === never ? null : end,
      ts: timeAt(rows, at, ts),
      groups: places.groupsAt(at),
      conditions: intAt(rows, at, conditions),
      passed: (intAt(rows, at, flags) & passed) !== 0,
    }
  }
}
