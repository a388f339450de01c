import type { Place } from '../place.ts'
import { Amendments, type SavedAmendments } from './amendments.ts'
import { isOfBacklog, patienceMs } from './catching-up.ts'
import { type Ends, type PaneGrid, paneAt } from './ends.ts'
import { MergedWindows } from './merged-windows.ts'
import { Cursor } from './panes/cursor.ts'
import type { Edge, EdgeChanges } from './panes/edge.ts'
import { createLayout, eventsOf, type Layout, type Table } from './panes/layout.ts'
import type { NodeCache } from './panes/node-cache.ts'
import { maxSeries, type NodeArchive, type NodeChanges, NodeStore } from './panes/node-store.ts'
import { PaneStore } from './panes/pane-store.ts'
import { type SeriesChanges, SeriesTable } from './series-table.ts'
import type { WindowRange } from './window-merger.ts'

/** Which windows are computed, and of what. */
export interface WindowPlan extends PaneGrid {
  /** By which it is saved. */
  readonly id: string
  /** What a pane keeps. */
  readonly layout: Layout
  /** The ends of windows: a window is merged once for all that read it. */
  readonly groups: readonly { readonly ends: Ends }[]
  /** How far before a window its values are looked for, in ms: ordered columns inherit the value before it. */
  readonly holdMs: number
  /** How far back somebody asks for windows that have ended, in ms. */
  readonly historyMs: number
}

/** A window that has ended, or that is emitted again. */
export interface EndedWindow {
  readonly series: number
  readonly place: Place
  /** Index of its group. */
  readonly group: number
  readonly fromMs: number
  readonly toMs: number
  /** What it holds, merged, in its first row; valid until the next window. */
  readonly table: Table
  /** From the first measurement of the series to its end, in ms; infinite where first measurements are not tracked. */
  readonly measuredMs: number
  /** Whether it may have been emitted before. */
  readonly isAmended: boolean
}

export interface WindowOptions<Out> {
  /** Receives each window that ends, and what was handed in with the event or the time that ended it. */
  readonly onEnd: (window: EndedWindow, out: Out) => void
  /** Whether it is known since when each series is measured. */
  readonly tracksFirst: boolean
  /** How much later than the newest of its series an event may be, in ms. */
  readonly latenessMs: number
  /** How long a series is quiet before the clock closes its windows, in ms. */
  readonly idleMs: number
  /** How long a quiet series is kept, in ms. */
  readonly forgetMs: number
  readonly archive: NodeArchive
  readonly cache: NodeCache
  /** Series that are kept; events of more are not counted in any. */
  readonly maxSeries: number
}

/** Checkpoints until a node that a late event changed is written. */
const nodeSaveDelay = 16
const none = -1

/** What changed of the windows of a plan, to be saved. */
export interface WindowChanges extends SeriesChanges, NodeChanges, EdgeChanges {
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

/** What is restored: closed nodes are not, they are read from where they were saved. */
export type SavedWindows = Omit<WindowChanges, 'nodes' | 'removed' | 'lateEvents' | 'lateFrom' | 'gone'> & {
  readonly lateEvents: readonly SavedLateEvents[]
}

/** The event-time windows of one plan, for all of its series. `Out` is where whatever ends a window wants its values. */
export class Windows<Out> {
  readonly #plan: WindowPlan
  readonly #store: PaneStore
  readonly #edge: Edge
  readonly #nodes: NodeStore
  readonly #series = new SeriesTable()
  /** By series; a number that is free has none. */
  readonly places: readonly (Place | undefined)[] = this.#series.places
  readonly #options: WindowOptions<Out>
  /** Panes behind the newest one that a late event may change. */
  readonly #reach: number
  readonly #late = new Amendments()
  /** Series with windows that are still to end. */
  readonly #active = new Set<number>()
  readonly #cursors: (Cursor | undefined)[][]
  readonly #amending = new Cursor()
  readonly #windows: MergedWindows
  /** The same windows in other partitions, where their scope spans them. */
  #peers: readonly Windows<Out>[] = []
  /** Late events until the last checkpoint, and until those before it. */
  #savedLate = 0
  readonly #lateOfSaves: number[] = []

