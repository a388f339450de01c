import type { Level } from '@ioc/contract/messages/live.ts'
import type { Indicator } from '../indicators/indicator.ts'
import { declaredLevels, type LevelsAt, measuredLevelOf, requiredMs } from '../indicators/level.ts'
import { ActiveSeries } from './active-series.ts'
import { Amendments, type SavedAmendments } from './amendments.ts'
import { patienceMs } from './catching-up.ts'
import { MergedWindows } from './merged-windows.ts'
import type { Sink } from './output.ts'
import { Cursor } from './panes/cursor.ts'
import type { Edge, EdgeChanges } from './panes/edge.ts'
import { createLayout, eventsOf, type Table } from './panes/layout.ts'
import type { NodeCache } from './panes/node-cache.ts'
import { mostSeries, type NodeArchive, type NodeChanges, NodeStore } from './panes/node-store.ts'
import { PaneStore } from './panes/pane-store.ts'
import type { Place } from './place.ts'
import type { Reader, StreamPlan, WindowGroup } from './plan.ts'
import { readRollup, readSamples, readValue } from './read-row.ts'
import { type SeriesChanges, SeriesTable } from './series-table.ts'
import type { WindowRange } from './window-merger.ts'
import type { Ends } from './windows/ends.ts'

export interface StreamOptions {
  /** How much later than the newest of its series an event may be, in ms. */
  readonly latenessMs: number
  /** How long a series is quiet before the clock closes its windows, in ms. */
  readonly idleMs: number
  /** How long a quiet series is kept, in ms. */
  readonly forgetMs: number
  readonly archive: NodeArchive
  readonly cache: NodeCache
  /** Series that are kept; events of more are not counted in any. */
  readonly mostSeries: number
  /** The levels in force at a place; without it those that are declared. */
  readonly levelsAt?: LevelsAt
}

/** Checkpoints until a node that a late event changed is written. */
const nodeSaveDelay = 16
const none = -1

export interface CurrentValue {
  readonly ts: number
  readonly value: number
  readonly level: Level
  readonly samples: number
}

/** What is saved of a stream. */
export interface StreamChanges extends SeriesChanges, NodeChanges, EdgeChanges {
  readonly id: string
  /** Late events since the last checkpoint, numbered from `first`. */
  readonly lateEvents: SavedLateEvents
  /** The first late event that is still needed, and how many there were. */
  readonly lateFrom: number
  readonly lateCount: number
  /** All panes whose windows are still to be amended. */
  readonly late: SavedAmendments
}

export interface SavedLateEvents {
  readonly first: number
  readonly events: Float64Array
}

/** What is restored of a stream: closed nodes are not, they are read from where they were saved. */
export type SavedStream = Omit<StreamChanges, 'nodes' | 'removed' | 'lateEvents' | 'lateFrom' | 'gone'> & {
  readonly lateEvents: readonly SavedLateEvents[]
}

/** The windows of one stream, for all of its series. */
export class Stream {
  readonly plan: StreamPlan
  readonly store: PaneStore
  readonly #edge: Edge
  readonly nodes: NodeStore
  readonly #series = new SeriesTable()
  /** By series; a number that is free has none. */
  readonly places: readonly (Place | undefined)[] = this.#series.places
  /** Series whose newest value is another, until somebody has looked. */
  readonly touched = new Set<number>()
  readonly #options: StreamOptions
  readonly #levelsAt: LevelsAt
  /** Panes behind the newest one that a late event may change. */
  readonly #reach: number
  readonly #late = new Amendments()
  /** Series with windows that are still to end. */
  readonly #active = new ActiveSeries()
  readonly #cursors: (Cursor | undefined)[][]
  readonly #amending = new Cursor()
  #isAmending = false
  readonly #windows: MergedWindows
  /** Of a wider scope that is computed from its devices: the stream of the devices. */
  readonly members: Stream | undefined
  /** Whether levels depend on how long a series has been measured. */
  readonly #needsFirst: boolean
  /** The same stream in other partitions, where its scope spans them. */
  #peers: readonly Stream[] = []
  /** Late events until the last checkpoint, and until those before it. */
  #savedLate = 0
  readonly #lateOfSaves: number[] = []

