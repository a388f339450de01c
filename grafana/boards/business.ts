import { domainBoard } from './kit/domain.ts'
import { bars } from './kit/tiles.ts'
import { trend } from './kit/trends.ts'

/** Business households. */
export const business = domainBoard({
  name: 'business',
  title: { vi: 'Hộ kinh doanh', en: 'Business households' },
  group: 'economy',
  about: {
    vi: 'Hộ kinh doanh đang hoạt động, đăng ký mới, tạm ngừng và chấm dứt, theo ngành nghề và theo xã.',
    en: 'Business households that are active, new, suspended and closed, by trade and commune.',
  },
  last: '30d',
  figures: [
    'business_active',
    'business_net_month',
    'business_registered_month',
    'business_suspended_month',
    'business_closed_month',
    'business_registered_year',
  ],
  trends: [
    trend(['business_active_by_trade'], { stacked: true }),
    trend(['business_registered_month', 'business_closed_month', 'business_suspended_month'], {
      title: { vi: 'Đăng ký mới, chấm dứt, tạm ngừng', en: 'New, closed and suspended' },
    }),
    trend(['business_registered_year', 'business_closed_year'], {
      title: { vi: 'Đăng ký mới và chấm dứt từ đầu năm', en: 'New and closed this year' },
    }),
    trend(['business_net_month'], { scope: 'area' }),
  ],
  areas: ['business_active', 'business_net_month', 'business_registered_month', 'business_closed_month'],
  details: [
    bars('business_active_by_trade', 'district'),
    bars('business_registered_month_by_trade', 'district'),
    bars('business_closed_month_by_trade', 'district'),
  ],
})
