import { type IndicatorReference, type Spacing, spacingOf } from '@ioc/contract/boards/queries.ts'
import type { LiveIndicator, Scope } from '@ioc/contract/messages/live.ts'
import { isSlug } from '@ioc/contract/names.ts'
import { livePrefix, parseIndicatorTopic } from '@ioc/contract/topics.ts'
import { displayOffsetMs } from '@ioc/runtime/display-time.ts'
import type { Panel } from '../../../shared/boards/board.ts'
import type { Cell, PanelData, QueryResult, QuerySeries } from '../../../shared/boards/panel-data.ts'
import { startOf } from '../../../shared/time-range.ts'

/** Live points of one series, beyond those of the store. */
const maxTail = 2_000

/** Tags that tell the values of a scope apart. */
const keyTags: Readonly<Record<Scope, readonly string[]>> = {
  district: [],
  area: ['area'],
  site: ['site'],
  device: ['site', 'device'],
}

type Tags = Readonly<Record<string, string>>
type Point = readonly [ts: number, value: number]

/**
 * The live topics that the results of a panel go on in: those of one place where the query names it, for a fleet has
 * 10,000 devices.
 */
export function livePrefixes(results: readonly QueryResult[]): string[] {
  return [...new Set(results.flatMap(({ indicator, chosen }) => (indicator ? [prefixOf(indicator, chosen)] : [])))]
}

function prefixOf({ id, scope, tags }: IndicatorReference, chosen: QueryResult['chosen'] = {}): string {
  const key: string[] = []
  for (const tag of keyTags[scope]) {
    const value = tags[tag]
    if (value === undefined || tag in chosen || !isSlug(value)) break
    key.push(value)
  }
  return ['indicator', id, scope, ...key].join('/')
}

/**
 * Live values that came after the queries of one panel. A series of history goes on with a point for each interval, the
 * last of which moves with the window that is open; where only the newest value is asked for, it is replaced.
 */
export class LiveTail {
  readonly #points = new Map<string, { readonly tags: Tags; points: Point[] }>()
  readonly #panel: Panel
  readonly #areaOf: (site: string) => string | undefined

  /** `areaOf` is the area that a site is in: topics of sites and devices do not name it. */
  constructor(panel: Panel, areaOf: (site: string) => string | undefined) {
    this.#panel = panel
    this.#areaOf = areaOf
  }

