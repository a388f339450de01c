import { expect, test } from 'vitest'
import { indicatorHistory, indicatorLatest, indicatorOf, spacingOf, targetHistory } from './queries.ts'

const district = { id: 'air_aqi_hour', scope: 'district' } as const
const areas = { id: 'air_aqi_hour', scope: 'area', tags: { area: '$area' }, by: ['area'] } as const

test('the history of an indicator is thinned to the width of a panel', () => {
  expect(indicatorHistory(areas)).toBe(
    'SELECT mean("value") AS "value" FROM "indicator" WHERE "id" = \'air_aqi_hour\' AND "scope" = \'area\' AND ' +
      '"area" =~ /^$area$/ AND "samples" > 0 AND $timeFilter GROUP BY time($__interval), "area" fill(none) tz(\'Asia/Ho_Chi_Minh\')',
  )
})

test('the newest value of an indicator needs no interval', () => {
  expect(indicatorLatest(district)).toBe(
    'SELECT last("value") AS "value" FROM "indicator" WHERE "id" = \'air_aqi_hour\' AND "scope" = \'district\' AND ' +
      '"samples" > 0 AND $timeFilter',
  )
})

test.each([district, areas, { ...areas, tags: { site: 'ubnd', device: '$device' }, by: ['group', 'device'] }])(
  '%j is recognised by its queries',
  (query) => {
    const reference = { tags: {}, by: [], ...query }
    expect(indicatorOf(indicatorHistory(query))).toEqual(reference)
    expect(indicatorOf(indicatorHistory(query, 'days'))).toEqual(reference)
    expect(indicatorOf(indicatorLatest(query))).toEqual(reference)
    expect([spacingOf(indicatorHistory(query)), spacingOf(indicatorHistory(query, 'days'))]).toEqual(['hours', 'days'])
  },
)

test('a target is drawn where all places of a query have the same one', () => {
  expect(targetHistory(areas, 'days')).toBe(
    'SELECT "target" FROM (SELECT mean("target") AS "target", spread("target") AS "spread" FROM "indicator" WHERE $timeFilter AND ' +
      '"id" = \'air_aqi_hour\' AND "scope" = \'area\' AND "area" =~ /^$area$/ ' +
      'GROUP BY time($__interval, 1ms) fill(none) tz(\'Asia/Ho_Chi_Minh\')) WHERE "spread" = 0',
  )
})

test('other queries are of no indicator', () => {
  expect(indicatorOf(targetHistory(areas))).toBeUndefined()
  expect(indicatorOf('SELECT mean("cpu_percent") FROM "system" WHERE $timeFilter')).toBeUndefined()
  expect(indicatorOf('SHOW TAG VALUES FROM "indicator" WITH KEY = "area"')).toBeUndefined()
})
