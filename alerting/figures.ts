import { isActive } from '@ioc/contract/messages/incidents.ts'
import type { Incident } from './state.ts'

const minuteMs = 60_000
const dayMs = 24 * 60 * minuteMs
/** An incident that is active for longer is stale (ISA-18.2), in ms. */
const staleMs = dayMs
/** Figures of times are means over the incidents opened within it, in ms. */
const periodMs = 30 * dayMs
/** With more incidents opened in one interval of 10 minutes, nobody keeps up with them (EEMUA 191): a flood. */
const maxPerInterval = 10
const intervalMs = 10 * minuteMs
/** So many causes may be dealt with one by one. */
const worstCauses = 10

/** Figures of the watch: how many incidents, how fast people and recovery are. */
export function figuresOf(incidents: Iterable<Incident>, now: number): Record<string, number> {
  const all = [...incidents].filter(({ merged_into }) => merged_into === null)
  const active = all.filter(isActive)
  const recent = all.filter(({ opened }) => opened > now - periodMs)
  const untilAcknowledged = recent.flatMap(({ opened, timeline }) => {
    const first = timeline.find(({ what }) => what === 'acknowledged')
    return first ? [first.at - opened] : []
  })
  const untilResolved = recent.flatMap(({ opened, ended }) => (ended === null ? [] : [ended - opened]))
  return {
    incidents_open: active.filter(({ state }) => state === 'open').length,
    incidents_acknowledged: active.filter(({ state }) => state === 'acknowledged').length,
    incidents_stale: active.filter(({ opened }) => now - opened > staleMs).length,
    incidents_per_10min: all.filter(({ opened }) => opened > now - intervalMs).length,
    incidents_flood_percent: floodPercent(all, now),
    ...shareOfWorst(recent),
    ...meanMinutes('mtta_min', untilAcknowledged),
    ...meanMinutes('mttr_min', untilResolved),
  }
}

/** The share of the last day, in intervals of 10 minutes, in which so many incidents were opened that nobody keeps up. */
function floodPercent(incidents: readonly Pick<Incident, 'opened'>[], now: number): number {
  const counts = new Map<number, number>()
  for (const { opened } of incidents) {
    const interval = Math.floor((now - opened) / intervalMs)
    if (interval >= 0 && interval < dayMs / intervalMs) counts.set(interval, (counts.get(interval) ?? 0) + 1)
  }
  const flooded = [...counts.values()].filter((count) => count > maxPerInterval).length
  return (100 * flooded * intervalMs) / dayMs
}

/** The share of incidents that the most frequent causes have brought, in %. With no more causes than these it says nothing. */
function shareOfWorst(incidents: readonly Pick<Incident, 'cause' | 'aspect'>[]): Record<string, number> {
  const counts = new Map<string, number>()
  for (const { cause, aspect } of incidents) {
    const key = `${cause} ${aspect}`
    counts.set(key, (counts.get(key) ?? 0) + 1)
  }
  if (counts.size <= worstCauses) return {}
  const worst = [...counts.values()].sort((a, b) => b - a).slice(0, worstCauses)
  return { incidents_top10_percent: (100 * worst.reduce((sum, count) => sum + count, 0)) / incidents.length }
}

/** Without an incident there is no mean. */
function meanMinutes(name: string, times: readonly number[]): Record<string, number> {
  if (times.length === 0) return {}
  return { [name]: times.reduce((sum, time) => sum + Math.max(time, 0), 0) / times.length / minuteMs }
}
