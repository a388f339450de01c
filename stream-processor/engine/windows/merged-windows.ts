import { Cursor } from './panes/cursor.ts'
import type { Table } from './panes/layout.ts'
import type { PaneStore } from './panes/pane-store.ts'
import type { SeriesTable } from './series-table.ts'
import { createWindowMerger, type WindowMerger, type WindowRange } from './window-merger.ts'
import type { WindowPlan } from './windows.ts'

/** Merges the windows of a stream: of a series, or of the devices that it spans, over all partitions. */
export class MergedWindows {
  readonly #store: PaneStore
  readonly #series: SeriesTable
  readonly #merger: WindowMerger
  readonly #scratch = new Cursor()
  /** Of a wider scope that is computed from its devices: those of the devices. */
  readonly #members: MergedWindows | undefined
  readonly #memberSeries: (number[] | undefined)[] = []
  /** The same stream in other partitions, for scopes that span them. */
  peers: readonly MergedWindows[] = []

  constructor(plan: WindowPlan, store: PaneStore, series: SeriesTable, members: MergedWindows | undefined) {
    this.#store = store
    this.#series = series
    this.#members = members
    this.#merger = createWindowMerger(plan)
  }

  /** Notes that the values of a wider scope are those of this device too. */
  addMember(series: number, member: number): void {
    const members = this.#memberSeries[series] ?? []
    this.#memberSeries[series] = members
    if (!members.includes(member)) members.push(member)
  }

  removeMembers(series: number): void {
    this.#memberSeries[series] = undefined
  }

  /** Members that are gone, whose numbers are used again; returns the series that they counted for. */
  dropMembers(gone: ReadonlySet<number>): number[] {
    const changed: number[] = []
    for (const [series, members] of this.#memberSeries.entries()) {
      if (!members?.some((member) => gone.has(member))) continue
      this.#memberSeries[series] = members.filter((member) => !gone.has(member))
      changed.push(series)
    }
    return changed
  }

  /**
   * The row of a window, valid until the next call.
   * @param cursor of this series and its windows, where they follow each other
   */
  merge(series: number, window: WindowRange, cursor: Cursor | undefined): Table {
    const merger = this.#merger
    this.#mergeOwn(series, window, cursor)
    if (this.peers.length === 0) return merger.row
    const place = this.#series.places[series]
    for (const peer of this.peers) {
      const other = place && peer.#series.find(place)
      if (other === undefined) continue
      peer.#mergeOwn(other, window, undefined)
      merger.combine(peer.#merger)
    }
    return merger.row
  }

  #mergeOwn(series: number, window: WindowRange, cursor: Cursor | undefined): void {
    const members = this.#members
    if (!members) {
      const last = Math.min(window.to, this.#store.edge.hotPane(series) + 1)
      if (!cursor) this.#scratch.reset()
      const { from, fromMs, toMs } = window
      this.#merger.merge(this.#store, series, { from, to: last, fromMs, toMs }, cursor ?? this.#scratch)
      return
    }
    this.#merger.reset()
    for (const member of this.#memberSeries[series] ?? []) {
      members.#mergeOwn(member, window, undefined)
      this.#merger.combine(members.#merger)
    }
  }
}
