import { domainBoard } from './kit/domain.ts'
import { bars } from './kit/tiles.ts'
import { trend } from './kit/trends.ts'

/** Land files, planning, and administrative violations. */
export const land = domainBoard({
  name: 'land',
  title: { vi: 'Quy hoạch và đất đai', en: 'Planning and land' },
  group: 'economy',
  about: {
    vi: 'Hồ sơ đất đai, yêu cầu và tra cứu quy hoạch, vi phạm hành chính.',
    en: 'Land files, requests and look-ups of planning, administrative violations.',
  },
  last: '30d',
  figures: [
    'land_overdue',
    'land_on_time_30d',
    'land_in_process',
    'land_handling_mean_30d',
    'planning_on_time_30d',
    'planning_overdue',
    'planning_lookups_1d',
    'violation_overdue',
  ],
  trends: [
    trend(['land_in_process', 'land_overdue'], {
      title: { vi: 'Hồ sơ đất đai tồn và quá hạn', en: 'Land files in process and overdue' },
    }),
    trend(['land_on_time_30d', 'planning_on_time_30d'], {
      title: { vi: 'Tỷ lệ đúng hạn', en: 'On time' },
    }),
    trend(['planning_lookups_1d'], { scope: 'area', stacked: true }),
    trend(['violation_in_process_by_field'], { stacked: true }),
  ],
  areas: ['land_overdue', 'land_on_time_30d', 'land_in_process', 'planning_overdue', 'violation_overdue'],
  sites: ['land_overdue', 'land_on_time_30d', 'land_in_process', 'land_handling_mean_30d'],
  details: [
    bars('land_overdue_by_kind', 'district'),
    bars('land_in_process_by_kind', 'district'),
    bars('violation_in_process_by_field', 'district'),
    bars('land_on_time_month_by_kind', 'district'),
    trend(['planning_response_1d'], { scope: 'area' }),
    trend(['violation_opened_month', 'violation_settled_month'], {
      title: { vi: 'Vi phạm phát hiện và xử lý', en: 'Violations found and settled' },
    }),
  ],
})
