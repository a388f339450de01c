import { domainBoard } from './kit/domain.ts'
import { bars } from './kit/tiles.ts'
import { trend } from './kit/trends.ts'

/** Budget revenue beside its plan and the year before, and tax arrears. */
export const budget = domainBoard({
  name: 'budget',
  title: { vi: 'Thu ngân sách và thuế', en: 'Budget and tax' },
  group: 'economy',
  about: {
    vi: 'Thu ngân sách so với dự toán và cùng kỳ, theo khoản thu và theo xã; nợ thuế.',
    en: 'Budget revenue beside its plan and the same period of the year before, by tax and commune; tax arrears.',
  },
  last: '30d',
  figures: [
    'budget_collected_1d',
    'budget_collected_month',
    'budget_plan_percent_month',
    'budget_same_period_percent_month',
    'budget_plan_percent_year',
    'budget_same_period_percent_year',
    'tax_arrears',
    'tax_arrears_overdue_share',
    'tax_debtors',
    'tax_recovered_month',
  ],
  trends: [
    trend(['budget_collected_1d'], { scope: 'area', stacked: true }),
    trend(['budget_collected_month'], { scope: 'area', stacked: true }),
    trend(['budget_plan_percent_month', 'budget_same_period_percent_month'], {
      title: { vi: 'So với dự toán và cùng kỳ', en: 'Beside plan and year before' },
    }),
    trend(['tax_arrears'], { scope: 'area', stacked: true }),
  ],
  areas: [
    'tax_arrears_overdue_share',
    'budget_collected_1d',
    'budget_plan_percent_month',
    'budget_same_period_percent_month',
    'tax_arrears',
    'tax_debtors',
  ],
  details: [
    bars('budget_collected_month_by_tax', 'district'),
    bars('budget_plan_percent_year_by_tax', 'district'),
    bars('budget_same_period_percent_year_by_tax', 'district'),
    bars('budget_collected_year_by_tax', 'district'),
  ],
})
