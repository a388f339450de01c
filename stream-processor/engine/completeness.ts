import { findDeviceType } from '@ioc/contract/device-types/table.ts'
import type { LiveIndicator } from '@ioc/contract/messages/live.ts'
import { indicatorTopic } from '@ioc/contract/topics.ts'
import { displayOffsetMs } from '@ioc/runtime/display-time.ts'
import { type Calendar, reportingDays } from '@ioc/runtime/district/calendar.ts'
import type { CompletenessIndicator } from '../indicators/completeness.ts'
import { type LevelsAt, levelOf } from '../indicators/level.ts'
import { areaIn, type Registry } from './devices.ts'
import type { LiveSource } from './live-source.ts'
import { feedOf, type LiveFeed } from './live-turns.ts'
import type { IndicatorPoint } from './output.ts'
import { type Place, placeOf } from './place.ts'

export interface CompletenessOptions {
  readonly indicators: readonly CompletenessIndicator[]
  /** Cadences after which a source is late. */
  readonly cadences: number
  readonly calendar: Calendar
}

/** Sources of an indicator at a place, at the end of an hour. */
interface Count {
  readonly indicator: string
  readonly place: Place
  readonly expected: number
  readonly onTime: number
}

/** What is saved: the last hour that was counted, and what was counted. Plain data. */
export interface SavedCompleteness {
  /** End of the hour, in ms. */
  readonly hour: number
  readonly counts: readonly Count[]
}

export interface Completeness {
  /** Counts the hours that ended well before the clock, in ms. Call it before what arrived at that time is taken. */
  advance(clock: number, points: IndicatorPoint[]): void
  /** Whether `advance` has something to do. */
  isDue(clock: number): boolean
  /** Counts for the live topics, as of the clock, if that was long enough ago. */
  refresh(clock: number): void
  readonly takeLive: LiveFeed
  sources(): LiveSource[]
  /** What was counted since the last call; `undefined`: nothing. */
  changes(): SavedCompleteness | undefined
  restore(saved: SavedCompleteness | undefined, clock: number): void
  /** What was counted here at the end of an hour, or last for the live topics. */
  countAt(hour: number | 'live', id: string): Count | undefined
  /** Those of other partitions: areas and the district are those of all of them. */
  setPeers(peers: readonly Completeness[]): void
}

const hourMs = 3_600_000
const dayMs = 86_400_000
/** What arrives so long after the end of an hour still counts for it, in ms. */
const graceMs = 10_000
/** Hours that are counted one after the other when the clock jumps; of those before, nothing is known. */
const maxHours = 31 * 24
/** How often the live values are counted, in ms of the clock. */
const liveMs = 60_000
/** Days that are gone back over holidays and school terms. */
const maxDaysBack = 400

/**
 * At the end of each hour, and each minute for the live topics, the share of the known devices whose newest measurement is
 * not older than some cadences. The value of an hour follows from the log: an hour is counted before the first record that arrived `graceMs` after it is taken. Sources of a
 * day or more are late by working days, schools by school days: nobody fills a form in on a holiday.
 */
