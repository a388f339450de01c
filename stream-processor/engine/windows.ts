import type { Level, LiveIndicator, Scope } from '@ioc/contract/messages/live.ts'
import { indicatorTopic } from '@ioc/contract/topics.ts'
import type { Indicator } from '../indicators/indicator.ts'
import { levelOf } from '../indicators/level.ts'
import type { LiveSource } from './live-source.ts'
import type { Measurement } from './measurement.ts'
import { addToRing, createRing, mergePanes, type PaneRing } from './pane-ring.ts'

/** A value of an indicator at the end of one of its windows. */
export interface IndicatorPoint {
  readonly indicator: Indicator
  readonly scope: Scope
  readonly site: string | undefined
  readonly device: string | undefined
  readonly ts: number
  readonly value: number
  readonly level: Level
  readonly samples: number
}

/** Indicators that share panes: the same metric of the same type, in steps of the same length, for the same scope. */
export interface Stream {
  readonly id: string
  readonly metric: string
  readonly everyMs: number
  readonly scope: Scope
  readonly indicators: readonly { readonly indicator: Indicator; readonly panes: number }[]
  /** Panes of the longest window. */
  readonly longest: number
  /** Panes that are kept: the longest window, and as much again as events may be late. */
  readonly maxPanes: number
}

/** The panes of one stream for one key. */
export interface Series {
  readonly stream: Stream
  readonly key: string
  readonly site: string | undefined
  readonly device: string | undefined
  readonly ring: PaneRing
  readonly live: readonly LiveSource[]
  /** Panes that changed since they were last saved. */
  readonly unsaved: Set<number>
  /** The pane that the last event went to: the next one mostly goes there too, and then there is nothing to note. */
  lastPane: number
  /** Whether it has changed since the last `drain`. */
  touched: boolean
  /** Ends of windows, as panes, that are to be given out. */
  readonly due: Set<number>
}

export interface Windows {
  readonly series: ReadonlyMap<string, Series>
  /**
   * Adds a measurement to every series that it belongs to; returns how many of them it came too late for.
   * @param device an object that stands for the measurement's device and type: what is found once is kept for it
   */
  add(measurement: Measurement, device: object): number
  /** Appends what has become due since the last call, and what has changed. */
  drain(out: { readonly points: IndicatorPoint[]; readonly live: LiveSource[] }): void
  /** The series of an id, created where it is not there yet. */
  seriesOf(id: string): Series
}

/** Windows over event time for a set of indicators. Events later than `latenessMs` are not counted in them. */
export function createWindows(indicators: readonly Indicator[], latenessMs: number): Windows {
  const streamsByType = groupStreams(indicators, latenessMs)
  const streams = new Map([...streamsByType.values()].flat().map((stream) => [stream.id, stream]))
  const series = new Map<string, Series>()
  const seriesByDevice = new WeakMap<object, readonly Series[]>()
  let touched: Series[] = []

  const seriesOf = (id: string): Series => {
    let found = series.get(id)
    if (!found) {
      found = createSeries(id, streams)
      series.set(id, found)
    }
    return found
  }

  const seriesOfDevice = (measurement: Measurement, device: object): readonly Series[] => {
    let found = seriesByDevice.get(device)
    if (!found) {
      found = (streamsByType.get(measurement.type) ?? []).map((stream) => seriesOf(seriesId(stream, measurement)))
      seriesByDevice.set(device, found)
    }
    return found
  }

  return {
    series,
    seriesOf,
    add(measurement, device) {
      let late = 0
      for (const target of seriesOfDevice(measurement, device)) {
        const { stream, ring } = target
        const value = measurement.values[stream.metric]
        if (typeof value !== 'number') continue
        const pane = Math.floor(measurement.ts / stream.everyMs)
        const newestBefore = ring.newest
        if (!addToRing(ring, pane, measurement.ts, value, stream.maxPanes)) {
          late++
          continue
        }
        if (!target.touched) {
          target.touched = true
          touched.push(target)
        }
        if (pane !== target.lastPane) {
          target.lastPane = pane
          target.unsaved.add(pane)
        }
        if (pane !== newestBefore) markDue(target, pane, newestBefore)
      }
      return late
    },
    drain({ points, live }) {
      for (const one of touched) {
        for (const end of one.due) appendPoints(points, one, end)
        one.due.clear()
        one.touched = false
        live.push(...one.live)
      }
      touched = []
    },
  }
}

