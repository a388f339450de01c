import { isDeepStrictEqual } from 'node:util'
import { type Place, placeId, placeOf } from '../place.ts'
import { Timers } from '../timers.ts'
import { Attributes } from './attributes.ts'
import { type CaseEvent, eventsBeyond, eventsOf } from './case-events.ts'
import type { CasePlan, CaseStream } from './case-plan.ts'
import type { CaseClaim, CaseOutput, CaseRoom } from './case-point.ts'
import { CaseSeries } from './case-series.ts'
import { type CaseVersion, compareVersions, never, overdueFrom, validateCase } from './case-version.ts'
import { pageOf, type SavedTable } from './saved.ts'

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

export interface TableLimits {
  /** Most cases of a type in memory. */
  readonly maxCases: number
  /** Most keys of a stream. */
  readonly maxKeys: number
  /** Most devices that are told apart; those beyond are one of their site, `+`. */
  readonly maxDevices: number
}

export interface TableOptions extends TableLimits {
  readonly plan: CasePlan
  /** How long after its end a window is amended, in ms. */
  readonly latenessMs: number
  /** A key of a stream has one event more, or one less. */
  readonly onEvent: (series: CaseSeries, event: CaseEvent) => void
}

interface Case {
  /** By which it is saved. */
  readonly number: number
  version: CaseVersion
  /** The keys that it counts for. */
  series: readonly CaseSeries[]
  isGone: boolean
}

const otherDevices = '+'

/** The cases of one type: the newest version of each. What changes is emitted to the keys of the streams, as events. */
export class CaseTable {
  readonly plan: CasePlan
  readonly counts: CaseCounts = { cases: 0, open: 0, taken: 0, older: 0, clamped: 0, refused: 0 }
  /** Events of keys that are not kept, because there are too many. */
  keysRefused = 0
  readonly #options: TableOptions
  readonly #attributes: Attributes
  /** By site, then by id. */
  readonly #cases = new Map<string, Map<string, Case>>()
  /** How many cases each device has in memory, as `site/device`. */
  readonly #held = new Map<string, number>()
  /** When time alone changes something about a case: its deadline passes, or no window needs it any more. */
  readonly #timers = new Timers<Case>((one) => this.#nextTime(one))
  #nextNumber = 0
  /** Cases by the page in which they are saved, and pages that have changed since they were. */
  readonly #pages = new Map<number, Set<Case>>()
  readonly #dirty = new Set<number>()

  constructor(options: TableOptions) {
    this.plan = options.plan
    this.#options = options
    this.#attributes = new Attributes(options.plan.attributes)
  }

  /** Takes a version of a case, which arrived at `arrivalMs`; returns what is wrong with it. */
  take(claim: CaseClaim, arrivalMs: number, room: CaseRoom): readonly string[] {
    const { version, isClamped, faults } = validateCase(claim, this.#attributes, arrivalMs)
    if (!version) return faults
    if (isClamped) this.counts.clamped++
    const known = this.#cases.get(version.site)?.get(version.id)
    if (!known) this.#takeNew(version, room)
    else this.#takeNewer(known, this.#withKnownDevice(version))
    return faults
  }

  #takeNew(version: CaseVersion, room: CaseRoom): void {
    if (room.left <= 0) room.refused.push(version.id)
    if (room.left <= 0 || this.counts.cases >= this.#options.maxCases) {
      this.counts.refused++
      return
    }
    room.left--
    this.counts.taken++
    this.#touch(this.#add(this.#nextNumber++, this.#withKnownDevice(version)))
  }

  #takeNewer(known: Case, version: CaseVersion): void {
    const before = known.version
    if (compareVersions(this.#attributes, version, before) <= 0) {
      this.counts.older++
      return
    }
    this.counts.taken++
    this.#replace(known, { ...version, passed: before.passed && version.due === before.due })
    this.#timers.set(known)
  }

