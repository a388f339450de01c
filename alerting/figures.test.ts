import { expect, test } from 'vitest'
import { figuresOf } from './figures.ts'
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
