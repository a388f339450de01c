import { sum, totalOfLast } from '../engine/aggregates/aggregates.ts'
import { places } from './case-formulas.ts'
import { indicator } from './indicator.ts'
import { dailyHold, day, month, year } from './periods.ts'
import { percentOf } from './ratios.ts'
import { unconfirmed } from './unconfirmed.ts'
import { during, type Words } from './words.ts'

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
    about: {
      vi: `Cộng số tiền đã thu vào ngân sách ${vi}, ${isByTax ? 'tính riêng cho từng khoản thu' : 'của tất cả các khoản thu'}.`,
      en: `Adds up the revenue that was collected ${during(window).en}, ${isByTax ? 'separately for each tax' : 'of all taxes'}.`,
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
  const each = isByTax ? { vi: ' Tính riêng cho từng khoản thu.', en: ' Separately for each tax.' } : { vi: '', en: '' }
  const byTax = isByTax ? ({ vi: ', theo khoản thu', en: ', by tax' } as const) : ({ vi: '', en: '' } as const)
  return indicator({
    id: `budget_${isPlan ? 'plan' : 'same_period'}_percent_${period}${isByTax ? '_by_tax' : ''}`,
    title: {
      vi: `Thu ngân sách ${vi} so với ${isPlan ? 'dự toán' : 'cùng kỳ'}${byTax.vi}`,
      en: `Budget collected against ${isPlan ? 'plan' : 'the year before'}, ${en}${byTax.en}`,
    },
    about: isPlan
      ? {
          vi: `Số tiền đã thu ${vi} chia cho dự toán của cùng những ngày đó, tính bằng phần trăm. Đạt dự toán khi từ 100 % trở lên.${each.vi}`,
          en: `Revenue collected ${during(window).en} divided by the plan for the same days, in per cent. The plan is met from 100 % up.${each.en}`,
        }
      : {
          vi: `Số tiền đã thu ${vi} chia cho số đã thu trong cùng những ngày đó của năm trước, tính bằng phần trăm. Trên 100 % là tăng.${each.vi}`,
          en: `Revenue collected ${during(window).en} divided by that of the same days of the year before, in per cent. Above 100 % it grew.${each.en}`,
        },
    unit: '%',
    source: 'budget_revenue',
    aggregates: { collected: sum('collected_vnd'), base: sum(isPlan ? 'plan_vnd' : 'previous_vnd') },
    window,
    scopes: places,
    ...(isByTax ? { by: 'tax' as const } : {}),
    levels: { direction: 'below', attention: 99, warning: 90, critical: 75 },
    target: 100,
    unconfirmed: unconfirmed.startingLevels,
    formula: isPlan
      ? '100 × sum(collected_vnd) ÷ sum(plan_vnd): the plan is that of the same days'
      : '100 × sum(collected_vnd) ÷ sum(previous_vnd): 100 is as much as in the same days of the year before',
    value: ({ collected: got, base: whole }) => percentOf(got, whole),
  })
}

const aboutRecovered = (window: typeof month | typeof year): Words => ({
  vi: `Cộng số tiền thuế nợ từ trước đã thu được ${during(window).vi}.`,
  en: `Adds up the taxes owed from earlier that were recovered ${during(window).en}.`,
})

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
    about: {
      vi: 'Cộng số tiền thuế còn nợ theo báo cáo gần nhất của từng nơi; báo cáo cũ quá 4 ngày không được tính.',
      en: 'Adds up the taxes still owed, as last reported; reports older than 4 days do not count.',
    },
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
    about: {
      vi: 'Số tiền thuế nợ quá 90 ngày chia cho tổng số thuế còn nợ, theo báo cáo gần nhất, tính bằng phần trăm. Nợ càng lâu càng khó thu.',
      en: 'Taxes owed for more than 90 days divided by all taxes owed, as last reported, in per cent. Old debts are harder to recover.',
    },
    unit: '%',
    source: 'tax_arrears',
    aggregates: { overdue: totalOfLast('overdue_90d_vnd', dailyHold), arrears: totalOfLast('arrears_vnd', dailyHold) },
    window: day,
    scopes: places,
    levels: { direction: 'above', attention: 30, warning: 50, critical: 70 },
    unconfirmed: unconfirmed.startingLevels,
    formula: '100 × arrears of more than 90 days ÷ arrears, as last reported',
    value: ({ overdue, arrears }) => percentOf(overdue, arrears),
  }),
  indicator({
    id: 'tax_debtors',
    title: { vi: 'Số người nộp thuế còn nợ', en: 'Debtors of tax' },
    about: {
      vi: 'Cộng số người và doanh nghiệp còn nợ thuế theo báo cáo gần nhất của từng nơi; báo cáo cũ quá 4 ngày không được tính.',
      en: 'Adds up the persons and enterprises that owe taxes, as last reported; reports older than 4 days do not count.',
    },
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
    about: aboutRecovered(month),
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
    about: aboutRecovered(year),
    unit: 'VND',
    source: 'tax_arrears',
    aggregates: { value: sum('recovered_vnd') },
    window: year,
    scopes: places,
    value: ({ value }) => value,
  }),
]
