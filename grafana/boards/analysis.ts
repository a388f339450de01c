import { type IndicatorQuery, indicatorHistory, perInterval } from '@ioc/contract/boards/queries.ts'
import { board, places, type VariableSpec } from './kit/board.ts'
import { declarations } from './kit/declarations.ts'
import { type PanelSpec, type Shown, sized } from './kit/panel.ts'
import { columnOf, rawTable } from './kit/tables.ts'
import type { Text } from './kit/text.ts'
import { text } from './kit/tiles.ts'
import { rawTrend } from './kit/trends.ts'

/** Indicators that areas can be compared by. */
const comparable = declarations.filter(({ scopes, by }) => scopes.includes('area') && by === undefined)

const chosen: VariableSpec = {
  name: 'indicator',
  label: { vi: 'Chỉ số', en: 'Indicator' },
  options: comparable.map(({ id, title }) => ({ value: id, title })),
  first: 'one_stop_on_time_30d',
}

/** A value of the chosen indicator, whose unit the board does not know. */
const shown = (title: Text): Shown => ({ title, unit: '1', name: '', decimals: 2 })
const value: Omit<Shown, 'title'> = { unit: '1', name: '', decimals: 2 }

/** As often as the slowest of the indicators has a value. */
const interval = '6h'

const headingOfDistrict: Text = { vi: 'Toàn địa bàn', en: 'The whole district' }

const id = '$indicator'
const areas: IndicatorQuery = { id, scope: 'area', tags: { area: '$area' }, by: ['area'] }
const district: IndicatorQuery = { id, scope: 'district' }

// The time comes first in these conditions: they are statistics, which the live topics have no newer value of.
const from = (scope: 'district' | 'area' | 'site', places = '') =>
  `FROM "indicator" WHERE $timeFilter AND "id" =~ /^$indicator$/ AND "scope" = '${scope}' AND "samples" > 0${places}`
const inAreas = ' AND "area" =~ /^$area$/'
const inSites = `${inAreas} AND "site" =~ /^$site$/`

/** Means of equal periods side by side, so that a week stands beside the week before, a month beside a month. */
function periods(title: Text, interval: string, timeFrom: string): PanelSpec {
  const panel = rawTrend(
    shown(title),
    () => [
      {
        query: `SELECT mean("value") AS "value" ${from('area', inAreas)} ${perInterval(['area'], 'days')}`,
        alias: '$tag_area',
      },
    ],
    { interval, timeFrom, isBars: true },
  )
  return sized(panel, 12, 8)
}

/** Range, mean and spread of each place; how far its newest value is from its mean, in standard deviations. */
function statistics(title: Text, scope: 'area' | 'site', tags: string): PanelSpec {
  const columns = [
    ['unusual', { vi: 'Độ lệch so với thường lệ', en: 'Deviations from the mean' }],
    ['newest', { vi: 'Mới nhất', en: 'Newest' }],
    ['mean', { vi: 'Trung bình', en: 'Mean' }],
    ['least', { vi: 'Thấp nhất', en: 'Least' }],
    ['greatest', { vi: 'Cao nhất', en: 'Greatest' }],
    ['spread', { vi: 'Độ lệch chuẩn', en: 'Standard deviation' }],
  ] as const satisfies readonly (readonly [string, Text])[]
  const query = `SELECT (last("value") - mean("value")) / stddev("value") AS "unusual", last("value") AS "newest", mean("value") AS "mean", min("value") AS "least", max("value") AS "greatest", stddev("value") AS "spread" ${from(scope, tags)} GROUP BY "${scope}"`
  return rawTable(
    title,
    [query],
    () => [columnOf(scope), ...columns.map(([field, words]) => ({ field, title: words, shown: value }))],
    { hidden: ['Time'], sort: { field: 'unusual', desc: true }, h: scope === 'area' ? 7 : 12 },
  )
}

/** One indicator, compared over areas, sites and periods. */
export const analysis = board({
  name: 'analysis',
  title: { vi: 'Phân tích', en: 'Analysis' },
  group: 'overview',
  about: {
    vi: 'So sánh một chỉ số giữa các xã, các điểm và các kỳ; tìm giá trị khác thường.',
    en: 'One indicator compared over areas, sites and periods; values that are unusual.',
  },
  last: '30d',
  variables: [chosen, ...places()],
  sections: [
    {
      panels: [
        text(
          { vi: 'Cách xem', en: 'How to read it' },
          {
            vi: 'Chọn chỉ số, xã và điểm ở trên. Kỳ này so với kỳ trước: các cột theo tuần và theo tháng. Độ lệch so với thường lệ từ 3 trở lên, hoặc từ −3 trở xuống, là khác thường trong khoảng thời gian đang xem.',
            en: 'Choose an indicator, areas and sites above. A period beside the one before: the bars by week and by month. Three deviations from the mean or more, up or down, are unusual in the time range shown.',
          },
        ),
        rawTrend(shown({ vi: 'Các xã', en: 'Areas' }), () => [{ query: indicatorHistory(areas), alias: '$tag_area' }], {
          interval,
        }),
        rawTrend(
          shown(headingOfDistrict),
          (language) => [{ query: indicatorHistory(district), alias: headingOfDistrict[language] }],
          { interval },
        ),
        periods({ vi: 'Trung bình tuần', en: 'Means of weeks' }, '7d', '91d'),
        periods({ vi: 'Trung bình 30 ngày', en: 'Means of 30 days' }, '30d', '390d'),
      ],
    },
    {
      title: { vi: 'So sánh và giá trị khác thường', en: 'Comparison and unusual values' },
      panels: [
        statistics({ vi: 'Các xã trong khoảng thời gian', en: 'Areas in the time range' }, 'area', inAreas),
        statistics({ vi: 'Các điểm trong khoảng thời gian', en: 'Sites in the time range' }, 'site', inSites),
      ],
    },
  ],
})
