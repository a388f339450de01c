import type { Indicator } from '../indicators/indicator.ts'
import { levelOf } from '../indicators/level.ts'

/** An event that an indicator counts. */
export interface OracleEvent {
  readonly type: string
  readonly site: string
  readonly device: string
  readonly ts: number
  readonly values: Readonly<Record<string, unknown>>
}

/**
 * Every indicator computed by brute force from all events at once: for each key, each window end up to the newest event
 * whose window holds an event. `id|scope|key|ts` → value, level, samples. Slow, and simple enough to be believed.
 */
export function recompute(indicators: readonly Indicator[], events: readonly OracleEvent[]) {
  const expected = new Map<string, { value: number; level: number; samples: number }>()
  for (const indicator of indicators) {
    const everyMs = indicator.window.every_s * 1000
    const sizeMs = indicator.window.size_s * 1000
    for (const scope of indicator.scopes) {
      const keyed = Map.groupBy(
        events.filter(({ type, values }) => type === indicator.source && typeof values[indicator.metric] === 'number'),
        ({ site, device }) => (scope === 'device' ? `${site}/${device}` : scope === 'site' ? site : 'district'),
      )
      for (const [key, members] of keyed) {
        const times = members.map(({ ts }) => ts)
        const last = Math.max(...times)
        const ends = new Set(times.flatMap((ts) => windowEnds(ts, everyMs, sizeMs)))
        for (const end of ends) {
          if (end > Math.floor(last / everyMs) * everyMs) continue
          const inside = members
            .filter(({ ts }) => ts >= end - sizeMs && ts < end)
            .map(({ values }) => values[indicator.metric] as number)
          const sum = inside.reduce((total, value) => total + value, 0)
          const value = indicator.value({
            count: inside.length,
            sum,
            min: Math.min(...inside),
            max: Math.max(...inside),
          })
          expected.set(`${indicator.id}|${scope}|${key}|${end}`, {
            value,
            level: levelOf(value, indicator.levels),
            samples: inside.length,
          })
        }
      }
    }
  }
  return expected
}

/** The ends of all windows that hold a time. */
function windowEnds(ts: number, everyMs: number, sizeMs: number): number[] {
  const first = (Math.floor(ts / everyMs) + 1) * everyMs
  return Array.from({ length: sizeMs / everyMs }, (_, index) => first + index * everyMs)
}
