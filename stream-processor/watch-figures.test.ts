import type { LiveProcess } from '@ioc/contract/messages/live.ts'
import { expect, test } from 'vitest'
import { declaredLevels } from './indicators/level.ts'
import { createWatchFigures } from './watch-figures.ts'

const minute = 60_000
const start = Date.parse('2026-11-30T00:00:00Z')
const report = (ts: number, gauges: Record<string, number>): LiveProcess => ({
  ...{ process: 'alerting', ts, up: true, pid: 1, restarts: 0, uptime_s: 0, rss_mb: 0, cpu_percent: 0, loop_p99_ms: 0 },
  gauges,
})

test('figures of the watch are values of the district, once a minute; without a mean there is none', () => {
  const figures = createWatchFigures()
  const gauges = { incidents_open: 2, incidents_per_10min: 4 }
  const { lines, changed } = figures.take(report(start + 3_000, gauges), declaredLevels)
  expect(lines).toEqual([
    `indicator,id=incidents_open,scope=district value=2,level=0i,samples=1i ${start}`,
    `indicator,id=incidents_10min,scope=district value=4,level=1i,samples=1i ${start}`,
  ])
  const live = changed.flatMap(({ read }) => read() ?? [])
  expect(live).toMatchObject([
    { id: 'incidents_open', scope: 'district', key: 'district', ts: start, value: 2, level: 0 },
    { id: 'incidents_10min', value: 4, level: 1 },
  ])
  expect(figures.take(report(start + 8_000, gauges), declaredLevels).lines).toEqual([])
  expect(figures.take(report(start + minute, { mtta_min: 7.5 }), declaredLevels).lines).toEqual([
    `indicator,id=incidents_mtta_30d,scope=district value=7.5,level=0i,samples=1i ${start + minute}`,
  ])
})

test('before the first report there is no value', () => {
  const sources = createWatchFigures().sources()
  expect(sources.length).toBeGreaterThan(0)
  expect(sources.map(({ read }) => read())).toEqual(sources.map(() => undefined))
})