  /** Adds a value to each result that shows it; whether there is one. */
  add(data: PanelData, live: LiveIndicator): boolean {
    if (live.samples <= 0) return false
    let isShown = false
    for (const result of data.results) {
      const tags = seriesTags(result, live, this.#areaOf)
      if (!tags) continue
      isShown = true
      const key = keyOf(result.refId, tags)
      const known = this.#points.get(key) ?? { tags, points: [] }
      this.#points.set(key, { tags, points: extended(known.points, [live.ts, live.value], data.interval_ms) })
    }
    return isShown
  }

  /** Removes the live values of a topic that exists no longer; whether there were any. */
  remove(data: PanelData, topic: string): boolean {
    const place = parseIndicatorTopic(livePrefix + topic)
    if (!place) return false
    let isRemoved = false
    for (const result of data.results) {
      const tags = seriesTags(result, place, this.#areaOf)
      if (tags && this.#points.delete(keyOf(result.refId, tags))) isRemoved = true
    }
    return isRemoved
  }

  /** The data with the live values put in. */
  applied(data: PanelData): PanelData {
    if (this.#points.size === 0) return data
    return { ...data, results: data.results.map((result) => this.#appliedTo(result, data.from)) }
  }

  /** Live values from before the range are left out: a figure must not show what its panel does not ask for. */
  #appliedTo(result: QueryResult, from: number): QueryResult {
    if (!result.indicator) return result
    const spacing = this.#spacing(result.refId)
    const known = new Set<string>()
    const series = result.series.map((one) => {
      const key = keyOf(result.refId, one.tags ?? {})
      known.add(key)
      const points = this.#pointsOf(key, from)
      return points.length > 0 ? withTail(one, points, spacing) : one
    })
    const added = [...this.#points].flatMap(([key, { tags }]): QuerySeries[] => {
      const points = this.#pointsOf(key, from)
      if (known.has(key) || points.length === 0 || !key.startsWith(`${result.refId}\n`)) return []
      const empty = { name: 'indicator', columns: ['time', this.#columnOf(result)], values: [] }
      return [withTail(Object.keys(tags).length > 0 ? { ...empty, tags } : empty, points, spacing)]
    })
    return { ...result, series: [...series, ...added] }
  }

  #pointsOf(key: string, from: number): readonly Point[] {
    return this.#points.get(key)?.points.filter(([ts]) => ts >= from) ?? []
  }

  /** What the query calls its values: `last("value") AS "…"`. */
  #columnOf({ refId, series: [first] }: QueryResult): string {
    const query = this.#panel.targets?.find((target) => target.refId === refId)?.query ?? ''
    return first?.columns[1] ?? /\("value"\) AS "(\w+)"/.exec(query)?.[1] ?? 'value'
  }

  /** How often a history has a value; undefined where only the newest one is asked for. */
  #spacing(refId: string): Spacing | undefined {
    const query = this.#panel.targets?.find((target) => target.refId === refId)?.query ?? ''
    return query.includes('GROUP BY time(') ? spacingOf(query) : undefined
  }
}

/** The tags of the series that a live value belongs to; undefined where the query does not ask for it alone. */
export function seriesTags(
  { indicator, chosen = {} }: QueryResult,
  { id, scope, key, group }: Pick<LiveIndicator, 'id' | 'scope' | 'key' | 'group'>,
  areaOf: (site: string) => string | undefined,
): Tags | undefined {
  if (indicator?.id !== id || indicator.scope !== scope) return undefined
  const own = tagsOf(scope, key, group, areaOf)
  const fixed = (tag: string) => indicator.by.includes(tag) || (tag in indicator.tags && !(tag in chosen))
  const telling = [...keyTags[scope], ...(group === undefined ? [] : ['group'])]
  // Several values in one series are the store's to combine.
  if (!telling.every(fixed)) return undefined
  for (const [tag, value] of Object.entries(indicator.tags)) {
    const allowed = chosen[tag] ?? [value]
    if (!allowed.includes(own[tag] ?? '')) return undefined
  }
  return Object.fromEntries(indicator.by.map((tag) => [tag, own[tag] ?? '']))
}

function tagsOf(
  scope: Scope,
  key: string,
  group: string | undefined,
  areaOf: (site: string) => string | undefined,
): Tags {
  const parts = key.split('/')
  const tags: Record<string, string> = Object.fromEntries(keyTags[scope].map((tag, index) => [tag, parts[index] ?? '']))
  const area = tags['site'] === undefined ? undefined : areaOf(tags['site'])
  return { ...tags, ...(area !== undefined && { area }), ...(group !== undefined && { group }) }
}

/** The points with one more; within the interval of the last one it takes that one's place. */
function extended(points: readonly Point[], point: Point, interval_ms: number): Point[] {
  const last = points.at(-1)
  if (last && point[0] < last[0]) return [...points]
  const intervalOf = (ts: number) => Math.floor((ts + displayOffsetMs) / interval_ms)
  const isSame = last !== undefined && intervalOf(last[0]) === intervalOf(point[0])
  return [...(isSame ? points.slice(0, -1) : points.slice(-maxTail + 1)), point]
}

function withTail(series: QuerySeries, points: readonly Point[], spacing: Spacing | undefined): QuerySeries {
  const { values } = series
  const last = values.at(-1)?.[0]
  const later = points.filter(([ts]) => typeof last !== 'number' || ts > last)
  const [first] = later
  const newest = points.at(-1)
  switch (spacing) {
    case 'hours':
      return { ...series, values: [...values, ...later] }
    case 'days': {
      // A day has one value: the live one is that of the store, or newer.
      const isSame = first && typeof last === 'number' && startOf(first[0], 'd') === startOf(last, 'd')
      const joined: readonly (readonly Cell[])[] = isSame
        ? [...values.slice(0, -1), [last, first[1]], ...later.slice(1)]
        : [...values, ...later]
      return { ...series, values: joined }
    }
    case undefined: {
      // The newest value of the open window may have the time of the stored one.
      const isNewer = newest && (typeof last !== 'number' || newest[0] >= last)
      return isNewer ? { ...series, values: [newest satisfies readonly Cell[]] } : series
    }
    default:
      return spacing satisfies never
  }
}

function keyOf(refId: string, tags: Tags): string {
  const sorted = Object.entries(tags).sort(([a], [b]) => (a < b ? -1 : 1))
  return `${refId}\n${JSON.stringify(sorted)}`
}
