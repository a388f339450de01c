import { sum, totalOfLast } from '../engine/aggregates/aggregates.ts'
import { places, startingLevels } from './case-formulas.ts'
import { indicator } from './indicator.ts'
import { dailyHold, day, month, year } from './periods.ts'
import { percentOf } from './ratios.ts'

const periods = {
  '1d': { window: day, vi: 'trong ngày', en: 'day' },
  month: { window: month, vi: 'trong tháng', en: 'month' },
  year: { window: year, vi: 'từ đầu năm', en: 'year' },
} as const
type Period = keyof typeof periods

/** Money collected: of all taxes, which add up, or of each. */
function collected(period: Period, isByTax: boolean) {
  const { window, vi, en } = periods[period]
  return indicator({
    id: `budget_collected_${period}${isByTax ? '_by_tax' : ''}`,
    title: {
      vi: `Thu ngân sách ${vi}${isByTax ? ', theo khoản thu' : ''}`,
      en: `Budget collected, ${en}${isByTax ? ', by tax' : ''}`,
    },
    unit: 'VND',
    source: 'budget_revenue',
    aggregates: { value: sum('collected_vnd') },
    window,
    scopes: places,
    ...(isByTax ? { by: 'tax' as const } : {}),
    value: ({ value }) => value,
  })
}

/** The same over the plan, or over the same time of the year before. */
function against(base: 'plan' | 'previous', period: 'month' | 'year', isByTax: boolean) {
  const { window, vi, en } = periods[period]
  const isPlan = base === 'plan'
  const byTax = isByTax ? ({ vi: ', theo khoản thu', en: ', by tax' } as const) : ({ vi: '', en: '' } as const)
  return indicator({
    id: `budget_${isPlan ? 'plan' : 'same_period'}_percent_${period}${isByTax ? '_by_tax' : ''}`,
    title: {
      vi: `Thu ngân sách ${vi} so với ${isPlan ? 'dự toán' : 'cùng kỳ năm trước'}${byTax.vi}`,
      en: `Budget collected against ${isPlan ? 'plan' : 'the same period of the year before'}, ${en}${byTax.en}`,
    },
    unit: '%',
    source: 'budget_revenue',
    aggregates: { collected: sum('collected_vnd'), base: sum(isPlan ? 'plan_vnd' : 'previous_vnd') },
    window,
    scopes: places,
    ...(isByTax ? { by: 'tax' as const } : {}),
    levels: { direction: 'below', attention: 99, warning: 90, critical: 75 },
    target: 100,
    unconfirmed: startingLevels,
    formula: isPlan
      ? '100 × sum(collected_vnd) ÷ sum(plan_vnd): the plan is that of the same days'
      : '100 × sum(collected_vnd) ÷ sum(previous_vnd): 100 is as much as in the same days of the year before',
    value: ({ collected: got, base: whole }) => percentOf(got, whole),
  })
}

/** Budget revenue and tax arrears. */
export const budgetIndicators = [
  collected('1d', false),
  collected('month', false),
  collected('year', false),
  collected('month', true),
  collected('year', true),
  against('plan', 'month', false),
  against('plan', 'year', false),
  against('plan', 'year', true),
  against('previous', 'month', false),
  against('previous', 'year', false),
  against('previous', 'year', true),
  indicator({
    id: 'tax_arrears',
    title: { vi: 'Nợ thuế', en: 'Tax arrears' },
    unit: 'VND',
    source: 'tax_arrears',
    aggregates: { value: totalOfLast('arrears_vnd', dailyHold) },
    window: day,
    scopes: places,
    value: ({ value }) => value,
  }),
  indicator({
    id: 'tax_arrears_overdue_share',
    title: { vi: 'Tỷ lệ nợ thuế trên 90 ngày', en: 'Tax arrears of more than 90 days, share' },
    unit: '%',
    source: 'tax_arrears',
    aggregates: { overdue: totalOfLast('overdue_90d_vnd', dailyHold), arrears: totalOfLast('arrears_vnd', dailyHold) },
    window: day,
    scopes: places,
    levels: { direction: 'above', attention: 30, warning: 50, critical: 70 },
    unconfirmed: startingLevels,
    formula: '100 × arrears of more than 90 days ÷ arrears, as last reported',
    value: ({ overdue, arrears }) => percentOf(overdue, arrears),
  }),
  indicator({
    id: 'tax_debtors',
    title: { vi: 'Số người nợ thuế', en: 'Debtors of tax' },
    unit: '1',
    source: 'tax_arrears',
    aggregates: { value: totalOfLast('debtors', dailyHold) },
    window: day,
    scopes: places,
    value: ({ value }) => value,
  }),
  indicator({
    id: 'tax_recovered_month',
    title: { vi: 'Nợ thuế đã thu trong tháng', en: 'Tax arrears recovered, month' },
    unit: 'VND',
    source: 'tax_arrears',
    aggregates: { value: sum('recovered_vnd') },
    window: month,
    scopes: places,
    value: ({ value }) => value,
  }),
  indicator({
    id: 'tax_recovered_year',
    title: { vi: 'Nợ thuế đã thu từ đầu năm', en: 'Tax arrears recovered, year' },
    unit: 'VND',
    source: 'tax_arrears',
    aggregates: { value: sum('recovered_vnd') },
    window: year,
    scopes: places,
    value: ({ value }) => value,
  }),
]
