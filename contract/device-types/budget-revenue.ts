import { deviceType, number, text } from './device-type.ts'

/** Đồng: more than any country collects in a day. */
const moneyRange = [-1e15, 1e15] as const

/** Budget revenue of a commune on a day; a record for each tax. Refunds are negative. */
export const budgetRevenue = deviceType({
  id: 'budget_revenue',
  title: { vi: 'Thu ngân sách', en: 'Budget revenue' },
  cadence_s: 86_400,
  metrics: {
    tax: text('Khoản thu', 'Tax'),
    collected_vnd: number('VND', 'Thu từ lần báo trước', 'Collected since the last record', moneyRange),
    plan_vnd: number('VND', 'Dự toán của cùng thời gian', 'Plan for the same time', moneyRange),
    previous_vnd: number('VND', 'Thu cùng kỳ năm trước', 'Collected in the same time of the year before', moneyRange),
  },
})
