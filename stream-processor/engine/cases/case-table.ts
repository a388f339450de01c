import { createTimers, notWaiting } from '../timers.ts'
import { createColumns } from './attribute-columns.ts'
import { type Changes, createChanges, ofDeadline, ofStep, ofVersion } from './case-changes.ts'
import { type CasePlaces, createCasePlaces, type PlaceLimits } from './case-places.ts'
import type { CaseClaim, CaseOutput, CaseRoom, OnFaults } from './case-point.ts'
import { createConditions } from './conditions.ts'
import { createHomes } from './homes.ts'
import { createIdIndex } from './id-index.ts'
import { createIntake, mostIncoming } from './intake.ts'
import type { Dictionary } from './names.ts'
import {
  area,
  beforeChange,
  closed,
  conditions,
  copyVersion,
  createRows,
  device,
  due,
  firstCase,
  flags,
  home,
  intAt,
  intPage,
  intStart,
  intsOf,
  isAlike,
  layoutOf,
  makeRoom,
  opened,
  overdueFrom,
  passed,
  setInt,
  timeAt,
  timerSpan,
  ts,
  used,
} from './rows.ts'
import type { SavedTable } from './saved.ts'
import { putBackRows, rowCountOf, takeChangedPages } from './saved-rows.ts'
import { countIn, type Progress } from './series.ts'
import type { CasePlan, Stream } from './streams.ts'
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
  /** Takes claims from `from` to `to`, which arrived at `arrivalMs`, one after the other; as many new cases as there is room. */
  takeAll(
    claims: readonly CaseClaim[],
    from: number,
    to: number,
    arrivalMs: number,
    onFaults: OnFaults,
    room: CaseRoom,
  ): void
  /** How many cases of a device are in memory. */
  heldOf(site: string, device: string): number
  /** Removes the cases of devices, by `site/device`: they have never been. */
  forget(devices: ReadonlySet<string>): void
  /** Gives out the deadlines that have passed before `clockMs`, and lets go of what no window needs any more. */
  expire(clockMs: number, deadlines: CaseOutput['deadlines']): void
  /** What changed since the last call; it is valid until the next one. */
  changes(): SavedTable
  /** Puts back all that was saved; the table is empty. */
  restore(saved: SavedTable): void
}

export interface TableLimits extends PlaceLimits {
  /** Most cases of a type in memory. */
  readonly maxCases: number
}

const never = Number.POSITIVE_INFINITY

/** So many homes take no memory to speak of, whether there are cases in them or not. */
const fewHomes = 1_000

