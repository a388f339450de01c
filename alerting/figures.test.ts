import { expect, test } from 'vitest'
import { figuresOf } from './figures.ts'
import type { Incident } from './state.ts'
import { hour, minute, siteOf, Watch } from './testing/watch.ts'

test('figures count what is active and stale, and give the mean times to acknowledge and to resolve', () => {
  const watch = new Watch(siteOf('a', 12))
  expect(figuresOf(watch.state.incidents.values(), watch.now)).not.toHaveProperty('mtta_min')
  watch.observe('device/a/d1', 'silent').observe('device/a/d2', 'silent').pass(minute)
  expect(figuresOf(watch.state.incidents.values(), watch.now)).toMatchObject({
    incidents_open: 2,
    incidents_per_10min: 2,
  })
  const [first] = watch.active
  watch.now = (first?.opened ?? 0) + 4 * minute
  watch.do({ kind: 'acknowledge', by: 'lan', id: 1, until: watch.now + hour, note: '' })
  watch.now += 6 * minute
  watch.observe('device/a/d1', null)
  watch.now += 25 * hour
  const figures = figuresOf(watch.state.incidents.values(), watch.now)
  expect(figures).toMatchObject({ incidents_open: 1, incidents_stale: 1, incidents_per_10min: 0 })
  expect(figures).toMatchObject({ mtta_min: 4, mttr_min: 10 })
})

/** An incident of the watch, opened at other times. */
const template = (() => {
  const watch = new Watch(siteOf('a', 1)).observe('device/a/d1', 'silent').pass(minute)
  return watch.active[0] as Incident
})()

test.each([
  [10, 1, 0],
  [11, 1, 100 / 144],
  [11, 3, 300 / 144],
  [40, 144, 100],
])('%i incidents in each of %i intervals of ten minutes flood %f %% of the day', (count, intervals, percent) => {
  const now = Date.parse('2026-11-30T00:00:00Z')
  const opened = Array.from({ length: intervals }, (_, interval) =>
    Array.from({ length: count }, () => now - interval * 10 * minute - minute),
  ).flat()
  const yesterday = Array.from({ length: 20 }, () => now - 25 * hour)
  const incidents = [...opened, ...yesterday].map((at, index): Incident => ({ ...template, id: index + 1, opened: at }))
  expect(figuresOf(incidents, now)['incidents_flood_percent']).toBeCloseTo(percent)
})

test('the ten most frequent causes have a share once there are more of them', () => {
  const now = Date.parse('2026-11-30T00:00:00Z')
  const shareOf = (counts: readonly number[]) => {
    const incidents = counts.flatMap((count, cause) =>
      Array.from({ length: count }, (): Incident => ({ ...template, cause: `device/a/d${cause}`, opened: now - hour })),
    )
    return figuresOf(incidents, now)['incidents_top10_percent']
  }
  expect(shareOf(Array(10).fill(3))).toBeUndefined()
  expect(shareOf([...Array(10).fill(3), 2, 1])).toBeCloseTo((100 * 30) / 33)
  expect(shareOf([31, ...Array(29).fill(1)])).toBeCloseTo((100 * 40) / 60)
})