  /** @param members the windows of the devices, where those of a wider scope are computed from them */
  constructor(plan: WindowPlan, options: WindowOptions<Out>, members?: Windows<Out>) {
    this.#plan = plan
    this.#options = options
    const layout = members ? createLayout([]) : plan.layout
    const longest = Math.max(1, ...plan.groups.map(({ ends }) => ends.longest))
    const reachMs = options.latenessMs + plan.holdMs + plan.historyMs
    this.#nodes = new NodeStore(layout, options.archive, options.cache)
    this.#reach = Math.floor(reachMs / plan.paneMs)
    this.#store = new PaneStore({
      layout,
      nodes: this.#nodes,
      longest,
      kept: longest + Math.ceil(reachMs / plan.paneMs),
    })
    this.#edge = this.#store.edge
    this.#cursors = plan.groups.map(() => [])
    this.#windows = new MergedWindows(plan, this.#store, this.#series, members ? members.#windows : undefined)
  }

  /** Series that are kept. */
  get size(): number {
    return this.#series.size
  }

  /** The series of a place, created where it is not there yet; -1 where there are too many. */
  seriesOf(place: Place): number {
    const known = this.#series.find(place)
    if (known !== undefined) return known
    if (this.size >= Math.min(this.#options.maxSeries, maxSeries)) return none
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

  /** Merges with them those of other partitions, where the scope spans them. */
  setPeers(peers: readonly Windows<Out>[]): void {
    this.#peers = peers
    this.#windows.peers = peers.map((peer) => peer.#windows)
  }

  /** Adds an event; `false` if it is too late. `values` holds a number for each input of the layout. */
  add(series: number, ts: number, arrival: number, values: Float64Array, out: Out): boolean {
    const edge = this.#edge
    const newest = edge.newestTs(series)
    if (ts < newest - this.#options.latenessMs) return false
    if (this.#options.tracksFirst && ts < (this.#series.firstTs[series] as number)) this.#beginAt(series, ts, arrival)
    const pane = this.#paneOf(ts)
    const hot = edge.hotPane(series)
    if (pane < hot) {
      this.#store.addLate(series, pane, ts, arrival, values)
      this.#late.note(series, pane, arrival)
    } else {
      if (pane > hot) this.#step(series, pane, isOfBacklog(ts, arrival), out)
      edge.addHot(series, ts, arrival, values)
    }
    this.#active.add(series)
    return true
  }

  /**
   * An event is earlier than any before it: windows that hold what was the first one until now may have a level from here
   * on, whether they hold this one or not.
   */
  #beginAt(series: number, ts: number, arrival: number): void {
    const place = this.places[series] as Place
    for (const windows of [this, ...this.#peers]) {
      const found = windows.findSeries(place)
      const first = found === undefined ? Number.POSITIVE_INFINITY : (windows.#series.firstTs[found] as number)
      if (found === undefined || first < ts || first === Number.POSITIVE_INFINITY) continue
      const pane = windows.#paneOf(first)
      if (pane < windows.#edge.hotPane(found)) windows.#late.note(found, pane, arrival)
    }
    this.#series.setFirst(series, ts)
  }

  /** When the first measurement of a series was made, in any partition, in ms; -Infinity where no level depends on it. */
  measuredSince(series: number): number {
    if (!this.#options.tracksFirst) return Number.NEGATIVE_INFINITY
    let since = this.#series.firstTs[series] as number
    for (const peer of this.#peers) {
      const found = peer.findSeries(this.places[series] as Place)
      if (found !== undefined) since = Math.min(since, peer.#series.firstTs[found] as number)
    }
    return since
  }

  #step(series: number, pane: number, isOfBacklog: boolean, out: Out): void {
    const hot = this.#edge.hotPane(series)
    if (hot !== none && isOfBacklog && this.places[series]?.scope !== 'device') {
      // The backlogs of the other devices follow: each would emit these windows again.
      this.#amendInTime(series, pane, out)
      this.#store.close(series)
      this.#late.note(series, hot, this.#edge.lastArrival(series))
    } else if (hot !== none) this.#closeUntil(series, pane, out)
    this.#store.open(series, pane)
  }

  /** A pane after the hot one begins: the windows that end until then are emitted. */
  #closeUntil(series: number, pane: number, out: Out): void {
    this.#amendInTime(series, pane, out)
    this.#store.close(series)
    this.#emitUntil(series, pane, out)
  }

  /** Emits the windows that end after the hot pane and until `pane`. */
  #emitUntil(series: number, pane: number, out: Out): void {
    const plan = this.#plan
    const hot = this.#edge.hotPane(series)
    const last = this.#paneOf(this.#edge.newestTs(series))
    const heldPanes = this.#heldPanes()
    for (let index = 0; index < plan.groups.length; index++) {
      const { ends } = plan.groups[index] as WindowPlan['groups'][number]
      for (let end = ends.after(hot); end <= pane && end - ends.size(end) - heldPanes <= last; end = ends.after(end)) {
        this.#emit(series, index, end, this.#cursorOf(index, series), false, out)
      }
    }
  }

  /** Panes after the last event in which its value counts for a window that other partitions have events in. */
  #heldPanes(): number {
    return this.#windows.peers.length === 0 ? 0 : Math.ceil(this.#plan.holdMs / this.#plan.paneMs)
  }

  #paneOf(ts: number): number {
    return paneAt(this.#plan, ts)
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
  merge(series: number, window: WindowRange, cursor?: Cursor): Table {
    return this.#windows.merge(series, window, cursor)
  }

  #emit(series: number, group: number, end: number, cursor: Cursor, isAmended: boolean, out: Out): void {
    const { paneMs, offsetMs, groups } = this.#plan
    const { ends } = groups[group] as WindowPlan['groups'][number]
    const from = end - ends.size(end)
    const window = { from, to: end, fromMs: from * paneMs + offsetMs, toMs: end * paneMs + offsetMs }
    const table = this.merge(series, window, cursor)
    if (eventsOf(table, 0) === 0) return
    const { fromMs, toMs } = window
    const place = this.places[series] as Place
    const measuredMs = toMs - this.measuredSince(series)
    this.#options.onEnd({ series, place, group, fromMs, toMs, table, measuredMs, isAmended }, out)
  }

  /** The window that its newest event is in, up to that event; `undefined` before the first one. */
  current(series: number, ends: Ends): WindowRange | undefined {
    const { paneMs, offsetMs } = this.#plan
    const hot = this.#edge.hotPane(series)
    if (hot === none) return undefined
    const from = ends.current(hot)
    return { from, to: hot + 1, fromMs: from * paneMs + offsetMs, toMs: this.#edge.newestTs(series) }
  }

  /** The panes of the window that ends at a time; `undefined` where none does. */
  windowAt(ends: Ends, ts: number): WindowRange | undefined {
    const { paneMs, offsetMs } = this.#plan
    const to = (ts - offsetMs) / paneMs
    if (!Number.isInteger(to) || ends.after(to - 1) !== to) return undefined
    const from = to - ends.size(to)
    return { from, to, fromMs: from * paneMs + offsetMs, toMs: ts }
  }

  /** Time of the newest event of a series, in ms; -1 before the first one. */
  newestTs(series: number): number {
    return this.#edge.newestTs(series)
  }

  /** The newest pane of a series, -1 before its first event: all windows that end at or before it were emitted. */
  newestPane(series: number): number {
    return this.#edge.hotPane(series)
  }

  /** Calls `read` with the row of one pane, if it has events; returns whether it has. */
  visit(series: number, pane: number, read: (table: Table, row: number) => void): boolean {
    return this.#store.visit(series, pane, read)
  }

  /**
   * Emits again the windows that late events have changed.
   * @param clock in ms: those that more late events are expected for are left for later; `undefined`: all of them
   * @param isCatchingUp a backlog is being read
   * @param hasRoom asked before the windows of each series: those that are left come with the next call
   * @returns whether some are left that are due
   */
  amend(clock: number | undefined, isCatchingUp: boolean, hasRoom: () => boolean, out: Out): boolean {
    return this.#late.takeDue(clock, isCatchingUp, hasRoom, (series, panes) => this.#amendWindows(series, panes, out))
  }

  /** How many series wait to be amended. */
  get waiting(): number {
    return this.#late.size
  }

  /** Amends what would be too old for it once a pane is the newest. */
  #amendInTime(series: number, pane: number, out: Out): void {
    const panes = this.#late.takeBefore(series, pane - this.#reach)
    if (panes) this.#amendWindows(series, panes, out)
  }

  /** @param panes ascending, each once */
  #amendWindows(series: number, panes: Float64Array, out: Out): void {
    const plan = this.#plan
    const held = Math.ceil(plan.holdMs / plan.paneMs)
    const hot = this.#edge.hotPane(series)
    for (let index = 0; index < plan.groups.length; index++) {
      const { ends } = plan.groups[index] as WindowPlan['groups'][number]
      const cursor = this.#amending
      cursor.reset()
      let emitted = none
      for (const pane of panes) {
        let end = ends.after(Math.max(pane, emitted))
        for (; end <= hot && end - ends.size(end) - held <= pane; end = ends.after(end)) {
          this.#emit(series, index, end, cursor, true, out)
          emitted = end
        }
      }
    }
  }

  /**
   * Closes the windows of series that have been quiet, as far as the clock has come.
   * @param isCatchingUp a backlog is being read
   */
  advance(clock: number, isCatchingUp: boolean, out: Out): void {
    const edge = this.#edge
    const { idleMs } = this.#options
    const pane = this.#paneOf(clock - idleMs)
    for (const series of this.#active) {
      if (edge.hotPane(series) >= pane) continue
      const arrival = edge.lastArrival(series)
      if (clock - arrival < patienceMs(idleMs, edge.newestTs(series), arrival, isCatchingUp)) continue
      this.#closeUntil(series, pane, out)
      this.#store.open(series, pane)
      if (!this.#hasMore(series, pane)) this.#active.delete(series)
    }
  }

  #hasMore(series: number, pane: number): boolean {
    const last = this.#paneOf(this.#edge.newestTs(series))
    return this.#plan.groups.some(({ ends }) => {
      const end = ends.after(pane)
      return end - ends.size(end) - this.#heldPanes() <= last
    })
  }

  /** What changed since the last call, to be saved. */
  changes(): WindowChanges {
    const firstLate = this.#savedLate + 1
    const lateEvents = this.#store.late.take()
    const settled = this.#lateOfSaves.length < nodeSaveDelay ? 0 : (this.#lateOfSaves.shift() as number)
    const nodeChanges = this.#nodes.changes(settled)
    this.#savedLate = this.#nodes.lateCount
    this.#lateOfSaves.push(this.#savedLate)
    return {
      id: this.#plan.id,
      ...this.#series.takeChanges(),
      ...this.#edge.takeChanges(),
      ...nodeChanges,
      lateEvents: { first: firstLate, events: lateEvents },
      lateFrom: this.#nodes.oldestUnsaved(),
      lateCount: this.#nodes.lateCount,
      late: this.#late.saved(),
    }
  }

  restore({ series, first, pages, blocks, lateEvents, lateCount, late }: SavedWindows): void {
    this.#series.restore(series)
    this.#edge.ensure(this.places.length - 1)
    this.#edge.restore({ pages, blocks })
    for (const { first, events } of lateEvents) this.#store.restoreLate(first, events)
    this.#nodes.lateCount = lateCount
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
    const { paneMs } = this.#plan
    const quiet = Math.max(this.#options.forgetMs, (this.#reach + this.#store.longest + 1) * paneMs)
    const gone = new Set<number>()
    for (const series of this.#series.numbers()) {
      const newest = Math.max(this.#edge.newestTs(series), this.#edge.lastArrival(series))
      const isWaiting = this.#active.has(series) || this.#late.has(series)
      if (!isWaiting && clock - newest > quiet) gone.add(series)
    }
    if (gone.size === 0) return gone
    for (const series of gone) this.#remove(series)
    this.#nodes.removeSeries(gone)
    return gone
  }

  /** Removes series at once, whatever is still to be done for them. */
  forget(gone: ReadonlySet<number>): void {
    for (const series of gone) {
      this.#active.delete(series)
      this.#late.takeBefore(series, Number.POSITIVE_INFINITY)
      this.#remove(series)
    }
    this.#nodes.removeSeries(gone)
  }

  /** Devices are gone: they count for no wider scope any more. Returns the series that they counted for. */
  dropMembers(gone: ReadonlySet<number>): readonly number[] {
    return this.#windows.dropMembers(gone)
  }

  #remove(series: number): void {
    this.#series.remove(series)
    this.#windows.removeMembers(series)
    this.#edge.clear(series)
    for (const cursors of this.#cursors) cursors[series] = undefined
  }
}
