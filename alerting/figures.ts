import { type Incident, isActive } from './state.ts'

const minuteMs = 60_000
const dayMs = 24 * 60 * minuteMs
/** An incident that is active for longer is stale (ISA-18.2), in ms. */
const staleMs = dayMs
/** Figures of times are means over the incidents opened within it, in ms. */
const periodMs = 30 * dayMs

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
    incidents_per_10min: all.filter(({ opened }) => opened > now - 10 * minuteMs).length,
    ...meanMinutes('mtta_min', untilAcknowledged),
    ...meanMinutes('mttr_min', untilResolved),
  }
}

/** Causes by how often they had an incident, or flapped, the most first. */
export function topCauses(
  incidents: Iterable<Incident>,
  max = 10,
): { readonly cause: string; readonly count: number }[] {
  const counts = new Map<string, number>()
  for (const { cause, timeline } of incidents) {
    const count = timeline.filter(({ what }) => what === 'opened' || what === 'reopened').length
    counts.set(cause, (counts.get(cause) ?? 0) + count)
  }
  return [...counts]
    .map(([cause, count]) => ({ cause, count }))
    .sort((a, b) => b.count - a.count)
    .slice(0, max)
}

/** Without an incident there is no mean. */
function meanMinutes(name: string, times: readonly number[]): Record<string, number> {
  if (times.length === 0) return {}
  return { [name]: times.reduce((sum, time) => sum + Math.max(time, 0), 0) / times.length / minuteMs }
}
