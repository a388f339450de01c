import { totalOfLast } from '../engine/aggregates/aggregates.ts'
import { places } from './case-formulas.ts'
import { indicator } from './indicator.ts'
import { month } from './periods.ts'
import { percentOf } from './ratios.ts'
import { unconfirmed } from './unconfirmed.ts'

/** A department that reports once a month counts until its next report. */
const hold = { hold_s: 40 * 86_400 } as const

const ofTargets = { source: 'socio_economic', by: 'target', window: month } as const
const ratio = { ...ofTargets, unit: '%', scopes: places } as const

/**
 * The yearly socio-economic targets, each a group. Values have the unit of their target, and add up for some targets and
 * not for others: over several communes there are only ratios of sums.
 */
export const socioEconomicIndicators = [
  indicator({
    ...ofTargets,
    id: 'socio_value_by_target',
    title: { vi: 'Thực hiện từ đầu năm, theo chỉ tiêu', en: 'Achieved this year, by target' },
    about: {
      vi: 'Kết quả đã thực hiện từ đầu năm theo báo cáo gần nhất, theo đơn vị tính riêng của từng chỉ tiêu.',
      en: 'The result since the beginning of the year, as last reported, in the unit of each target.',
    },
    unit: '1',
    scopes: ['site'],
    aggregates: { value: totalOfLast('value', hold) },
    value: ({ value }) => value,
  }),
  indicator({
    ...ofTargets,
    id: 'socio_plan_by_target',
    title: { vi: 'Kế hoạch năm, theo chỉ tiêu', en: 'Plan of the year, by target' },
    about: {
      vi: 'Kế hoạch được giao cho cả năm theo báo cáo gần nhất, theo đơn vị tính riêng của từng chỉ tiêu.',
      en: 'The plan of the whole year, as last reported, in the unit of each target.',
    },
    unit: '1',
    scopes: ['site'],
    aggregates: { value: totalOfLast('plan', hold) },
    value: ({ value }) => value,
  }),
  indicator({
    ...ofTargets,
    id: 'socio_remaining_by_target',
    title: { vi: 'Còn lại của kế hoạch năm, theo chỉ tiêu', en: 'Remaining plan of the year, by target' },
    about: {
      vi: 'Kế hoạch cả năm trừ kết quả đã thực hiện từ đầu năm, cho từng chỉ tiêu. Số âm là đã vượt kế hoạch.',
      en: 'The plan of the whole year less what was achieved so far, for each target. A negative figure means that the plan is exceeded.',
    },
    unit: '1',
    scopes: ['site'],
    aggregates: { value: totalOfLast('value', hold), plan: totalOfLast('plan', hold) },
    formula: 'plan of the year − value of the year so far; negative beyond the plan',
    value: ({ value, plan }) => plan - value,
  }),
  indicator({
    ...ratio,
    id: 'socio_plan_percent_by_target',
    title: { vi: 'Thực hiện so với kế hoạch năm, theo chỉ tiêu', en: 'Achieved against the plan, by target' },
    about: {
      vi: 'Kết quả thực hiện từ đầu năm chia cho kế hoạch cả năm, cho từng chỉ tiêu, tính bằng phần trăm. Của nhiều xã: cộng kết quả và cộng kế hoạch rồi mới chia.',
      en: 'The result so far divided by the plan of the whole year, for each target, in per cent. Over several communes both are added up first.',
    },
    aggregates: { value: totalOfLast('value', hold), plan: totalOfLast('plan', hold) },
    target: 100,
    formula: '100 × value of the year so far ÷ plan of the year, as last reported; over communes sums of both',
    unconfirmed: unconfirmed.sumsOfRates,
    value: ({ value, plan }) => percentOf(value, plan),
  }),
  indicator({
    ...ratio,
    id: 'socio_previous_percent_by_target',
    title: { vi: 'Thực hiện so với cùng kỳ, theo chỉ tiêu', en: 'Achieved against the year before, by target' },
    about: {
      vi: 'Kết quả thực hiện từ đầu năm chia cho kết quả cùng kỳ năm trước, cho từng chỉ tiêu, tính bằng phần trăm. Bằng 100 % là ngang cùng kỳ.',
      en: 'The result so far divided by that of the same time of the year before, for each target, in per cent. 100 % is as much as then.',
    },
    aggregates: { value: totalOfLast('value', hold), previous: totalOfLast('previous', hold) },
    formula: '100 × value of the year so far ÷ value of the same time of the year before; 100 is as much as then',
    unconfirmed: unconfirmed.sumsOfRates,
    value: ({ value, previous }) => percentOf(value, previous),
  }),
  indicator({
    ...ratio,
    id: 'socio_growth_by_target',
    title: { vi: 'Tăng trưởng so với cùng kỳ, theo chỉ tiêu', en: 'Growth over the year before, by target' },
    about: {
      vi: 'Kết quả từ đầu năm trừ kết quả cùng kỳ năm trước, chia cho kết quả cùng kỳ, cho từng chỉ tiêu, tính bằng phần trăm. Số âm là giảm.',
      en: 'The result so far less that of the same time of the year before, divided by the latter, for each target, in per cent. Negative: it fell.',
    },
    aggregates: { value: totalOfLast('value', hold), previous: totalOfLast('previous', hold) },
    formula: '100 × (value of the year so far − value of the same time of the year before) ÷ that value',
    unconfirmed: unconfirmed.sumsOfRates,
    value: ({ value, previous }) => percentOf(value - previous, Math.abs(previous)),
  }),
]
