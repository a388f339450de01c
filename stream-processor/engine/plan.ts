import type { DeviceType } from '@ioc/contract/device-types/device-type.ts'
import { selfDeclaredTypes } from '@ioc/contract/device-types/self-declared.ts'
import { deviceTypes } from '@ioc/contract/device-types/table.ts'
import type { Scope } from '@ioc/contract/messages/live.ts'
import type { AnyIndicator, Indicator, MeasuredIndicator } from '../indicators/indicator.ts'
import { count, max, min, sum } from './aggregates/aggregates.ts'
import type { Aggregate } from './aggregates/column.ts'
import { hashOf } from './aggregates/hash.ts'
import { type Ends, gridOf, localOffsetMs, regularEnds } from './windows/ends.ts'
import { createLayout, type Input, type Layout } from './windows/panes/layout.ts'
import type { WindowPlan } from './windows/windows.ts'

/** One indicator over merged windows. */
export interface Reader {
  readonly indicator: MeasuredIndicator
  readonly names: readonly string[]
  readonly aggregates: readonly Aggregate[]
  /** Where the columns of each aggregate stand. */
  readonly places: readonly (readonly number[])[]
  /** Where the counts of their metrics stand. */
  readonly counts: readonly number[]
}

export interface RollupReader {
  readonly measurement: string
  readonly metrics: readonly {
    readonly metric: string
    readonly count: number
    readonly sum: number
    readonly min: number
    readonly max: number
  }[]
}

/** Windows with the same ends: merged once for all that read them. */
export interface WindowGroup {
  readonly ends: Ends
  readonly readers: readonly Reader[]
  readonly rollup: RollupReader | undefined
}

/**
 * What shares panes: the same measurements (device type, filter, grouping) in panes of the same grid, for one scope.
 */
export interface StreamPlan extends WindowPlan {
  readonly source: string
  readonly scope: Scope
  readonly where: MeasuredIndicator['where']
  readonly by: string | undefined
  readonly groups: readonly WindowGroup[]
  /**
   * Of a wider scope with ordered columns: the stream of the devices. Their events must not be mixed in one order, so
   * that its windows are those of its devices, each by itself, added up.
   */
  readonly members: StreamPlan | undefined
}

interface Shared {
  readonly source: string
  readonly where: MeasuredIndicator['where']
  readonly by: string | undefined
  readonly paneMs: number
  readonly offsetMs: number
  readonly isOrdered: boolean
  readonly indicators: MeasuredIndicator[]
}

const hourMs = 3_600_000

/** Plans the streams of a set of indicators, and the hourly and daily roll-ups of every device type. */
export function planStreams(indicators: readonly Indicator[], withRollups: boolean): readonly StreamPlan[] {
  const inputs = new Map<string, Input[]>()
  const inputsOf = (source: string): Input[] => {
    const known = inputs.get(source) ?? []
    inputs.set(source, known)
    return known
  }
  const measured = withInputs(indicators).filter((one) => one.kind === 'measured')
  const histories = historyOf(indicators)
  const shared = new Map<string, Shared>()
  const filterOf = createFilterNames()
  for (const indicator of measured) {
    const { paneMs, offsetMs } = gridOf(indicator.window)
    const isOrdered = Object.values(indicator.aggregates).some(isOrderedAggregate)
    const parts = [
      indicator.source,
      paneMs,
      offsetMs,
      indicator.by ?? '',
      isOrdered ? 'ordered' : '',
      // Ids of saved streams have an empty part here.
      '',
      filterOf(indicator),
    ]
    const id = parts.join('|')
    const group = shared.get(id) ?? {
      source: indicator.source,
      where: indicator.where,
      by: indicator.by,
      paneMs,
      offsetMs,
      isOrdered,
      indicators: [],
    }
    group.indicators.push(indicator)
    shared.set(id, group)
  }
  const plans = [...shared].flatMap(([id, group]) => planShared(id, group, histories, inputsOf(group.source)))
  const types: readonly DeviceType[] = withRollups
    ? [...Object.values(deviceTypes), ...selfDeclaredTypes().values()]
    : []
  return [...plans, ...types.map((type) => planRollup(type, inputsOf(type.id)))]
}