export function createCompleteness(
  { indicators, cadences, calendar }: CompletenessOptions,
  registry: Registry,
  levelsAt: LevelsAt,
): Completeness {
  const byType = new Map<string, CompletenessIndicator[]>()
  for (const one of indicators) {
    for (const type of one.types) byType.set(type, [...(byType.get(type) ?? []), one])
  }
  const byId = new Map(indicators.map((one) => [one.id, one]))
  let hour = Number.NEGATIVE_INFINITY
  let counts = new Map<string, Count>()
  let isChanged = false
  /** For the live topics, and when it was counted. */
  let live = new Map<string, Count>()
  let liveAt = Number.NEGATIVE_INFINITY
  let peers: readonly Completeness[] = []
  const sources = new Map<string, LiveSource>()
  const touched = new Set<LiveSource>()

  /** With those of other partitions, where these have counted the hour. */
  function totalOf(id: string, count: Count, at: number | 'live'): Count {
    const { scope } = count.place
    if (scope !== 'area' && scope !== 'district') return count
    let { expected, onTime } = count
    for (const peer of peers) {
      const other = peer.countAt(at, id)
      expected += other?.expected ?? 0
      onTime += other?.onTime ?? 0
    }
    return { ...count, expected, onTime }
  }

  function sourceOf(id: string, { indicator, place: { scope, key } }: Count): LiveSource {
    const known = sources.get(id)
    if (known) return known
    const read = (): LiveIndicator | null => {
      const count = live.get(id)
      const of = byId.get(indicator)
      if (!count || !of) return null
      const { expected: samples, onTime } = totalOf(id, count, 'live')
      const value = (100 * onTime) / samples
      const level = levelOf(value, levelsAt(of, count.place))
      return { id: indicator, scope, key, ts: liveAt, value, level, samples }
    }
    const source: LiveSource = { topic: indicatorTopic(indicator, scope, key, undefined), read }
    sources.set(id, source)
    return source
  }

  function countSources(end: number): Map<string, Count> {
    const since = createSince(end, cadences, calendar)
    const next = new Map<string, Count>()
    for (const device of registry.byIndex) {
      const of = device && byType.get(device.type)
      if (!device || !of) continue
      const cadenceMs = 1000 * (device.cadence_s ?? findDeviceType(device.type)?.cadence_s ?? 0)
      const isOnTime = (registry.lastTs[device.index] ?? 0) >= since(device.type, cadenceMs)
      const origin = { site: device.site, device: device.device, area: areaIn(registry, device.site) }
      for (const { id: indicator, scopes } of of) {
        for (const scope of scopes) {
          const place = placeOf(scope, origin, undefined)
          if (!place) continue
          const id = `${indicator} ${scope} ${place.key}`
          const { expected, onTime } = next.get(id) ?? { expected: 0, onTime: 0 }
          next.set(id, { indicator, place, expected: expected + 1, onTime: onTime + (isOnTime ? 1 : 0) })
        }
      }
    }
    return next
  }

  function countHour(end: number, points: IndicatorPoint[]): void {
    hour = end
    counts = countSources(end)
    isChanged = true
    for (const [id, count] of counts) {
      const indicator = byId.get(count.indicator) as CompletenessIndicator
      const { place, expected: samples, onTime } = totalOf(id, count, end)
      const value = (100 * onTime) / samples
      points.push({ indicator, place, ts: end, value, level: levelOf(value, levelsAt(indicator, place)), samples })
    }
  }

  function refresh(clock: number): void {
    if (indicators.length === 0 || clock < liveAt + liveMs) return
    const next = countSources(clock)
    // Places that are gone are cleared.
    for (const [id, count] of live) {
      if (next.has(id)) continue
      touched.add(sourceOf(id, count))
      sources.delete(id)
    }
    for (const [id, count] of next) touched.add(sourceOf(id, count))
    live = next
    liveAt = clock
  }

  const lastEnd = (clock: number) => Math.floor((clock - graceMs) / hourMs) * hourMs
  const isDue = (clock: number) => lastEnd(clock) > hour

  return {
    isDue,
    advance(clock, points) {
      const last = lastEnd(clock)
      if (indicators.length === 0) {
        hour = last
        return
      }
      // Before the first record nothing is expected.
      const first = Number.isFinite(hour) ? hour + hourMs : last + hourMs
      hour = Math.max(hour, first - hourMs)
      for (let end = Math.max(first, last - maxHours * hourMs); end <= last; end += hourMs) countHour(end, points)
    },
    takeLive: feedOf(touched, (source) => source),
    refresh,
    sources: () => [...live].map(([id, count]) => sourceOf(id, count)),
    changes() {
      if (!isChanged) return undefined
      isChanged = false
      return { hour, counts: [...counts.values()] }
    },
    restore(saved, clock) {
      hour = saved?.hour ?? (clock > 0 ? lastEnd(clock) : hour)
      const known = (saved?.counts ?? []).filter(({ indicator }) => byId.has(indicator))
      counts = new Map(known.map((count) => [`${count.indicator} ${count.place.scope} ${count.place.key}`, count]))
      refresh(clock)
    },
    countAt(at, id) {
      if (at === 'live') return live.get(id)
      return at === hour ? counts.get(id) : undefined
    },
    setPeers(others) {
      peers = others
    },
  }
}

/** From when on a measurement is recent enough at the end of an hour, in ms, by type and cadence. */
function createSince(end: number, cadences: number, calendar: Calendar) {
  const known = new Map<string, number>()
  return (type: string, cadenceMs: number): number => {
    const span = cadences * cadenceMs
    if (cadenceMs < dayMs) return end - span
    const id = `${type === 'school'} ${cadenceMs}`
    let since = known.get(id)
    if (since === undefined) {
      since = goBack(end, span, reportingDays(calendar, type))
      known.set(id, since)
    }
    return since
  }
}

/** So much time before `end`, not counting the days that do not count. */
export function goBack(end: number, span: number, counts: (ts: number) => boolean): number {
  let at = end
  let left = span
  for (let days = 0; days < maxDaysBack && left > 0; days++) {
    const start = Math.floor((at - 1 + displayOffsetMs) / dayMs) * dayMs - displayOffsetMs
    if (!counts(start)) {
      at = start
      continue
    }
    const part = Math.min(left, at - start)
    left -= part
    at -= part
  }
  return at
}

/** So much time after `start`, not counting the days that do not count. */
export function goForward(start: number, span: number, counts: (ts: number) => boolean): number {
  let at = start
  let left = span
  for (let days = 0; days < maxDaysBack && left > 0; days++) {
    const end = Math.floor((at + displayOffsetMs) / dayMs) * dayMs - displayOffsetMs + dayMs
    const part = counts(at) ? Math.min(left, end - at) : 0
    left -= part
    at = part > 0 && left === 0 ? at + part : end
  }
  return at
}
