import { deviceType, number, text } from './device-type.ts'

/**
 * The register of business households of a commune at the end of a day: a record for each trade, and one without a trade
 * for all of them.
 */
export const businessHousehold = deviceType({
  id: 'business_household',
  title: { vi: 'Hộ kinh doanh', en: 'Business households' },
  cadence_s: 86_400,
  metrics: {
    trade: text('Ngành nghề', 'Trade'),
    active: number('1', 'Hộ đang hoạt động', 'Active households', [0, 1e6]),
    registered: number('1', 'Hộ đăng ký mới từ lần báo trước', 'New since the last record', [0, 1e5]),
    suspended: number('1', 'Hộ tạm ngừng từ lần báo trước', 'Suspended since the last record', [0, 1e5]),
    closed: number('1', 'Hộ chấm dứt từ lần báo trước', 'Closed since the last record', [0, 1e5]),
  },
})
