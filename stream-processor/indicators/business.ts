import { sum, totalOfLast } from '../engine/aggregates/aggregates.ts'
import { places } from './case-formulas.ts'
import { indicator, type MetricOf, type ValuesOf } from './indicator.ts'
import { dailyHold, day, month, year } from './periods.ts'
import { unconfirmed } from './unconfirmed.ts'
import { capital, during, type Words } from './words.ts'

/** The record of all trades: together with those of the trades every household would count twice. */
const isOfAllTrades = ({ trade }: ValuesOf<'business_household'>) => trade === undefined

/** What a household does with the register. */
const changes = {
  registered: { vi: 'đăng ký mới', en: 'new' },
  suspended: { vi: 'tạm ngừng', en: 'suspended' },
  closed: { vi: 'chấm dứt', en: 'closed' },
} as const satisfies Partial<Record<MetricOf<'business_household', 'number'>, Words>>

const sentences: Readonly<Record<keyof typeof changes, Words>> = {
  registered: { vi: 'được cấp đăng ký mới', en: 'that were newly registered' },
  suspended: { vi: 'đăng ký tạm ngừng hoạt động', en: 'that suspended their trade' },
  closed: { vi: 'đăng ký chấm dứt hoạt động', en: 'that closed for good' },
}

const aboutChange = (change: keyof typeof changes, window: typeof month | typeof year, of: Words): Words => ({
  vi: `Cộng số hộ kinh doanh ${sentences[change].vi} ${during(window).vi}, ${of.vi}.`,
  en: `Adds up the business households ${sentences[change].en} ${during(window).en}, ${of.en}.`,
})

const flow = (change: keyof typeof changes, window: typeof month | typeof year) =>
  indicator({
    id: `business_${change}_${window.unit}`,
    title: {
      vi: `Hộ kinh doanh ${changes[change].vi} ${during(window).vi}`,
      en: `${capital(changes[change].en)} households, ${window.unit}`,
    },
    about: aboutChange(change, window, { vi: 'tất cả các ngành nghề', en: 'of all trades together' }),
    unit: '1',
    source: 'business_household',
    where: isOfAllTrades,
    aggregates: { value: sum<MetricOf<'business_household'>>(change) },
    window,
    scopes: places,
    formula: `sum(${change}) of the records of all trades`,
    value: ({ value }) => value,
  })

const flowByTrade = (change: keyof typeof changes) =>
  indicator({
    id: `business_${change}_month_by_trade`,
    title: {
      vi: `Hộ kinh doanh ${changes[change].vi} trong tháng, theo ngành nghề`,
      en: `${capital(changes[change].en)} households, month, by trade`,
    },
    about: aboutChange(change, month, { vi: 'tính riêng cho từng ngành nghề', en: 'separately for each trade' }),
    unit: '1',
    source: 'business_household',
    by: 'trade',
    aggregates: { value: sum<MetricOf<'business_household'>>(change) },
    window: month,
    scopes: places,
    value: ({ value }) => value,
  })

/** The register of business households. */
export const businessIndicators = [
  indicator({
    id: 'business_active',
    title: { vi: 'Hộ kinh doanh đang hoạt động', en: 'Active business households' },
    about: {
      vi: 'Cộng số hộ kinh doanh đang hoạt động theo báo cáo gần nhất của từng xã, tất cả các ngành nghề; báo cáo cũ quá 4 ngày không được tính.',
      en: 'Adds up the business households in operation, as each commune last reported, of all trades; reports older than 4 days do not count.',
    },
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
    about: {
      vi: 'Cộng số hộ kinh doanh đang hoạt động theo báo cáo gần nhất của từng xã, tính riêng cho từng ngành nghề.',
      en: 'Adds up the business households in operation, as each commune last reported, separately for each trade.',
    },
    unit: '1',
    source: 'business_household',
    by: 'trade',
    aggregates: { value: totalOfLast('active', dailyHold) },
    window: day,
    scopes: places,
    value: ({ value }) => value,
  }),
  flow('registered', month),
  flow('suspended', month),
  flow('closed', month),
  flow('registered', year),
  flow('closed', year),
  indicator({
    id: 'business_net_month',
    title: { vi: 'Hộ kinh doanh tăng thuần trong tháng', en: 'Net new households, month' },
    about: {
      vi: 'Số hộ kinh doanh đăng ký mới trừ số hộ chấm dứt trong tháng. Số âm là số hộ giảm.',
      en: 'Business households newly registered less those closed in the month. A negative figure means that there are fewer than before.',
    },
    unit: '1',
    source: 'business_household',
    where: isOfAllTrades,
    aggregates: { registered: sum('registered'), closed: sum('closed') },
    window: month,
    scopes: places,
    levels: { direction: 'below', attention: -1, warning: -10, critical: -50 },
    unconfirmed: unconfirmed.startingLevels,
    formula: 'sum(registered) − sum(closed) of the records of all trades',
    value: ({ registered, closed }) => registered - closed,
  }),
  flowByTrade('registered'),
  flowByTrade('closed'),
]
