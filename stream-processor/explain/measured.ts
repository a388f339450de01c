import { displayTime } from '@ioc/runtime/display-time.ts'
import type { Merged } from '../engine/aggregates/column.ts'
import type { Engine } from '../engine/engine.ts'
import type { IndicatorStream } from '../engine/indicator-stream.ts'
import type { Place } from '../engine/place.ts'
import type { Reader } from '../engine/plan.ts'
import { readSamples, readValue } from '../engine/read-row.ts'
import { copyRow, type Layout, Table } from '../engine/windows/panes/layout.ts'
import type { WindowRange } from '../engine/windows/window-merger.ts'
import type { MeasuredIndicator } from '../indicators/indicator.ts'
import { nothingToExplain, type Owner, ownersOf } from './place.ts'
import type { SavedEngines } from './saved-engines.ts'
import { type ExplainedWindow, type FoundWindow, regularWindow } from './window.ts'

export interface MeasuredParts {
  readonly kind: 'measured'
  readonly paneMs: number
  readonly aggregates: readonly ReadAggregate[]
  /** Those that have events. */
  readonly panes: readonly ExplainedPane[]
}

export interface ReadAggregate {
  readonly name: string
  /** As it is declared: `mean(pm25)`. */
  readonly text: string
  readonly value: number | undefined
}

export interface ExplainedPane {
  /** In ms. */
  readonly start: number
  /** Whose pane it is, where the window is made of those of several devices or partitions. */
  readonly of?: string
  readonly samples: number
  /** What it keeps, by name. */
  readonly columns: Readonly<Record<string, number>>
  /** What the aggregates would be of this pane alone. */
  readonly alone: Readonly<Record<string, number | undefined>>
}

export interface MeasuredAnswer {
  readonly window: ExplainedWindow
  readonly parts: MeasuredParts
  readonly value: number | undefined
  readonly samples: number
  /** From the first measurement of the series to the end of the window, or to its newest measurement, in ms. */
  readonly measuredMs: number
}

/** @throws IocError NOTHING_TO_EXPLAIN where no window holds the time, or nothing was measured in it */
export function explainMeasured(
  { engines, savedAt }: SavedEngines,
  indicator: MeasuredIndicator,
  place: Place,
  at: number,
): MeasuredAnswer {
  const owners = ownersOf(engines, indicator, place)
  const owner = owners[0] as Owner
  const newest = Math.max(...owners.map(({ stream, series }) => stream.windows.newestTs(series)))
  const window = windowOf(owner, at)
  if (!window)
    throw nothingToExplain(`no window of ${indicator.id} contains ${displayTime(at)}. ${sayNewest(place, newest)}`)
  const { aggregates, value, samples } = readWindow(owner, window)
  if (samples === 0) {
    throw nothingToExplain(
      `${indicator.id} has no measurement of ${place.key} from ${displayTime(window.fromMs)} to ${displayTime(window.toMs)}. ${sayNewest(place, newest)}`,
    )
  }
  const { paneMs } = owner.stream.plan
  const panes = sourcesOf(owners, place, engines).flatMap((source) => panesOf(source, owner.reader, window))
  const over = isOver(owner, window, savedAt)
  return {
    window: { from: window.fromMs, to: window.toMs, isStamp: window.isStamp, isOver: over },
    parts: { kind: 'measured', paneMs, aggregates, panes: panes.sort((a, b) => a.start - b.start) },
    value,
    samples,
    measuredMs: (over ? window.toMs : Math.min(window.toMs, newest)) - owner.stream.windows.measuredSince(owner.series),
  }
}

function windowOf({ stream, group }: Owner, at: number): FoundWindow | undefined {
  return regularWindow(stream.plan, group.ends, at)
}

function isOver({ stream, series }: Owner, { to, toMs }: FoundWindow, savedAt: number): boolean {
  return savedAt >= toMs || stream.windows.newestPane(series) >= to
}

function sayNewest({ key }: Place, newest: number): string {
  return `The newest measurement of ${key} is from ${displayTime(newest)}`
}

/** What the aggregates of an indicator are over a window, of all partitions. */
export function readWindow({ stream, series, reader }: Owner, window: WindowRange) {
  const { numbers, cells } = stream.windows.merge(series, window)
  const merged: Merged = { row: numbers, cells, from: window.fromMs, to: window.toMs }
  const aggregates = readAggregates(reader, merged)
  return { aggregates, value: readValue(reader, merged), samples: readSamples(reader, numbers) }
}

function readAggregates({ names, aggregates, places }: Reader, merged: Merged): readonly ReadAggregate[] {
  return aggregates.map((aggregate, index) => ({
    name: names[index] as string,
    text: aggregate.text,
    value: aggregate.read(merged, places[index] as readonly number[]),
  }))
}

interface Source {
  readonly label: string | undefined
  readonly stream: IndicatorStream
  readonly series: number
}

/** Whose panes a window is made of: the place's own, or those of its devices where their order counts. */
function sourcesOf(owners: readonly Owner[], place: Place, engines: readonly Engine[]): readonly Source[] {
  const all = owners.flatMap(({ stream, series }): Source[] => {
    const { members } = stream
    if (!members) {
      const partition = engines.findIndex(({ windows }) => windows.streams.includes(stream))
      return [{ label: `part ${partition + 1}`, stream, series }]
    }
    return members.windows.places.flatMap((device, member) =>
      device && isMember(device, place) ? [{ label: device.key, stream: members, series: member }] : [],
    )
  })
  return all.length === 1 ? all.map((one) => ({ ...one, label: undefined })) : all
}

function isMember(device: Place, { scope, key, group }: Place): boolean {
  if (device.group !== group) return false
  return { device: device.key, site: device.site, area: device.area, district: 'district' }[scope] === key
}

function panesOf({ label, stream, series }: Source, reader: Reader, window: FoundWindow): readonly ExplainedPane[] {
  const { paneMs, offsetMs, layout } = stream.plan
  const panes: ExplainedPane[] = []
  const copy = new Table(layout, 1)
  const last = Math.min(window.to - 1, stream.windows.newestPane(series))
  for (let pane = window.from; pane <= last; pane++) {
    const isThere = stream.windows.visit(series, pane, (table, row) => copyRow(layout, copy, 0, table, row))
    const samples = isThere ? readSamples(reader, copy.numbers) : 0
    if (samples === 0) continue
    const start = pane * paneMs + offsetMs
    const columns = columnsOf(reader, copy)
    const alone = aloneOf(reader, layout, copy, start, start + paneMs)
    panes.push({ start, ...(label === undefined ? {} : { of: label }), samples, columns, alone })
  }
  return panes
}

/** The doubles of the columns that an indicator needs; with several aggregates, after the name of each. */
function columnsOf({ names, aggregates, places }: Reader, { numbers }: Table): Record<string, number> {
  return Object.fromEntries(
    aggregates.flatMap(({ columns }, index) =>
      columns.flatMap((column, each) => {
        if (column.kind === 'cell') return []
        const at = places[index]?.[each] as number
        const prefix = aggregates.length === 1 ? '' : `${names[index]}.`
        return column.parts.map((part, offset) => [`${prefix}${part}`, numbers[at + offset] as number] as const)
      }),
    ),
  )
}

/** Closes the ordered columns of a copy, which is of no further use. */
function aloneOf(reader: Reader, layout: Layout, { numbers, cells }: Table, from: number, to: number) {
  for (const { column, at } of layout.others) column.ordered?.close(numbers, at, from, to)
  const read = readAggregates(reader, { row: numbers, cells, from, to })
  return Object.fromEntries(read.map(({ name, value }) => [name, value]))
}
