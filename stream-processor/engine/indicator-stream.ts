import type { Level } from '@ioc/contract/messages/live.ts'
import type { Indicator } from '../indicators/indicator.ts'
import { declaredLevels, type LevelsAt, measuredLevelOf, requiredMs } from '../indicators/level.ts'
import type { Sink } from './output.ts'
import type { Place } from './place.ts'
import type { Reader, StreamPlan, WindowGroup } from './plan.ts'
import { readRollup, readSamples, readValue } from './read-row.ts'
import type { WindowRange } from './windows/window-merger.ts'
import { type EndedWindow, type WindowOptions, Windows } from './windows/windows.ts'

export interface StreamOptions extends Omit<WindowOptions<Sink>, 'onEnd' | 'tracksFirst'> {
  /** The levels in force at a place; without it those that are declared. */
  readonly levelsAt?: LevelsAt
}

export interface CurrentValue {
  readonly ts: number
  readonly value: number
  readonly level: Level
  readonly samples: number
}

/** The indicators that share windows: what is read of these. */
export class IndicatorStream {
  readonly plan: StreamPlan
  readonly windows: Windows<Sink>
  /** Of a wider scope that is computed from its devices: the stream of the devices. */
  readonly members: IndicatorStream | undefined
  /** Series whose newest value is another, until somebody has looked. */
  readonly touched = new Set<number>()
  readonly #levelsAt: LevelsAt

  constructor(plan: StreamPlan, { levelsAt = declaredLevels, ...options }: StreamOptions, members?: IndicatorStream) {
    this.plan = plan
    this.members = members
    this.#levelsAt = levelsAt
    const tracksFirst = plan.groups.some(({ readers }) => readers.some(({ indicator }) => requiredMs(indicator) > 0))
    const onEnd = (window: EndedWindow, sink: Sink) => this.#read(window, sink)
    this.windows = new Windows(plan, { ...options, tracksFirst, onEnd }, members?.windows)
  }

  /** Adds an event; `false` if it is too late. `values` holds a number for each input of the layout. */
  add(series: number, ts: number, arrival: number, values: Float64Array, sink: Sink): boolean {
    if (!this.windows.add(series, ts, arrival, values, sink)) return false
    this.touched.add(series)
    return true
  }

  /** Emits the values of a window that has ended. */
  #read({ place, group, fromMs, toMs, table, measuredMs, isAmended }: EndedWindow, sink: Sink): void {
    const { readers, rollup } = this.plan.groups[group] as WindowGroup
    const merged = { row: table.numbers, cells: table.cells, from: fromMs, to: toMs }
    for (let index = 0; index < readers.length; index++) {
      const reader = readers[index] as Reader
      const samples = readSamples(reader, table.numbers)
      if (samples === 0) continue
      const value = readValue(reader, merged)
      // What is amended may have been emitted with a value before.
      if (value === undefined && !isAmended) continue
      const { indicator } = reader
      const levels = this.#levelsAt(indicator, place)
      const level = value === undefined ? 0 : measuredLevelOf(indicator, value, samples, measuredMs, levels)
      sink.points.push({ indicator, place, ts: toMs, value, level, samples: value === undefined ? 0 : samples })
    }
    if (rollup) {
      const metrics = readRollup(rollup, table.numbers)
      if (metrics.length > 0) sink.rollups.push({ measurement: rollup.measurement, place, ts: fromMs, metrics })
    }
  }

  /** The value of an indicator for the window that is going on; `undefined` if it has none. */
  current(series: number, indicator: Indicator): CurrentValue | undefined {
    const { group, reader } = this.#readerOf(indicator)
    const window = group && this.windows.current(series, group.ends)
    return window && reader && this.#valueOf(series, reader, window)
  }

  /** The value of an indicator for the window that ends at a time; `undefined` if there is none. */
  valueAt(series: number, indicator: Indicator, ts: number): CurrentValue | undefined {
    const { group, reader } = this.#readerOf(indicator)
    const window = group && this.windows.windowAt(group.ends, ts)
    return window && reader && this.#valueOf(series, reader, window)
  }

  #valueOf(series: number, reader: Reader, window: WindowRange): CurrentValue | undefined {
    const { fromMs, toMs: ts } = window
    const { numbers, cells } = this.windows.merge(series, window)
    const samples = readSamples(reader, numbers)
    if (samples === 0) return undefined
    const value = readValue(reader, { row: numbers, cells, from: fromMs, to: ts })
    if (value === undefined) return undefined
    const { indicator } = reader
    const levels = this.#levelsAt(indicator, this.windows.places[series] as Place)
    const level = measuredLevelOf(indicator, value, samples, ts - this.windows.measuredSince(series), levels)
    return { ts, value, level, samples }
  }

  #readerOf(indicator: Indicator): { group?: WindowGroup; reader?: Reader } {
    for (const group of this.plan.groups) {
      const reader = group.readers.find((one) => one.indicator === indicator)
      if (reader) return { group, reader }
    }
    return {}
  }
}
