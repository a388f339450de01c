import type { LiveIndicator } from '@ioc/contract/messages/live.ts'
import { groupTag } from '@ioc/contract/names.ts'
import { indicatorTopic } from '@ioc/contract/topics.ts'
import type { CaseIndicator } from '../indicators/case-indicator.ts'
import type { AnyIndicator, Indicator, MeasuredIndicator } from '../indicators/indicator.ts'
import { declaredLevels, type LevelsAt } from '../indicators/level.ts'
import { Derived, type DerivedState } from './derived.ts'
import { grown } from './grown.ts'
import { type CurrentValue, IndicatorStream } from './indicator-stream.ts'
import type { LiveSource } from './live-source.ts'
import { feedOf, type LiveFeed } from './live-turns.ts'
import type { Measurement } from './measurement.ts'
import type { IndicatorPoint, Sink } from './output.ts'
import { type Origin, type Place, placeId, placeOf } from './place.ts'
import { planStreams, type StreamPlan, withInputs } from './plan.ts'
import type { Input } from './windows/panes/layout.ts'
import { NodeCache } from './windows/panes/node-cache.ts'
import type { NodeArchive } from './windows/panes/node-store.ts'
import type { SavedWindows, WindowChanges } from './windows/windows.ts'

export interface IndicatorEngineOptions {
  readonly indicators: readonly Indicator[]
  /** Whether every device type is rolled up by the hour and by the day. */
  readonly rollups: boolean
  /** How much later than the newest of its series an event may be and still amend windows, in ms. */
  readonly latenessMs: number
  /** How long a series is quiet before the clock closes its windows, in ms. */
  readonly idleMs: number
  /** How long a quiet series is kept, in ms. */
  readonly forgetMs: number
  /** Room for closed nodes in memory, over all streams, in MB. */
  readonly cacheMb: number
  /** Series of a stream that are kept; events of more are not counted in any. */
  readonly maxSeries: number
  /** Closed nodes of a stream that were saved. */
  readonly archiveOf: (streamId: string) => NodeArchive
  /** The levels in force at a place; without it those that are declared. */
  readonly levelsAt?: LevelsAt
}

/** What derived indicators take of cases. */
export interface CaseValues {
  /** The value of a key for the window that ends at a time after `settledMs`. */
  valueAt(indicator: CaseIndicator, place: Place, ts: number): CurrentValue | undefined
  /** Whether an indicator has a key, and it was not removed. */
  knows(indicator: CaseIndicator, place: Place): boolean
  /** Windows that end until then are not known any more, in ms. */
  settledMs(): number
}

/** Where one device's measurements go that say themselves which series is theirs. */
interface Chosen {
  readonly origin: Origin
  readonly streams: readonly { readonly stream: IndicatorStream; readonly groups: Map<string, number> }[]
}

/** What the measurements of one type of device go to. */
interface Source {
  readonly direct: IndicatorStream[]
  /** Streams where the measurement itself says which series. */
  readonly chosen: IndicatorStream[]
  readonly inputs: readonly Input[]
  /** Attributes by whose values these choose. */
  readonly grouping: string[]
}

/** Series that are gone, and what was live of them: a read gives a value only where it is back. */
export interface GoneSeries {
  readonly series: number
  readonly sources: readonly LiveSource[]
}

export interface IndicatorChanges {
  readonly streams: readonly WindowChanges[]
  readonly derived: readonly {
    readonly id: string
    readonly states: readonly DerivedState[]
    /** Places that are gone. */
    readonly gone: readonly Place[]
  }[]
}

/** Values of an attribute that one device may group by; what comes beyond is one group. */
const maxGroups = 1_000
const otherGroups = '+'
/** Values of inputs that are kept while derived values are computed. */
const maxAsked = 100_000
const none = -1

