import { sum, totalOfLast } from '../engine/aggregates/aggregates.ts'
import { places, startingLevels } from './case-formulas.ts'
import { indicator, type MetricOf, type ValuesOf } from './indicator.ts'
import { dailyHold, day, month, year } from './periods.ts'

/** The record of all trades: together with those of the trades every household would count twice. */
const isOfAllTrades = ({ trade }: ValuesOf<'business_household'>) => trade === undefined

const flow = (
  id: string,
  vi: string,
  en: string,
  metric: MetricOf<'business_household', 'number'>,
  window: typeof month | typeof year,
) =>
  indicator({
    id,
    title: { vi, en },
    unit: '1',
    source: 'business_household',
    where: isOfAllTrades,
    aggregates: { value: sum(metric) },
    window,
    scopes: places,
    formula: `sum(${metric}) of the records of all trades`,
    value: ({ value }) => value,
  })

const flowByTrade = (id: string, vi: string, en: string, metric: MetricOf<'business_household', 'number'>) =>
  indicator({
    id,
    title: { vi, en },
    unit: '1',
    source: 'business_household',
    by: 'trade',
    aggregates: { value: sum(metric) },
    window: month,
    scopes: places,
    value: ({ value }) => value,
  })

/** The register of business households. */
export const businessIndicators = [
  indicator({
    id: 'business_active',
    title: { vi: 'Hộ kinh doanh đang hoạt động', en: 'Active business households' },
    unit: '1',
    source: 'business_household',
    where: isOfAllTrades,
    aggregates: { value: totalOfLast('active', dailyHold) },
    window: day,
    scopes: places,
    formula: 'totalOfLast(active) of the records of all trades',
    value: ({ value }) => value,
  }),
  indicator({
    id: 'business_active_by_trade',
    title: { vi: 'Hộ kinh doanh đang hoạt động, theo ngành nghề', en: 'Active business households, by trade' },
    unit: '1',
    source: 'business_household',
    by: 'trade',
    aggregates: { value: totalOfLast('active', dailyHold) },
    window: day,
    scopes: places,
    value: ({ value }) => value,
  }),
  flow(
    'business_registered_month',
    'Hộ kinh doanh đăng ký mới trong tháng',
    'New households, month',
    'registered',
    month,
  ),
  flow(
    'business_suspended_month',
    'Hộ kinh doanh tạm ngừng trong tháng',
    'Suspended households, month',
    'suspended',
    month,
  ),
  flow('business_closed_month', 'Hộ kinh doanh chấm dứt trong tháng', 'Closed households, month', 'closed', month),
  flow('business_registered_year', 'Hộ kinh doanh đăng ký mới từ đầu năm', 'New households, year', 'registered', year),
  flow('business_closed_year', 'Hộ kinh doanh chấm dứt từ đầu năm', 'Closed households, year', 'closed', year),
  indicator({
    id: 'business_net_month',
    title: { vi: 'Hộ kinh doanh tăng thuần trong tháng', en: 'Net new households, month' },
    unit: '1',
    source: 'business_household',
    where: isOfAllTrades,
    aggregates: { registered: sum('registered'), closed: sum('closed') },
    window: month,
    scopes: places,
    levels: { direction: 'below', attention: -1, warning: -10, critical: -50 },
    unconfirmed: startingLevels,
    formula: 'sum(registered) − sum(closed) of the records of all trades',
    value: ({ registered, closed }) => registered - closed,
  }),
  flowByTrade(
    'business_registered_month_by_trade',
    'Hộ kinh doanh đăng ký mới trong tháng, theo ngành nghề',
    'New households, month, by trade',
    'registered',
  ),
  flowByTrade(
    'business_closed_month_by_trade',
    'Hộ kinh doanh chấm dứt trong tháng, theo ngành nghề',
    'Closed households, month, by trade',
    'closed',
  ),
]