const filterName = 'where:'

/** Names filters by the first indicator that declares them, and by its revision. */
function createFilterNames(): (indicator: MeasuredIndicator) => string {
  const known = new Map<MeasuredIndicator['where'], string>()
  return ({ id, where, revision = 0 }) => {
    if (!where) return ''
    const name = known.get(where) ?? `${filterName}${id}@${revision}`
    known.set(where, name)
    return name
  }
}

/**
 * Streams that earlier versions named by the text of their filter: the saved id of each, with the present one, where
 * there is no doubt which it is.
 */
export function renamedStreams(
  planned: readonly string[],
  saved: readonly string[],
): readonly (readonly [from: string, to: string])[] {
  const present = new Set(planned)
  return planned.flatMap((id) => {
    const at = id.indexOf(`|${filterName}`) + 1
    if (at === 0 || saved.includes(id)) return []
    const [before, after] = [id.slice(0, at), id.slice(id.lastIndexOf('|'))]
    const isAlone = planned.every((one) => one === id || !one.startsWith(before + filterName) || !one.endsWith(after))
    const found = saved.filter((one) => {
      const isOther = present.has(one) || one.length <= at + after.length || one.startsWith(filterName, at)
      return !isOther && one.startsWith(before) && one.endsWith(after)
    })
    return isAlone && found.length === 1 ? [[found[0] as string, id] as const] : []
  })
}

/** All indicators, and those that derived ones are made of, each once; not those of cases. */
export function withInputs(indicators: readonly Indicator[]): readonly Indicator[] {
  const all = new Set<Indicator>()
  const take = (indicator: AnyIndicator): void => {
    if (indicator.kind === 'cases') return
    if (indicator.kind === 'derived') for (const { indicator: input } of Object.values(indicator.inputs)) take(input)
    all.add(indicator)
  }
  indicators.forEach(take)
  return [...all]
}

/** How far back each indicator is asked for by derived ones, in ms. */
function historyOf(indicators: readonly Indicator[]): ReadonlyMap<AnyIndicator, number> {
  const reach = new Map<AnyIndicator, number>()
  const take = (indicator: AnyIndicator, beforeMs: number): void => {
    reach.set(indicator, Math.max(reach.get(indicator) ?? 0, beforeMs))
    if (indicator.kind !== 'derived') return
    for (const { indicator: input, values } of Object.values(indicator.inputs)) {
      take(input, beforeMs + values * stepMs(input))
    }
  }
  for (const indicator of indicators) take(indicator, 0)
  return reach
}

/** From one value of an indicator to the next, in ms; the longest, where the calendar makes them differ. */
export function stepMs({ window }: AnyIndicator): number {
  switch (window.kind) {
    case 'tumbling':
      return window.size_s * 1000
    case 'sliding':
      return window.every_s * 1000
    case 'calendar':
      return { day: 1, month: 31, quarter: 92, year: 366 }[window.unit] * 24 * hourMs
  }
}

function isOrderedAggregate({ columns }: Aggregate): boolean {
  return columns.some((column) => column.kind === 'row' && column.ordered !== undefined)
}