export function createCaseTable(plan: CasePlan, progress: Progress, limits: TableLimits): CaseTable {
  const rows = createRows(layoutOf(plan.attributes))
  const columns = createColumns(rows)
  const places = createCasePlaces(plan, rows, columns, progress, limits)
  const conditionsMet = createConditions(plan.conditions, columns)
  const timers = createTimers({
    timeOf: nextTime,
    waitsIn: (at) => intAt(rows, at, timerSpan),
    wait: (at, span) => setInt(rows, at, timerSpan, span),
  })
  const { streams } = plan
  /** Attributes that cases are grouped by. */
  const groups = columns.filter((_, index) => streams.some(({ group }) => group === index))
  /** Whole numbers of a row that say for which keys it counts. */
  const homeInts = [device, area, conditions, ...groups.flatMap((column) => intsOf(rows, columns.indexOf(column)))]
  const [changes, takenBack, added] = [createChanges(), createChanges(), createChanges()]
  const homes = createHomes(rows, streams, groups, places)
  const dictionaries: [string, Dictionary][] = Object.entries(places.dictionaries)
  for (const { name, names } of columns) if (names) dictionaries.push([`attribute:${name}`, names])
  const counts: CaseCounts = { cases: 0, open: 0, taken: 0, older: 0, clamped: 0, refused: 0 }
  const index = createIdIndex(rows)
  const intake = createIntake({ rows, index, places, columns, conditionsMet, counts })
  /** Rows that have been used: the incoming ones, those of cases, and those that are free again. */
  let rowCount = firstCase
  const free: number[] = []
  /** Cases in memory, by the number of their device. */
  const held: number[] = []
  /** Nothing of what was saved before holds any more. */
  let isWhole = true

  /** Takes the version in an incoming row. */
  function take(incoming: number, room: CaseRoom): void {
    const known = index.find(incoming, intake.likely[incoming] as number)
    if (known < 0) {
      if (room.left <= 0) room.refused.push(index.idAt(incoming))
      if (room.left > 0 && addCase(incoming)) {
        room.left--
        counts.taken++
      } else {
        counts.refused++
      }
    } else if (compareVersions(rows, places, columns, incoming, known) > 0) {
      replaceCase(known, incoming)
      counts.taken++
    } else {
      counts.older++
    }
  }

  /** @returns whether it is kept: there may be too many cases */
  function addCase(incoming: number): boolean {
    if (counts.cases >= limits.maxCases) return false
    const at = free.pop() ?? rowCount++
    makeRoom(rows, at)
    beforeChange(rows, at)
    index.add(at, incoming)
    setInt(rows, at, flags, used)
    copyVersion(rows, intPage(rows, incoming), intStart(rows, incoming), intPage(rows, at), intStart(rows, at))
    countCase(at)
    return true
  }

  /** Counts the case that is in a row now, for its keys and for what time does to it. */
  function countCase(at: number): void {
    counts.cases++
    hold(intAt(rows, at, device), 1)
    if (timeAt(rows, at, closed) === never) counts.open++
    setInt(rows, at, home, homes.numberAt(at))
    countAll(at, ofVersion(changes, rows, at, 1))
    setInt(rows, at, timerSpan, notWaiting)
    timers.set(at)
  }

  function hold(deviceNumber: number, change: 1 | -1): void {
    held[deviceNumber] = (held[deviceNumber] ?? 0) + change
  }

  /** The incoming version takes the place of the one in a row. */
  function replaceCase(at: number, incoming: number): void {
    beforeChange(rows, at)
    const known = intPage(rows, at)
    const knownAt = intStart(rows, at)
    const newer = intPage(rows, incoming)
    const newerAt = intStart(rows, incoming)
    const sameDue = isAlike(known, knownAt, newer, newerAt, due * 2, due * 2 + 2)
    const sameTimes = isAlike(known, knownAt, newer, newerAt, opened * 2, ts * 2)
    const samePassed = sameDue ? (known[knownAt + flags] as number) & passed : 0
    newer[newerAt + flags] = samePassed
    hold(known[knownAt + device] as number, -1)
    hold(newer[newerAt + device] as number, 1)
    if (!countsForSame(known, knownAt, newer, newerAt)) {
      newer[newerAt + home] = homes.numberAt(incoming)
      recount(at, incoming)
    } else {
      newer[newerAt + home] = known[knownAt + home] as number
      if (!sameTimes) recountTimes(at, incoming)
    }
    copyVersion(rows, newer, newerAt, known, knownAt)
    known[knownAt + flags] = used | samePassed
    // How long a closed case stays depends on its newest version as well.
    if (!sameTimes || timeAt(rows, at, closed) !== never) timers.set(at)
  }

  /** Whether two versions count for the same keys. */
  function countsForSame(left: Int32Array, leftAt: number, right: Int32Array, rightAt: number): boolean {
    for (const at of homeInts) if (left[leftAt + at] !== right[rightAt + at]) return false
    return true
  }

  /** What the times in a row gave to its keys is taken back, and what the incoming ones give to them is added. */
  function recountTimes(at: number, incoming: number): void {
    countAll(at, ofStep(changes, rows, at, incoming))
    countOpen(at, incoming)
  }

  /** What the version in a row gave is taken back, and what the incoming one gives is added. */
  function recount(at: number, incoming: number): void {
    ofStep(changes, rows, at, incoming)
    ofVersion(takenBack, rows, at, -1)
    ofVersion(added, rows, incoming, 1)
    const firstBefore = firstSeries(at)
    const firstAfter = firstSeries(incoming)
    for (const [index, stream] of streams.entries()) {
      const before = homes.series[firstBefore + index] as number
      const after = homes.series[firstAfter + index] as number
      if (before === after) {
        if (after >= 0) countIn(after, stream, progress, changes)
      } else {
        if (before >= 0) countIn(before, stream, progress, takenBack)
        if (after >= 0) countIn(after, stream, progress, added)
      }
    }
    countOpen(at, incoming)
  }

  /** The incoming version takes the place of the one in a row among those that are open. */
  function countOpen(at: number, incoming: number): void {
    if (timeAt(rows, at, closed) === never) counts.open--
    if (timeAt(rows, incoming, closed) === never) counts.open++
  }

  /** When time alone changes something about the case in a row: its deadline passes, or nothing needs it any more. */
  function nextTime(at: number): number {
    if ((intAt(rows, at, flags) & used) === 0) return never
    const end = timeAt(rows, at, closed)
    if (end !== never) return Math.max(end, timeAt(rows, at, ts)) + plan.longestMs + progress.latenessMs
    return intAt(rows, at, flags) & passed ? never : overdueFrom(rows, at)
  }

  /** Where the series of the case in a row start. */
  const firstSeries = (at: number): number => intAt(rows, at, home) * streams.length

  /** Homes that no case is in any more are forgotten once there are more of them than others. */
  function forgetHomes(): void {
    if (homes.count() <= 2 * counts.cases + fewHomes) return
    homes.clear()
    for (let at = firstCase; at < rowCount; at++) {
      if ((intAt(rows, at, flags) & used) !== 0) setInt(rows, at, home, homes.numberAt(at))
    }
  }

  /** Counts the same changes in all series of the case in a row. */
  function countAll(at: number, all: Changes): void {
    if (all.used === 0) return
    const first = firstSeries(at)
    for (let index = 0; index < streams.length; index++) {
      const number = homes.series[first + index] as number
      if (number >= 0) countIn(number, streams[index] as Stream, progress, all)
    }
  }

  function passDeadline(at: number, deadlines: CaseOutput['deadlines']): void {
    beforeChange(rows, at)
    setInt(rows, at, flags, intAt(rows, at, flags) | passed)
    countAll(at, ofDeadline(changes, rows, at))
    deadlines.push({
      type: plan.type,
      site: places.siteAt(at).name,
      device: places.deviceAt(at),
      id: index.idAt(at),
      due: timeAt(rows, at, due),
    })
  }

  /** Frees a row. What its case added to the panes stays there, unless it was retracted. */
  function freeRow(at: number): void {
    index.remove(at)
    hold(intAt(rows, at, device), -1)
    beforeChange(rows, at)
    setInt(rows, at, flags, 0)
    free.push(at)
    counts.cases--
  }

  return {
    plan,
    places,
    counts,
    heldOf(site, name) {
      const number = places.knownDevice(site, name)
      return number === undefined ? 0 : (held[number] ?? 0)
    },
    takeAll(claims, from, to, arrivalMs, onFaults, room) {
      for (let start = from; start < to; start += mostIncoming) {
        const count = intake.read(claims, start, Math.min(start + mostIncoming, to), arrivalMs, onFaults)
        for (let incoming = 0; incoming < count; incoming++) take(incoming, room)
      }
    },
    forget(devices) {
      for (let at = firstCase; at < rowCount; at++) {
        if ((intAt(rows, at, flags) & used) === 0) continue
        if (!devices.has(`${places.siteAt(at).name}/${places.deviceAt(at)}`)) continue
        countAll(at, ofVersion(takenBack, rows, at, -1))
        if (timeAt(rows, at, closed) === never) counts.open--
        freeRow(at)
      }
    },
    expire(clockMs, deadlines) {
      for (let at = timers.take(clockMs); at >= 0; at = timers.take(clockMs)) {
        if (timeAt(rows, at, closed) === never) passDeadline(at, deadlines)
        else freeRow(at)
      }
      forgetHomes()
    },
    changes() {
      const names = dictionaries.map(([dictionary, one]) => ({ dictionary, ...one.takeNew() }))
      const saved = {
        type: plan.type,
        attributes: plan.attributes,
        whole: isWhole,
        names: names.filter((added) => added.names.length > 0),
        pages: takeChangedPages(rows, index.othersIn),
      }
      isWhole = false
      return saved
    },
    restore(saved) {
      for (const [dictionary, one] of dictionaries) {
        for (const { names } of saved.names.filter((each) => each.dictionary === dictionary)) one.putBack(names)
      }
      isWhole = !putBackRows(rows, saved)
      if (!isWhole) for (const [, one] of dictionaries) one.takeNew()
      const others = new Map(saved.pages.flatMap(({ ids }) => ids))
      rowCount = rowCountOf(rows)
      for (let at = rowCount - 1; at >= firstCase; at--) {
        if ((intAt(rows, at, flags) & used) === 0) {
          free.push(at)
          continue
        }
        index.putBack(at, others.get(at))
        setInt(rows, at, conditions, conditionsMet(at))
        countCase(at)
      }
    },
  }
}
