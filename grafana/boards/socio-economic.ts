import { board, places } from './kit/board.ts'
import { headings } from './kit/domain.ts'
import { sized } from './kit/panel.ts'
import { table } from './kit/tables.ts'
import { bars } from './kit/tiles.ts'
import { trend } from './kit/trends.ts'

const ofSite = { scope: 'site', by: ['site', 'group'] } as const
const target = { vi: 'Chỉ tiêu', en: 'Target' }
const targets = { vi: 'Chỉ tiêu theo xã', en: 'Targets by area' }
const ofArea = { scope: 'area', by: ['area', 'group'] } as const

/** Socio-economic targets of the year beside their plans: each target is a group. */
export const socioEconomic = board({
  name: 'socio-economic',
  title: { vi: 'Kinh tế – xã hội', en: 'Socio-economic targets' },
  group: 'economy',
  about: {
    vi: 'Các chỉ tiêu kinh tế – xã hội của năm: thực hiện, so với kế hoạch và so với cùng kỳ. Số liệu chốt vào cuối tháng.',
    en: 'Socio-economic targets of the year: values, beside the plan and the year before. Values are of the end of a month.',
  },
  last: '30d',
  variables: places('socio_plan_percent_by_target'),
  sections: [
    {
      title: headings.district,
      panels: [
        sized(bars('socio_plan_percent_by_target', 'district'), 12, 12),
        sized(bars('socio_growth_by_target', 'district'), 12, 12),
      ],
    },
    {
      title: headings.trends,
      panels: [trend(['socio_plan_percent_by_target']), trend(['socio_previous_percent_by_target'])],
    },
    {
      title: headings.areas,
      panels: [
        sized(
          table(['socio_plan_percent_by_target', 'socio_growth_by_target'], 'area', targets, {
            group: target,
            leastFirst: true,
          }),
          24,
          12,
        ),
      ],
    },
    {
      title: headings.details,
      collapsed: true,
      panels: [
        trend(['socio_value_by_target'], ofSite),
        trend(['socio_plan_by_target'], ofSite),
        trend(['socio_remaining_by_target'], ofSite),
        trend(['socio_growth_by_target'], ofArea),
      ],
    },
  ],
})
