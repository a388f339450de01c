import { totalOfLast } from '../engine/aggregates/aggregates.ts'
import { places } from './case-formulas.ts'
import { indicator } from './indicator.ts'
import { month } from './periods.ts'
import { percentOf } from './ratios.ts'

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
    title: { vi: 'Thực hiện từ đầu năm, theo chỉ tiêu', en: 'Value of the year so far, by target' },
    unit: '1',
    scopes: ['site'],
    aggregates: { value: totalOfLast('value', hold) },
    value: ({ value }) => value,
  }),
  indicator({
    ...ofTargets,
    id: 'socio_plan_by_target',
    title: { vi: 'Kế hoạch năm, theo chỉ tiêu', en: 'Plan of the year, by target' },
    unit: '1',
    scopes: ['site'],
    aggregates: { value: totalOfLast('plan', hold) },
    value: ({ value }) => value,
  }),
  indicator({
    ...ofTargets,
    id: 'socio_remaining_by_target',
    title: { vi: 'Còn lại so với kế hoạch năm, theo chỉ tiêu', en: 'Left of the plan of the year, by target' },
    unit: '1',
    scopes: ['site'],
    aggregates: { value: totalOfLast('value', hold), plan: totalOfLast('plan', hold) },
    formula: 'plan of the year − value of the year so far; negative beyond the plan',
    value: ({ value, plan }) => plan - value,
  }),
  indicator({
    ...ratio,
    id: 'socio_plan_percent_by_target',
    title: { vi: 'Tỷ lệ thực hiện kế hoạch năm, theo chỉ tiêu', en: 'Value against the plan of the year, by target' },
    aggregates: { value: totalOfLast('value', hold), plan: totalOfLast('plan', hold) },
    target: 100,
    formula: '100 × value of the year so far ÷ plan of the year, as last reported; over communes sums of both',
    unconfirmed: 'of a rate, as that of poor households, sums over communes are an approximation, and less is better',
    value: ({ value, plan }) => percentOf(value, plan),
  }),
  indicator({
    ...ratio,
    id: 'socio_previous_percent_by_target',
    title: { vi: 'So với cùng kỳ năm trước, theo chỉ tiêu', en: 'Value against the year before, by target' },
    aggregates: { value: totalOfLast('value', hold), previous: totalOfLast('previous', hold) },
    formula: '100 × value of the year so far ÷ value of the same time of the year before; 100 is as much as then',
    unconfirmed: 'of a rate, as that of poor households, sums over communes are an approximation, and less is better',
    value: ({ value, previous }) => percentOf(value, previous),
  }),
  indicator({
    ...ratio,
    id: 'socio_growth_by_target',
    title: { vi: 'Tăng trưởng so với cùng kỳ, theo chỉ tiêu', en: 'Growth over the year before, by target' },
    aggregates: { value: totalOfLast('value', hold), previous: totalOfLast('previous', hold) },
    formula: '100 × (value of the year so far − value of the same time of the year before) ÷ that value',
    unconfirmed: 'of a rate, as that of poor households, sums over communes are an approximation, and less is better',
    value: ({ value, previous }) => percentOf(value - previous, Math.abs(previous)),
  }),
]
