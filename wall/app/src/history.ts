import type { ApiHistory } from '@ioc/contract/messages/api.ts'
import type { LiveIndicator } from '@ioc/contract/messages/live.ts'
import { livePrefix, parseIndicatorTopic } from '@ioc/contract/topics.ts'
import { type Signal, signal } from '@preact/signals'

/** A series as uPlot takes it: seconds, values. */
export type Series = [times: number[], values: number[]]

/** What trends show. */
export const rangeMs = 3_600_000
/** Points of one series: an hour of a value a second. */
const maxPoints = 3_600

/** Whether the store did not answer when history was last asked for. */
export const storeAway = signal(false)

/** Counts up when those whose history failed shall ask again. */
export const retries = signal(0)
const retryMs = 15_000
let retryPlanned = false

const series = new Map<string, Signal<Series>>()
const wanted = new Set<string>()

/** The points of an indicator that is shown, from its value now on. */
export function seriesOf(topic: string, { ts, value }: LiveIndicator): Signal<Series> {
  let found = series.get(topic)
  if (!found) {
    found = signal<Series>([[ts / 1000], [value]])
    series.set(topic, found)
  }
  return found
}

/** Appends a live value to the series of a topic that is shown, or was. */
export function addLivePoint(topic: string, { ts, value }: LiveIndicator): void {
  const target = series.get(topic)
  if (target) target.value = merge(target.value, [{ ts, value }])
}

/** Reads the last hour of a topic that is shown, once until the connection is new. */
export async function loadHistory(topic: string): Promise<void> {
  if (wanted.has(topic)) return
  wanted.add(topic)
  const parsed = parseIndicatorTopic(livePrefix + topic)
  if (!parsed) return
  const { id, ...place } = parsed
  const query = new URLSearchParams({ ...place })
  try {
    const response = await fetch(`api/indicators/${encodeURIComponent(id)}?${query}`)
    storeAway.value = response.status === 503
    if (!response.ok) {
      wanted.delete(topic)
      planRetry()
      return
    }
    const { points } = (await response.json()) as ApiHistory
    const target = series.get(topic)
    if (target) target.value = merge(target.value, points)
  } catch {
    // Cut off: the next connection asks again.
    wanted.delete(topic)
  }
}

/** One timer for all trends: a store that is away is not asked once a card and second. */
function planRetry(): void {
  if (retryPlanned) return
  retryPlanned = true
  setTimeout(() => {
    retryPlanned = false
    retries.value++
  }, retryMs)
}

/** Makes every trend ask for its history again: what came while the link was cut is in the store. */
export function forgetHistory(): void {
  wanted.clear()
}

function merge(old: Series, points: readonly { readonly ts: number; readonly value: number }[]): Series {
  const [first] = points
  const last = old[0].at(-1) ?? Number.NEGATIVE_INFINITY
  // The usual case: one value later than all others. The arrays are new because signals compare by identity.
  if (first && points.length === 1 && first.ts / 1000 > last) {
    return cut([...old[0], first.ts / 1000], [...old[1], first.value])
  }
  const byTime = new Map(old[0].map((time, index) => [time, old[1][index] ?? Number.NaN]))
  for (const { ts, value } of points) byTime.set(ts / 1000, value)
  const sorted = [...byTime].sort(([a], [b]) => a - b)
  return cut(
    sorted.map(([time]) => time),
    sorted.map(([, value]) => value),
  )
}

function cut(times: number[], values: number[]): Series {
  const since = (times.at(-1) ?? 0) - rangeMs / 1000
  let start = Math.max(0, times.length - maxPoints)
  while ((times[start] ?? since) < since) start++
  return start === 0 ? [times, values] : [times.slice(start), values.slice(start)]
}