/** Indicators over measurements, and those derived from them. It follows from what it is told alone. */
export class IndicatorEngine {
  readonly streams: readonly IndicatorStream[]
  readonly #sourceOf = new Map<string, Source>()
  readonly #streamByIndicator = new Map<Indicator, Map<string, IndicatorStream>>()
  readonly #derived: readonly Derived[]
  readonly #derivedBy = new Map<AnyIndicator, Derived[]>()
  readonly #cases: CaseValues
  /** How many points of a sink derived indicators have taken note of. */
  #noted: { readonly sink: Sink | undefined; count: number } = { sink: undefined, count: 0 }
  #values = new Float64Array(0)
  /** The series of each device, of each stream of its type in turn; -1 where it has none. One list, read in order. */
  #series = new Int32Array(64)
  #seriesUsed = 0
  /** By the number of a device: where its series begin in that list, -1 before they were found; and what it chooses from. */
  #seriesAt = new Int32Array(64).fill(none)
  readonly #chosen: (Chosen | undefined)[] = []
  readonly #live = new Map<IndicatorStream, LiveSource[][]>()
  readonly #derivedLive = new WeakMap<DerivedState, LiveSource>()
  /** While derived values are computed: what they have asked for, since nothing changes meanwhile. */
  #asked: Map<string, CurrentValue | undefined> | undefined
  /** Events of series beyond the limit. */
  overLimit = 0

  constructor(options: IndicatorEngineOptions, cases: CaseValues) {
    this.#cases = cases
    const { indicators, rollups, archiveOf, levelsAt = declaredLevels } = options
    const cache = new NodeCache(options.cacheMb * 1e6)
    const byPlan = new Map<StreamPlan, IndicatorStream>()
    for (const plan of planStreams(indicators, rollups)) {
      const members = plan.members ? byPlan.get(plan.members) : undefined
      const stream = new IndicatorStream(plan, { ...options, cache, archive: archiveOf(plan.id) }, members)
      byPlan.set(plan, stream)
      const source = this.#sourceOf.get(plan.source) ?? {
        direct: [],
        chosen: [],
        inputs: plan.layout.inputs,
        grouping: [],
      }
      if (plan.by === undefined) {
        source.direct.push(stream)
      } else {
        source.chosen.push(stream)
        if (!source.grouping.includes(plan.by)) source.grouping.push(plan.by)
      }
      this.#sourceOf.set(plan.source, source)
      for (const { indicator } of plan.groups.flatMap(({ readers }) => readers)) this.#know(indicator, stream)
    }
    this.streams = [...byPlan.values()]
    const most = Math.max(0, ...this.streams.map(({ plan }) => plan.layout.inputs.length))
    this.#values = new Float64Array(most)
    this.#derived = withInputs(indicators)
      .filter((one) => one.kind === 'derived')
      .map((one) => new Derived(one, (input, place, ts) => this.#inputAt(input, place, ts), cases.settledMs, levelsAt))
    for (const one of this.#derived) {
      for (const { indicator } of Object.values(one.indicator.inputs)) {
        this.#derivedBy.set(indicator, [...(this.#derivedBy.get(indicator) ?? []), one])
      }
    }
  }

  #know(indicator: MeasuredIndicator, stream: IndicatorStream): void {
    const scopes = this.#streamByIndicator.get(indicator) ?? new Map<string, IndicatorStream>()
    scopes.set(stream.plan.scope, stream)
    this.#streamByIndicator.set(indicator, scopes)
  }

  /** The engines of the other partitions: areas and the district are those of all of them. */
  setPeers(peers: readonly IndicatorEngine[]): void {
    for (const [index, stream] of this.streams.entries()) {
      const { scope } = stream.plan
      if (scope !== 'area' && scope !== 'district') continue
      stream.windows.setPeers(peers.map((peer) => (peer.streams[index] as IndicatorStream).windows))
    }
  }