function planShared(
  id: string,
  group: Shared,
  histories: ReadonlyMap<AnyIndicator, number>,
  inputs: Input[],
): StreamPlan[] {
  const { source, where, by, paneMs, offsetMs, isOrdered, indicators } = group
  const aggregates = indicators.flatMap((one) => Object.values(one.aggregates))
  const layout = createLayout(aggregates, inputs)
  const holds = layout.columns.map(({ column }) => column.ordered?.holdMs ?? 0)
  const common = {
    source,
    where,
    by,
    paneMs,
    offsetMs,
    holdMs: Math.max(0, ...holds),
    historyMs: Math.max(0, ...indicators.map((one) => histories.get(one) ?? 0)),
  }
  const scopeOf = (scope: Scope, members: StreamPlan | undefined): StreamPlan => {
    const groups = groupWindows(
      indicators.filter(({ scopes }) => scopes.includes(scope)),
      layout,
    )
    return { ...common, id: `${scope}|${id}|${shapeOf(layout, groups)}`, scope, layout, groups, members }
  }
  const scopes = [...new Set(indicators.flatMap((one) => one.scopes))]
  if (!isOrdered) return scopes.map((scope) => scopeOf(scope, undefined))
  const devices = scopeOf('device', undefined)
  return [devices, ...scopes.filter((scope) => scope !== 'device').map((scope) => scopeOf(scope, devices))]
}

/**
 * Says what rows of a stream are made of, and how many it keeps, which follows from its longest window. As part of the
 * stream's id it keeps what was saved with other declarations from being read as if it were of these.
 */
function shapeOf({ columns, cells, inputs, cellCount }: Layout, groups: readonly WindowGroup[]): string {
  const parts = [...columns, ...cells].map(({ column, input }) => {
    const { metric, name } = inputs[input] as Input
    return `${column.name} ${metric} ${name}`
  })
  const longest = Math.max(1, ...groups.map(({ ends }) => ends.longest))
  // Ids of saved streams have `false` here.
  return hashOf([...parts, false, cellCount, longest].join('\n')).toString(36)
}

function groupWindows(indicators: readonly MeasuredIndicator[], layout: Layout): WindowGroup[] {
  const groups = Map.groupBy(indicators, ({ window }) => gridOf(window).ends.name)
  return [...groups.values()].map((members) => {
    const { window } = members[0] as MeasuredIndicator
    return {
      ends: gridOf(window).ends,
      readers: members.map((indicator) => readerOf(indicator, layout)),
      rollup: undefined,
    }
  })
}

function readerOf(indicator: MeasuredIndicator, layout: Layout): Reader {
  const aggregates = Object.values(indicator.aggregates)
  return {
    indicator,
    names: Object.keys(indicator.aggregates),
    aggregates,
    places: aggregates.map((one) => layout.places.get(one) ?? []),
    counts: [...new Set(aggregates.map((one) => layout.counts.get(one) as number))],
  }
}

/** Hourly panes, read by the hour and by the local day. */
function planRollup({ id: type, metrics: declared }: DeviceType, inputs: Input[]): StreamPlan {
  const metrics = Object.entries(declared).flatMap(([metric, { kind }]) => (kind === 'number' ? [metric] : []))
  const columns = metrics.map((metric) => ({
    metric,
    count: count(metric),
    sum: sum(metric),
    min: min(metric),
    max: max(metric),
  }))
  const layout = createLayout(
    columns.flatMap((one) => [one.count, one.sum, one.min, one.max]),
    inputs,
  )
  // The count that a sum needs beside it stands before it.
  const at = (aggregate: Aggregate): number => layout.places.get(aggregate)?.at(-1) as number
  const reader = (suffix: string): RollupReader => ({
    measurement: `${type}${suffix}`,
    metrics: columns.map((one) => ({
      metric: one.metric,
      count: at(one.count),
      sum: at(one.sum),
      min: at(one.min),
      max: at(one.max),
    })),
  })
  const midnight = localOffsetMs / hourMs + 24
  const groups: readonly WindowGroup[] = [
    { ends: regularEnds(1, 1), readers: [], rollup: reader('_1h') },
    { ends: regularEnds(24, 24, midnight), readers: [], rollup: reader('_1d') },
  ]
  return {
    id: `device|${type}|rollup|${shapeOf(layout, groups)}`,
    source: type,
    scope: 'device',
    where: undefined,
    by: undefined,
    paneMs: hourMs,
    offsetMs: 0,
    layout,
    groups,
    holdMs: 0,
    historyMs: 0,
    members: undefined,
  }
}