  constructor(plan: StreamPlan, options: StreamOptions, members: Stream | undefined) {
    this.plan = plan
    this.#options = options
    this.#levelsAt = options.levelsAt ?? declaredLevels
    this.members = members
    const layout = members ? createLayout([]) : plan.layout
    const longest = Math.max(1, ...plan.groups.map(({ ends }) => ends.longest))
    const reachMs = options.latenessMs + plan.holdMs + plan.historyMs
    this.nodes = new NodeStore(layout, options.archive, options.cache)
    this.#reach = Math.floor(reachMs / plan.paneMs)
    this.store = new PaneStore({
      layout,
      nodes: this.nodes,
      longest,
      kept: longest + Math.ceil(reachMs / plan.paneMs),
    })
    this.#edge = this.store.edge
    this.#cursors = plan.groups.map(() => [])
    this.#windows = new MergedWindows(plan, this.store, this.#series, members ? members.#windows : undefined)
    this.#needsFirst = plan.groups.some(({ readers }) => readers.some(({ indicator }) => requiredMs(indicator) > 0))
  }

  /** Series that are kept. */
  get size(): number {
    return this.#series.size
  }

  /** The series of a place, created where it is not there yet; -1 where there are too many. */
  seriesOf(place: Place): number {
    const known = this.#series.find(place)
    if (known !== undefined) return known
    if (this.size >= Math.min(this.#options.mostSeries, mostSeries)) return none
    const series = this.#series.create(place)
    this.#edge.ensure(series)
    return series
  }

  findSeries(place: Pick<Place, 'key' | 'group'>): number | undefined {
    return this.#series.find(place)
  }

  /** Notes that the values of a wider scope are those of this device too. */
  addMember(series: number, member: number): void {
    this.#windows.addMember(series, member)
  }

  /** Makes its windows those of this stream in all partitions, where its scope spans them. */
  setPeers(peers: readonly Stream[]): void {
    this.#peers = peers
    this.#windows.peers = peers.map((peer) => peer.#windows)
  }

  /** Adds an event; `false` if it is too late. `values` holds a number for each input of the layout. */
  add(series: number, ts: number, arrival: number, values: Float64Array): boolean {
    const edge = this.#edge
    const newest = edge.newestTs(series)
    if (ts < newest - this.#options.latenessMs) return false
    if (this.#needsFirst && ts < (this.#series.firstTs[series] as number)) this.#beginAt(series, ts, arrival)
    const pane = this.#paneOf(ts)
    const hot = edge.hotPane(series)
    if (pane < hot) {
      this.store.addLate(series, pane, ts, arrival, values)
      this.#late.note(series, pane, arrival)
    } else {
      if (pane > hot) this.#step(series, pane)
      edge.addHot(series, ts, arrival, values)
    }
    this.touched.add(series)
    this.#active.add(series)
    return true
  }

  /**
   * An event is earlier than any before it: windows that hold what was the first one until now may have a level from here
   * on, whether they hold this one or not.
   */
  #beginAt(series: number, ts: number, arrival: number): void {
    const place = this.places[series] as Place
    for (const stream of [this, ...this.#peers]) {
      const found = stream.findSeries(place)
      const first = found === undefined ? Number.POSITIVE_INFINITY : (stream.#series.firstTs[found] as number)
      if (found === undefined || first < ts || first === Number.POSITIVE_INFINITY) continue
      const pane = stream.#paneOf(first)
      if (pane < stream.#edge.hotPane(found)) stream.#late.note(found, pane, arrival)
    }
    this.#series.setFirst(series, ts)
  }

  /** When the first measurement of a series was made, in any partition, in ms; -Infinity where no level depends on it. */
  measuredSince(series: number): number {
    if (!this.#needsFirst) return Number.NEGATIVE_INFINITY
    let since = this.#series.firstTs[series] as number
    for (const peer of this.#peers) {
      const found = peer.findSeries(this.places[series] as Place)
      if (found !== undefined) since = Math.min(since, peer.#series.firstTs[found] as number)
    }
    return since
  }

  /** Where points go until the next call. */
  sink: Sink = { points: [], rollups: [] }

  #step(series: number, pane: number): void {
    if (this.#edge.hotPane(series) !== none) this.#closeUntil(series, pane)
    this.store.open(series, pane)
  }

  /** A pane after the hot one begins: the windows that end until then are emitted. */
  #closeUntil(series: number, pane: number): void {
    this.#amendInTime(series, pane)
    this.store.close(series)
    this.#giveUntil(series, pane)
  }

  /** Gives out the windows that end after the hot pane and until `pane`. */
  #giveUntil(series: number, pane: number): void {
    const { plan } = this
    const hot = this.#edge.hotPane(series)
    const last = this.#paneOf(this.#edge.newestTs(series))
    const heldPanes = this.#heldPanes()
    for (let index = 0; index < plan.groups.length; index++) {
      const { ends } = plan.groups[index] as WindowGroup
      for (let end = ends.after(hot); end <= pane && end - ends.size(end) - heldPanes <= last; end = ends.after(end)) {
        this.#give(series, index, end - ends.size(end), end, this.#cursorOf(index, series))
      }
    }
  }

  /** Panes after the last event in which its value counts for a window that other partitions have events in. */
  #heldPanes(): number {
    return this.#windows.peers.length === 0 ? 0 : Math.ceil(this.plan.holdMs / this.plan.paneMs)
  }

  #paneOf(ts: number): number {
    return Math.floor((ts - this.plan.offsetMs) / this.plan.paneMs)
  }

  #cursorOf(group: number, series: number): Cursor {
    const cursors = this.#cursors[group] as (Cursor | undefined)[]
    let cursor = cursors[series]
    if (!cursor) {
      cursor = new Cursor()
      cursors[series] = cursor
    }
    return cursor
  }

  /**
   * Merges a window of a series, of what it spans, and of the other partitions; the row is valid until the next call.
   * @param cursor of this series and this group of windows, where they follow each other
   */
  merge(series: number, window: WindowRange, cursor: Cursor | undefined): Table {
    return this.#windows.merge(series, window, cursor)
  }

  #give(series: number, group: number, from: number, end: number, cursor: Cursor): void {
    const { paneMs, offsetMs } = this.plan
    const window = { from, to: end, fromMs: from * paneMs + offsetMs, toMs: end * paneMs + offsetMs }
    this.#read(series, group, window, this.merge(series, window, cursor))
  }

  /** Gives out what a group's readers have to say of a merged window. */
  #read(series: number, group: number, { fromMs, toMs }: WindowRange, row: Table): void {
    if (eventsOf(row, 0) === 0) return
    const { readers, rollup } = this.plan.groups[group] as WindowGroup
    const place = this.places[series] as Place
    const merged = { row: row.numbers, cells: row.cells, heap: row.heap, from: fromMs, to: toMs }
    const measuredMs = toMs - this.measuredSince(series)
    for (let index = 0; index < readers.length; index++) {
      const reader = readers[index] as Reader
      const samples = readSamples(reader, row.numbers)
      if (samples === 0) continue
      const value = readValue(reader, merged)
      // What is amended may have been given out with a value before.
      if (value === undefined && !this.#isAmending) continue
      const { indicator } = reader
      const levels = this.#levelsAt(indicator, place)
      const level = value === undefined ? 0 : measuredLevelOf(indicator, value, samples, measuredMs, levels)
      this.sink.points.push({ indicator, place, ts: toMs, value, level, samples: value === undefined ? 0 : samples })
    }
    if (rollup) {
      const metrics = readRollup(rollup, row.numbers)
      if (metrics.length > 0) this.sink.rollups.push({ measurement: rollup.measurement, place, ts: fromMs, metrics })
    }
  }

  /** The value of an indicator for the window that is going on; `undefined` if it has none. */
  current(series: number, indicator: Indicator): CurrentValue | undefined {
    const { paneMs, offsetMs } = this.plan
    const hot = this.#edge.hotPane(series)
    const { group, reader } = this.#readerOf(indicator)
    if (hot === none || !group || !reader) return undefined
    const ts = this.#edge.newestTs(series)
    const from = group.ends.current(hot)
    return this.#valueOf(series, reader, { from, to: hot + 1, fromMs: from * paneMs + offsetMs, toMs: ts }, ts)
  }

  /** The value of an indicator for the window that ends at a time; `undefined` if there is none. */
  valueAt(series: number, indicator: Indicator, ts: number): CurrentValue | undefined {
    const { group, reader } = this.#readerOf(indicator)
    const window = group && this.windowAt(group.ends, ts)
    if (!window || !reader) return undefined
    return this.#valueOf(series, reader, window, ts)
  }

  #valueOf(series: number, reader: Reader, window: WindowRange, ts: number): CurrentValue | undefined {
    const { numbers, cells, heap } = this.merge(series, window, undefined)
    const samples = readSamples(reader, numbers)
    if (samples === 0) return undefined
    const value = readValue(reader, { row: numbers, cells, heap, from: window.fromMs, to: window.toMs })
    if (value === undefined) return undefined
    const { indicator } = reader
    const levels = this.#levelsAt(indicator, this.places[series] as Place)
    const level = measuredLevelOf(indicator, value, samples, ts - this.measuredSince(series), levels)
    return { ts, value, level, samples }
  }

  /** The panes of the window that ends at a time; `undefined` where none does. */
  windowAt(ends: Ends, ts: number): WindowRange | undefined {
    const { paneMs, offsetMs } = this.plan
    const to = (ts - offsetMs) / paneMs
    if (!Number.isInteger(to) || ends.after(to - 1) !== to) return undefined
    const from = to - ends.size(to)
    return { from, to, fromMs: from * paneMs + offsetMs, toMs: ts }
  }

  #readerOf(indicator: Indicator): { group?: WindowGroup; reader?: Reader } {
    for (const group of this.plan.groups) {
      const reader = group.readers.find((one) => one.indicator === indicator)
      if (reader) return { group, reader }
    }
    return {}
  }