  /** Finds where the measurements of a device go, given one of them; `device` is its number. */
  target(device: number, { type, site, device: id, area }: Measurement): void {
    const { direct = [], chosen = [] } = this.#sourceOf.get(type) ?? {}
    const origin = { site, device: id, area }
    if (device >= this.#seriesAt.length) {
      const before = this.#seriesAt.length
      this.#seriesAt = grown(this.#seriesAt, 2 * (device + 1)).fill(none, before)
    }
    if (this.#seriesAt[device] === none) {
      this.#seriesAt[device] = this.#seriesUsed
      this.#seriesUsed += direct.length
      if (this.#seriesUsed > this.#series.length) this.#series = grown(this.#series, 2 * this.#seriesUsed)
    }
    const at = this.#seriesAt[device] as number
    for (const [index, stream] of direct.entries()) this.#series[at + index] = this.#seriesOf(stream, origin, undefined)
    if (chosen.length === 0) return
    this.#chosen[device] = { origin, streams: chosen.map((stream) => ({ stream, groups: new Map<string, number>() })) }
  }

  /** Attributes that indicators of a type of device are grouped by. */
  groupingOf(type: string): readonly string[] {
    return this.#sourceOf.get(type)?.grouping ?? []
  }

  /** The number of a device is another one's from now on. */
  release(device: number): void {
    if (device < this.#seriesAt.length) this.#seriesAt[device] = none
    this.#chosen[device] = undefined
  }

  #seriesOf(stream: IndicatorStream, origin: Origin, group: string | undefined): number {
    const place = placeOf(stream.plan.scope, origin, group)
    if (!place) return none
    const series = stream.windows.seriesOf(place)
    if (series === none) this.overLimit++
    else this.#join(stream, series, origin, group)
    return series
  }

  /** Makes a device a member of the wider scopes that are computed from their devices. */
  #join(stream: IndicatorStream, series: number, origin: Origin, group: string | undefined): void {
    const { members } = stream
    if (!members) return
    const place = placeOf('device', origin, group)
    const member = place ? members.windows.seriesOf(place) : none
    if (member !== none) stream.windows.addMember(series, member)
  }

