import type { IndicatorReference } from '@ioc/contract/boards/queries.ts'
import { type IndicatorDescriptor, type Scope, windowStepSeconds } from '@ioc/contract/messages/live.ts'
import { indicatorTopic, livePrefix } from '@ioc/contract/topics.ts'
import { targetAt } from '@ioc/runtime/district/target-at.ts'
import type { Comparison, QuerySeries } from '../../shared/boards/panel-data.ts'
import type { TimeRange } from '../../shared/time-range.ts'
import { periodAt, previousOf } from '../analysis/periods.ts'
import type { LiveState } from '../live-state.ts'
import { literal } from '../store-query.ts'

const hourMs = 3_600_000
const dayMs = 24 * hourMs
/** How long the value of a past period is kept, in ms. */
const keepMs = 60_000

/** Where one indicator is shown: a reference whose tags have one value each. */
export interface IndicatorPlace {
  readonly id: string
  readonly scope: Scope
  readonly key: string
  readonly group?: string
}

/** The place of a reference; undefined where it is of several. */
export function placeOf({ id, scope, tags, by }: IndicatorReference): IndicatorPlace | undefined {
  const { area, site, device, group } = tags
  const key = { district: 'district', area, site, device: site && device && `${site}/${device}` }[scope]
  const isOne = key !== undefined && key !== '' && by.every((tag) => tag in tags)
  if (!isOne || [key, group].some((value) => value?.startsWith('$'))) return undefined
  return { id, scope, key, ...(group === undefined ? {} : { group }) }
}

/** When the value one period earlier was stamped, and how much earlier it may be. */
interface Earlier {
  readonly period: Comparison['period']
  readonly at: number
  readonly withinMs: number
  /** The window of the present value is not over: it does not yet cover as much as the one before. */
  readonly provisional: boolean
}

/**
 * What the figure of a panel is compared with: the value one period earlier, and the target of its place.
 * @throws IocError STORE_UNREACHABLE
 */
export async function compareValue(
  place: IndicatorPlace,
  tags: IndicatorReference['tags'],
  { from, to }: TimeRange,
  shown: readonly QuerySeries[],
  state: LiveState,
  read: (statement: string, keepMs: number) => Promise<readonly QuerySeries[]>,
): Promise<Comparison | undefined> {
  const descriptor = state.descriptors.find(({ id }) => id === place.id)
  if (!descriptor) return undefined
  const topic = indicatorTopic(place.id, place.scope, place.key, place.group).slice(livePrefix.length)
  const live = state.current(topic) as { readonly ts: number } | undefined
  const isLive = live !== undefined && from <= live.ts && live.ts <= to + hourMs
  const ts = isLive ? live.ts : newestOf(shown)
  if (ts === undefined) return undefined
  const { at, withinMs, period, provisional } = earlier(descriptor, ts, isLive)
  const conditions = Object.entries({ id: place.id, scope: place.scope, ...tags }).map(
    ([tag, value]) => `"${tag}" = ${literal(value)}`,
  )
  const [series] = await read(
    `SELECT last("value") AS "value" FROM "indicator" WHERE ${conditions.join(' AND ')} AND "samples" > 0 ` +
      `AND time > ${at - withinMs}ms AND time <= ${at}ms`,
    keepMs,
  )
  const [time, value] = series?.values[0] ?? []
  // A stored value is of the window that its time ends, as that of a year by the first moment of the next one.
  const target =
    targetAt(state.district.targets, place.id, place, isLive ? ts : ts - 1)?.value ?? descriptor.target ?? null
  return {
    previous: typeof time === 'number' && typeof value === 'number' ? { ts: time, value } : null,
    period,
    target,
    ...(provisional ? { provisional } : {}),
  }
}

function newestOf(series: readonly QuerySeries[]): number | undefined {
  const times = series.flatMap(({ values }) => values.map(([time]) => time))
  const newest = times.reduce<number>(
    (latest, time) => (typeof time === 'number' ? Math.max(latest, time) : latest),
    -1,
  )
  return newest < 0 ? undefined : newest
}

/** A live value is of the window that goes on, a stored one of the window that its time ends. */
function earlier({ window, accumulates }: IndicatorDescriptor, ts: number, isLive: boolean): Earlier {
  switch (window.kind) {
    case 'calendar': {
      const current = periodAt(window.unit, isLive ? ts : ts - 1)
      if (window.unit === 'day')
        return { period: 'week', at: current.to - 7 * dayMs, withinMs: hourMs, provisional: isLive }
      return { period: window.unit, at: previousOf(current).to, withinMs: hourMs, provisional: isLive }
    }
    case 'tumbling':
    case 'sliding': {
      const step = windowStepSeconds(window) * 1000
      const end = window.kind === 'tumbling' ? Math.ceil(ts / step) * step : ts
      const { period, days } = periodOfLength(window.size_s * 1000)
      const provisional = window.kind === 'tumbling' && ts < end && accumulates === true
      return { period, at: end - days * dayMs, withinMs: 2 * step, provisional }
    }
    default:
      return window satisfies never
  }
}

function periodOfLength(lengthMs: number): { period: Comparison['period']; days: number } {
  if (lengthMs <= dayMs) return { period: 'week', days: 7 }
  if (lengthMs <= 31 * dayMs) return { period: 'month', days: 30 }
  if (lengthMs <= 92 * dayMs) return { period: 'quarter', days: 91 }
  return { period: 'year', days: 365 }
}
