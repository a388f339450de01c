import type { LiveIndicator, LiveProcess } from '@ioc/contract/messages/live.ts'
import { indicatorTopic } from '@ioc/contract/topics.ts'
import type { LiveSource } from './engine/live-source.ts'
import { watchIndicators } from './indicators/incidents.ts'
import { type LevelsAt, levelOf } from './indicators/level.ts'
import type { TargetOf } from './indicators/target.ts'
import { indicatorLine } from './lines.ts'

const minuteMs = 60_000
const place = { scope: 'district', key: 'district' } as const

/** The figures that the watch reports of itself, as indicators. */
export interface WatchFigures {
  /** Lines for the store, and what changed on live topics: once a minute. */
  take(
    report: LiveProcess,
    levelsAt: LevelsAt,
    targetOf?: TargetOf,
  ): { readonly lines: string[]; readonly changed: readonly LiveSource[] }
  sources(): readonly LiveSource[]
}

export function createWatchFigures(): WatchFigures {
  const values = new Map<string, LiveIndicator>()
  const sources = watchIndicators.map(
    ({ id }): LiveSource => ({ topic: indicatorTopic(id, place.scope, place.key), read: () => values.get(id) }),
  )
  let last = 0

  return {
    take({ ts: reported, gauges }, levelsAt, targetOf) {
      const ts = Math.floor(reported / minuteMs) * minuteMs
      if (ts <= last) return { lines: [], changed: [] }
      last = ts
      const lines = watchIndicators.flatMap((indicator) => {
        const { id, gauge } = indicator
        const value = gauges[gauge]
        // Without an incident there is no mean.
        if (value === undefined || !Number.isFinite(value)) return []
        const level = levelOf(value, levelsAt(indicator, place))
        values.set(id, { id, ...place, ts, value, level, samples: 1 })
        return [indicatorLine({ indicator, place, ts, value, level, samples: 1 }, targetOf)]
      })
      return { lines, changed: sources }
    },
    sources: () => sources,
  }
}