/**
 * Which window ends an event makes due. Time moves on with the newest event of the series: each window that ended since
 * is due once. A late event makes due again those windows that hold it and have ended.
 */
function markDue({ stream, due }: Series, pane: number, newestBefore: number): void {
  if (newestBefore < 0) return
  const [from, to] = pane > newestBefore ? [newestBefore + 1, pane] : [pane + 1, newestBefore]
  // A window that ends later than the longest one after the last event before it is empty.
  for (let end = from; end <= Math.min(to, from - 1 + stream.longest); end++) due.add(end)
}

function appendPoints(points: IndicatorPoint[], { stream, ring, site, device }: Series, end: number): void {
  for (const { indicator, panes } of stream.indicators) {
    const aggregate = mergePanes(ring, end - panes, end)
    if (!aggregate) continue
    const value = indicator.value(aggregate)
    const ts = end * stream.everyMs
    points.push({
      indicator,
      scope: stream.scope,
      site,
      device,
      ts,
      value,
      level: levelOf(value, indicator.levels),
      samples: aggregate.count,
    })
  }
}

/** The value of the window that ends with the newest event. */
function currentValue(
  indicator: Indicator,
  panes: number,
  { scope }: Stream,
  key: string,
  ring: PaneRing,
): LiveIndicator | undefined {
  const aggregate = mergePanes(ring, ring.newest + 1 - panes, ring.newest + 1)
  if (!aggregate) return undefined
  const value = indicator.value(aggregate)
  const level = levelOf(value, indicator.levels)
  return { id: indicator.id, scope, key, ts: ring.newestTs, value, level, samples: aggregate.count }
}

function groupStreams(indicators: readonly Indicator[], latenessMs: number): Map<string, Stream[]> {
  const streams = new Map<string, { source: string; indicators: Indicator[]; scope: Scope }>()
  for (const indicator of indicators) {
    for (const scope of indicator.scopes) {
      const id = `${indicator.source}.${indicator.metric}.${indicator.window.every_s}s.${scope}`
      const group = streams.get(id) ?? { source: indicator.source, indicators: [], scope }
      group.indicators.push(indicator)
      streams.set(id, group)
    }
  }
  const byType = new Map<string, Stream[]>()
  for (const [id, { source, indicators: members, scope }] of streams) {
    const first = members[0] as Indicator
    const everyMs = first.window.every_s * 1000
    const withPanes = members.map((indicator) => ({ indicator, panes: (indicator.window.size_s * 1000) / everyMs }))
    const longest = Math.max(...withPanes.map(({ panes }) => panes))
    const stream: Stream = {
      id,
      metric: first.metric,
      everyMs,
      scope,
      indicators: withPanes,
      longest,
      maxPanes: longest + Math.ceil(latenessMs / everyMs),
    }
    byType.set(source, [...(byType.get(source) ?? []), stream])
  }
  return byType
}

/** `stream|key`, where the key is `site/device`, the site, or `district`. */
function seriesId(stream: Stream, { site, device }: Measurement): string {
  switch (stream.scope) {
    case 'device':
      return `${stream.id}|${site}/${device}`
    case 'site':
      return `${stream.id}|${site}`
    default:
      return `${stream.id}|district`
  }
}

function createSeries(id: string, streams: ReadonlyMap<string, Stream>): Series {
  const [streamId = '', key = ''] = id.split('|')
  const stream = streams.get(streamId)
  if (!stream) throw new RangeError(`no stream ${streamId}`)
  const [site, device] = stream.scope === 'device' || stream.scope === 'site' ? key.split('/') : []
  const ring = createRing()
  const live = stream.indicators.map(({ indicator, panes }) => ({
    topic: indicatorTopic(indicator.id, stream.scope, key),
    read: () => currentValue(indicator, panes, stream, key, ring),
  }))
  return { stream, key, site, device, ring, live, unsaved: new Set(), due: new Set(), lastPane: -1, touched: false }
}