  /**
   * Gives out again the windows that late events have changed.
   * @param clock in ms: those that more late events are expected for are left for later; `undefined`: all of them
   * @param isCatchingUp a backlog is being read
   * @param hasRoom asked before the windows of each series: those that are left come with the next call
   * @returns whether some are left that are due
   */
  amend(clock: number | undefined, isCatchingUp: boolean, hasRoom: () => boolean): boolean {
    return this.#late.takeDue(clock, isCatchingUp, hasRoom, (series, panes) => this.#amendSeries(series, panes))
  }

  /** How many series wait to be amended. */
  get waiting(): number {
    return this.#late.size
  }

  /** Amends what would be too old for it once a pane is the newest. */
  #amendInTime(series: number, pane: number): void {
    const panes = this.#late.takeBefore(series, pane - this.#reach)
    if (panes) this.#amendSeries(series, panes)
  }

  /** @param panes ascending, each once */
  #amendSeries(series: number, panes: Float64Array): void {
    this.#isAmending = true
    this.#amendWindows(series, panes)
    this.#isAmending = false
  }

  #amendWindows(series: number, panes: Float64Array): void {
    const { plan } = this
    const held = Math.ceil(plan.holdMs / plan.paneMs)
    const hot = this.#edge.hotPane(series)
    for (let index = 0; index < plan.groups.length; index++) {
      const { ends } = plan.groups[index] as WindowGroup
      const cursor = this.#amending
      cursor.reset()
      let given = none
      for (const pane of panes) {
        let end = ends.after(Math.max(pane, given))
        for (; end <= hot && end - ends.size(end) - held <= pane; end = ends.after(end)) {
          this.#give(series, index, end - ends.size(end), end, cursor)
          given = end
        }
      }
    }
  }

  /**
   * Closes the windows of series that have been quiet, as far as the clock has come.
   * @param isCatchingUp a backlog is being read
   */
  advance(clock: number, isCatchingUp: boolean): void {
    const edge = this.#edge
    const { idleMs } = this.#options
    const pane = this.#paneOf(clock - idleMs)
    this.#active.sweep((series) => {
      if (edge.hotPane(series) >= pane) return false
      const arrival = edge.lastArrival(series)
      if (clock - arrival < patienceMs(idleMs, edge.newestTs(series), arrival, isCatchingUp)) return false
      this.#closeUntil(series, pane)
      this.store.open(series, pane)
      return !this.#hasMore(series, pane)
    })
  }

  #hasMore(series: number, pane: number): boolean {
    const last = this.#paneOf(this.#edge.newestTs(series))
    return this.plan.groups.some(({ ends }) => {
      const end = ends.after(pane)
      return end - ends.size(end) - this.#heldPanes() <= last
    })
  }

  /** What changed since the last call, to be saved. */
  changes(): StreamChanges {
    const firstLate = this.#savedLate + 1
    const lateEvents = this.store.late.take()
    const settled = this.#lateOfSaves.length < nodeSaveDelay ? 0 : (this.#lateOfSaves.shift() as number)
    const nodeChanges = this.nodes.changes(settled)
    this.#savedLate = this.nodes.lateCount
    this.#lateOfSaves.push(this.#savedLate)
    return {
      id: this.plan.id,
      ...this.#series.takeChanges(),
      ...this.#edge.takeChanges(),
      ...nodeChanges,
      lateEvents: { first: firstLate, events: lateEvents },
      lateFrom: this.nodes.oldestUnsaved(),
      lateCount: this.nodes.lateCount,
      late: this.#late.saved(),
    }
  }

  restore({ series, first, pages, blocks, lateEvents, lateCount, late }: SavedStream): void {
    this.#series.restore(series)
    this.#edge.ensure(this.places.length - 1)
    this.#edge.restore({ pages, blocks })
    for (const { first, events } of lateEvents) this.store.restoreLate(first, events)
    this.nodes.lateCount = lateCount
    this.#savedLate = lateCount
    this.#late.restore(late)
    const firstTs = new Map(first)
    for (let one = 0; one < this.places.length; one++) {
      if (this.#edge.hotPane(one) === none) continue
      this.#active.add(one)
      // A state that was saved before these times were kept: what it knows has been measured for long.
      this.#series.firstTs[one] = firstTs.get(one) ?? Number.NEGATIVE_INFINITY
    }
  }

  /**
   * Evicts series that have been quiet for `forgetMs`, and for longer than any event may be late; returns them. A returning
   * series starts with empty state: windows that reach back before its silence do not know what was then.
   */
  sweep(clock: number): ReadonlySet<number> {
    const { paneMs } = this.plan
    const quiet = Math.max(this.#options.forgetMs, (this.#reach + this.store.longest + 1) * paneMs)
    const gone = new Set<number>()
    for (const series of this.#series.numbers()) {
      const newest = Math.max(this.#edge.newestTs(series), this.#edge.lastArrival(series))
      const isWaiting = this.#active.has(series) || this.#late.has(series)
      if (!isWaiting && clock - newest > quiet) gone.add(series)
    }
    if (gone.size === 0) return gone
    for (const series of gone) this.#remove(series)
    this.nodes.removeSeries(gone)
    return gone
  }

  /** Removes series at once, whatever is still to be done for them. */
  forget(gone: ReadonlySet<number>): void {
    this.#active.sweep((series) => gone.has(series))
    for (const series of gone) {
      this.#late.takeBefore(series, Number.POSITIVE_INFINITY)
      this.#remove(series)
    }
    this.nodes.removeSeries(gone)
  }

  /** Devices are gone: they count for no wider scope any more. */
  dropMembers(gone: ReadonlySet<number>): void {
    for (const series of this.#windows.dropMembers(gone)) this.touched.add(series)
  }

  #remove(series: number): void {
    this.#series.remove(series)
    this.#windows.removeMembers(series)
    this.#edge.clear(series)
    for (const cursors of this.#cursors) cursors[series] = undefined
  }
}