  /** Devices beyond the limit are one of their site. */
  #withKnownDevice(version: CaseVersion): CaseVersion {
    const isKnown = this.#held.has(`${version.site}/${version.device}`)
    return isKnown || this.#held.size < this.#options.maxDevices ? version : { ...version, device: otherDevices }
  }

  #add(number: number, version: CaseVersion): Case {
    const one: Case = { number, version, series: this.#seriesOf(version), isGone: false }
    const ofSite = this.#cases.get(version.site) ?? new Map<string, Case>()
    this.#cases.set(version.site, ofSite)
    ofSite.set(version.id, one)
    const page = this.#pages.get(pageOf(number)) ?? new Set<Case>()
    this.#pages.set(pageOf(number), page.add(one))
    this.#count(version, 1)
    this.#emit(one.series, eventsOf(version), 1)
    this.#timers.set(one)
    return one
  }

  #replace(one: Case, version: CaseVersion): void {
    const { version: before, series: seriesBefore } = one
    const series = isAtSameKeys(before, version) ? seriesBefore : this.#seriesOf(version)
    const [eventsBefore, events] = [eventsOf(before), eventsOf(version)]
    const both = series.filter((each) => seriesBefore.includes(each))
    this.#emit(both, eventsBeyond(eventsBefore, events), -1)
    this.#emit(both, eventsBeyond(events, eventsBefore), 1)
    this.#emit(
      seriesBefore.filter((each) => !both.includes(each)),
      eventsBefore,
      -1,
    )
    this.#emit(
      series.filter((each) => !both.includes(each)),
      events,
      1,
    )
    this.#count(before, -1)
    this.#count(version, 1)
    one.version = version
    one.series = series
    this.#touch(one)
  }

  /** A case has changed: its page is to be saved. */
  #touch({ number }: Case): void {
    this.#dirty.add(pageOf(number))
  }

  /** Removes a case. What it added to its keys stays, unless it was retracted. */
  #remove(one: Case): void {
    const { site, id } = one.version
    const ofSite = this.#cases.get(site)
    ofSite?.delete(id)
    if (ofSite?.size === 0) this.#cases.delete(site)
    one.isGone = true
    this.#count(one.version, -1)
    const page = this.#pages.get(pageOf(one.number))
    page?.delete(one)
    if (page?.size === 0) this.#pages.delete(pageOf(one.number))
    this.#touch(one)
  }

  #count({ site, device, closed }: CaseVersion, by: 1 | -1): void {
    this.counts.cases += by
    if (closed === never) this.counts.open += by
    const key = `${site}/${device}`
    const held = (this.#held.get(key) ?? 0) + by
    if (held === 0) this.#held.delete(key)
    else this.#held.set(key, held)
  }

  #emit(series: readonly CaseSeries[], events: readonly CaseEvent[], sign: 1 | -1): void {
    for (const one of series) {
      for (const event of events) {
        one.add(event, sign)
        this.#options.onEvent(one, event)
      }
    }
  }

  #seriesOf(version: CaseVersion): readonly CaseSeries[] {
    return this.plan.streams.flatMap((stream) => this.#seriesIn(stream, version) ?? [])
  }

  /** The key of a stream that a case counts for; `undefined` if it counts for none, or there are too many keys. */
  #seriesIn(stream: CaseStream, { site, device, area, attributes }: CaseVersion): CaseSeries | undefined {
    const { scope, by, where } = stream
    if (where && !where(attributes)) return undefined
    const group = by === undefined ? undefined : this.#attributes.groupOf(by, attributes)
    // Cases of one site may be in several areas.
    const place = placeOf(scope, { site, device, area: scope === 'area' ? area : undefined }, group)
    return place && this.seriesAt(stream, place)
  }

  /** The key of a place, which is made where it is new; `undefined` if there are too many. */
  seriesAt(stream: CaseStream, place: Place): CaseSeries | undefined {
    const known = stream.series.get(placeId(place))
    if (known) return known
    if (stream.series.size >= this.#options.maxKeys) {
      this.keysRefused++
      return undefined
    }
    const made = new CaseSeries(stream, place)
    stream.series.set(placeId(place), made)
    return made
  }

  #nextTime({ version, isGone }: Case): number {
    if (isGone) return never
    const { closed, ts, passed } = version
    if (closed !== never) return Math.max(closed, ts) + this.plan.longestMs + this.#options.latenessMs
    return passed ? never : overdueFrom(version)
  }

  /** How many cases of a device are in memory. */
  heldOf(site: string, device: string): number {
    return this.#held.get(`${site}/${device}`) ?? 0
  }

  /** Emits the deadlines that have passed before `clockMs`, and evicts what no window needs any more. */
  expire(clockMs: number, deadlines: CaseOutput['deadlines']): void {
    for (let one = this.#timers.take(clockMs); one; one = this.#timers.take(clockMs)) {
      const { site, device, id, due, closed } = one.version
      if (closed !== never) {
        this.#remove(one)
        continue
      }
      this.#replace(one, { ...one.version, passed: true })
      deadlines.push({ type: this.plan.type, site, device, id, due })
    }
  }

  /** Removes the cases of devices, by `site/device`: they have never been. */
  forget(devices: ReadonlySet<string>): void {
    for (const ofSite of [...this.#cases.values()]) {
      for (const one of [...ofSite.values()]) {
        if (!devices.has(`${one.version.site}/${one.version.device}`)) continue
        this.#emit(one.series, eventsOf(one.version), -1)
        this.#remove(one)
      }
    }
  }

  /** What changed since the last call. Versions never change: what was taken stays as it was. */
  changes(): SavedTable {
    const pages = [...this.#dirty].map((page) => {
      const cases = [...(this.#pages.get(page) ?? [])].map(({ number, version }) => [number, version] as const)
      return { page, cases }
    })
    this.#dirty.clear()
    return { type: this.plan.type, pages }
  }

  /** Restores all that was saved; the table is empty. */
  restore({ pages }: SavedTable): void {
    for (const [number, version] of pages.flatMap(({ cases }) => cases)) {
      const attributes = this.#attributes.restore(version.attributes)
      const one = this.#add(number, { ...version, attributes })
      if (!isDeepStrictEqual(attributes, version.attributes)) this.#touch(one)
      this.#nextNumber = Math.max(this.#nextNumber, number + 1)
    }
  }
}

/** Whether two versions of a case count for the same keys. */
function isAtSameKeys(left: CaseVersion, right: CaseVersion): boolean {
  if (left.device !== right.device || left.area !== right.area) return false
  return Object.keys(left.attributes).every((name) => left.attributes[name] === right.attributes[name])
}