  /** Adds a measurement of a device that has been targeted; returns whether it was too late for a window of any scope. */
  add({ type, ts, values }: Measurement, device: number, arrival: number, sink: Sink): boolean {
    const source = this.#sourceOf.get(type)
    if (!source) return false
    const { inputs, direct } = source
    const numbers = this.#values
    for (let index = 0; index < inputs.length; index++) {
      const { metric, of } = inputs[index] as Input
      const value = values[metric]
      numbers[index] = value === undefined ? Number.NaN : of(value, values)
    }
    const seriesAt = this.#seriesAt[device] as number
    let isLate = false
    for (let index = 0; index < direct.length; index++) {
      const stream = direct[index] as IndicatorStream
      const series = this.#series[seriesAt + index] as number
      const { where } = stream.plan
      if (series === none || (where && !where(values, ts))) continue
      if (!stream.add(series, ts, arrival, numbers, sink)) isLate = true
    }
    if (source.chosen.length > 0 && this.#addChosen(device, ts, arrival, values, sink)) isLate = true
    return isLate
  }

  #addChosen(device: number, ts: number, arrival: number, values: Measurement['values'], sink: Sink): boolean {
    const { origin, streams } = this.#chosen[device] as Chosen
    let isLate = false
    for (const { stream, groups } of streams) {
      const { where, by = '' } = stream.plan
      const group = values[by]
      if (typeof group !== 'string' || (where && !where(values, ts))) continue
      let series = groups.get(group)
      if (series === undefined) {
        series = this.#seriesOf(stream, origin, groups.size < maxGroups ? groupTag(group) : otherGroups)
        if (series === none) continue
        if (groups.size < maxGroups) groups.set(group, series)
      }
      if (!stream.add(series, ts, arrival, this.#values, sink)) isLate = true
    }
    return isLate
  }

  /**
   * The clock has come to `clock`, in ms: closes what is quiet, and amends what has been late.
   * @param isCatchingUp a backlog is being read: what it may still change waits for its end
   * @param hasRoom whether more may be amended now
   * @returns whether something is left to be amended
   */
  advance(clock: number, idleMs: number, isCatchingUp: boolean, hasRoom: () => boolean, sink: Sink): boolean {
    let isLeft = false
    for (const { windows } of this.streams) {
      windows.advance(clock, isCatchingUp, sink)
      if (windows.amend(clock, isCatchingUp, hasRoom, sink)) isLeft = true
    }
    for (const one of this.#derived) one.advance(clock, idleMs, isCatchingUp)
    return isLeft
  }

  /** Evicts what has been quiet for longer than any event may be late. */
  sweep(clock: number): GoneSeries {
    return this.#remove(({ windows }) => windows.sweep(clock))
  }

  /**
   * Removes the series of devices, by `site/device`, and of a site that has no others. What they gave to windows of wider
   * scopes that are not computed from their devices stays there until these are over.
   */
  forget(devices: ReadonlySet<string>, emptySite: string | undefined): GoneSeries {
    return this.#remove(({ windows }) => {
      const gone = new Set<number>()
      for (const [series, place] of windows.places.entries()) {
        const isGone = place?.scope === 'device' ? devices.has(place.key) : place?.key === emptySite
        if (place && isGone && (place.scope === 'device' || place.scope === 'site')) gone.add(series)
      }
      if (gone.size > 0) windows.forget(gone)
      return gone
    })
  }

  /** What `target` found before must not be used any more where series are gone. */
  #remove(removeFrom: (stream: IndicatorStream) => ReadonlySet<number>): GoneSeries {
    let count = 0
    const sources: LiveSource[] = []
    const sourceAt = (indicator: Indicator, place: Place) =>
      sources.push(liveSource(indicator, place, () => this.#currentAt(indicator, place)))
    for (const stream of this.streams) {
      const places = [...stream.windows.places]
      const gone = removeFrom(stream)
      if (gone.size === 0) continue
      count += gone.size
      for (const other of this.streams) {
        if (other.members !== stream) continue
        for (const series of other.windows.dropMembers(gone)) other.touched.add(series)
      }
      const live = this.#live.get(stream)
      for (const series of gone) {
        delete live?.[series]
        for (const { readers } of stream.plan.groups) {
          for (const { indicator } of readers) sourceAt(indicator, places[series] as Place)
        }
      }
    }
    for (const one of this.#derived) {
      for (const place of one.sweep((place) => this.#isKnown(one, place))) sourceAt(one.indicator, place)
    }
    return { series: count, sources }
  }

  #currentAt(indicator: Indicator, place: Place): CurrentValue | undefined {
    if (indicator.kind === 'derived') return this.#derived.find((one) => one.indicator === indicator)?.current(place)
    const stream = this.#streamByIndicator.get(indicator)?.get(place.scope)
    const series = stream?.windows.findSeries(place)
    return stream === undefined || series === undefined ? undefined : stream.current(series, indicator)
  }

  /** Whether any input of a derived indicator still has a place. */
  #isKnown({ indicator }: Derived, place: Place): boolean {
    return Object.values(indicator.inputs).some(({ indicator: input }) => this.#knows(input, place))
  }

  #knows(indicator: AnyIndicator, place: Place): boolean {
    if (indicator.kind === 'cases') return this.#cases.knows(indicator, place)
    if (indicator.kind === 'derived') {
      return Object.values(indicator.inputs).some(({ indicator: input }) => this.#knows(input, place))
    }
    return this.#streamByIndicator.get(indicator)?.get(place.scope)?.windows.findSeries(place) !== undefined
  }

  /** Amends everything that has been late, without waiting for more. */
  amendAll(sink: Sink): void {
    for (const { windows } of this.streams) windows.amend(undefined, false, () => true, sink)
  }

  /** What has new live values: of each stream, and of each derived indicator. */
  liveFeeds(): readonly LiveFeed[] {
    const ofStreams = this.streams.filter(hasReaders).map((stream) =>
      // A series may be gone since.
      feedOf(stream.touched, (series) => (stream.windows.places[series] ? this.#sourcesOf(stream, series) : [])),
    )
    const ofDerived = this.#derived.map((one) => feedOf(one.touched, (state) => this.#derivedSource(one, state)))
    return [...ofStreams, ...ofDerived]
  }

  #derivedSource(derived: Derived, state: DerivedState): LiveSource {
    let source = this.#derivedLive.get(state)
    if (!source) {
      source = liveSource(derived.indicator, state.place, () => derived.current(state.place))
      this.#derivedLive.set(state, source)
    }
    return source
  }

  /** Gives out derived values. */
  drain(sink: Sink): void {
    if (this.#derived.length === 0) return
    if (this.#noted.sink !== sink) this.#noted = { sink, count: 0 }
    const noted = this.#noted
    const noteAt = (indicator: AnyIndicator, place: Place, ts: number): void => {
      const users = this.#derivedBy.get(indicator)
      if (users) for (const user of users) user.note(indicator, place, ts)
    }
    const noteNew = (): void => {
      for (; noted.count < sink.points.length; noted.count++) {
        const { indicator, place, ts } = sink.points[noted.count] as IndicatorPoint
        noteAt(indicator as AnyIndicator, place, ts)
      }
    }
    this.#asked = new Map()
    for (const one of this.#derived) {
      noteNew()
      one.drain(sink, (place, ts) => noteAt(one.indicator, place, ts))
    }
    this.#asked = undefined
  }

  /**
   * The value of an input. Indicators that share sixty days of inputs, or are derived from each other, would otherwise read
   * the same windows many times over.
   */
  #inputAt(input: AnyIndicator, place: Place, ts: number): CurrentValue | undefined {
    const asked = this.#asked
    if (!asked) return this.valueAt(input, place, ts)
    const id = `${input.id} ${ts} ${place.scope} ${placeId(place)}`
    const known = asked.get(id)
    if (known !== undefined || asked.has(id)) return known
    const found = this.valueAt(input, place, ts)
    if (asked.size >= maxAsked) asked.clear()
    asked.set(id, found)
    return found
  }

  /** The value of an indicator at a place for the window that ends at a time. */
  valueAt(indicator: AnyIndicator, place: Place, ts: number): CurrentValue | undefined {
    if (indicator.kind === 'cases') return this.#cases.valueAt(indicator, place, ts)
    if (indicator.kind === 'derived') {
      return this.#derived.find((one) => one.indicator === indicator)?.valueAt(place, ts)
    }
    const stream = this.#streamByIndicator.get(indicator)?.get(place.scope)
    const series = stream?.windows.findSeries(place)
    return stream === undefined || series === undefined ? undefined : stream.valueAt(series, indicator, ts)
  }

  /** Everything that has a live topic. */
  *sources(): Iterable<LiveSource> {
    for (const stream of this.streams) {
      for (let series = 0; series < stream.windows.places.length; series++) {
        if (stream.windows.places[series]) yield* this.#sourcesOf(stream, series)
      }
    }
    for (const one of this.#derived) for (const state of one.states.values()) yield this.#derivedSource(one, state)
  }

  #sourcesOf(stream: IndicatorStream, series: number): readonly LiveSource[] {
    let all = this.#live.get(stream)
    if (!all) {
      all = []
      this.#live.set(stream, all)
    }
    let sources = all[series]
    if (!sources) {
      const place = stream.windows.places[series] as Place
      sources = stream.plan.groups
        .flatMap(({ readers }) => readers)
        .map(({ indicator }) => liveSource(indicator, place, () => stream.current(series, indicator)))
      all[series] = sources
    }
    return sources
  }

  changes(): IndicatorChanges {
    const derived = this.#derived.map((one) => {
      const states = [...one.changed].map((state) => ({ ...state }))
      const gone = [...one.gone]
      one.changed.clear()
      one.gone.clear()
      return { id: one.indicator.id, states, gone }
    })
    return { streams: this.streams.map(({ windows }) => windows.changes()), derived }
  }

  restore({ streams, derived }: SavedIndicators): void {
    for (const saved of streams) this.streams.find(({ plan }) => plan.id === saved.id)?.windows.restore(saved)
    for (const { id, states } of derived) {
      const one = this.#derived.find(({ indicator }) => indicator.id === id)
      for (const state of states) one?.states.set(`${state.place.scope} ${placeId(state.place)}`, { ...state })
    }
    for (const stream of this.streams) {
      if (!stream.members) continue
      for (const place of stream.members.windows.places) {
        if (!place) continue
        const { site = '', device = '', area, group } = place
        const wider = placeOf(stream.plan.scope, { site, device, area }, group)
        const series = wider && stream.windows.findSeries(wider)
        if (series !== undefined) this.#join(stream, series, { site, device, area }, group)
      }
    }
  }
}

/** Whether a stream has indicators, and not only roll-ups. */
function hasReaders({ plan }: IndicatorStream): boolean {
  return plan.groups.some(({ readers }) => readers.length > 0)
}

/** What is restored: closed nodes are not, they are read from where they were saved. */
export interface SavedIndicators {
  readonly streams: readonly SavedWindows[]
  readonly derived: readonly Omit<IndicatorChanges['derived'][number], 'gone'>[]
}

function liveSource(indicator: Indicator, place: Place, read: () => CurrentValue | undefined): LiveSource {
  const { scope, key, group } = place
  return {
    topic: indicatorTopic(indicator.id, scope, key, group),
    read(): LiveIndicator | undefined {
      const found = read()
      if (!found) return undefined
      const { ts, value, level, samples } = found
      return { id: indicator.id, scope, key, ...(group === undefined ? {} : { group }), ts, value, level, samples }
    },
  }
}
