import { domainBoard } from './kit/domain.ts'
import { bars } from './kit/tiles.ts'
import { trend } from './kit/trends.ts'

/** Reports of citizens, and the portals of the communes. */
export const citizens = domainBoard({
  name: 'citizens',
  title: { vi: 'Tương tác với người dân', en: "Citizens' reports" },
  group: 'people',
  about: {
    vi: 'Phản ánh của người dân: bao nhiêu, về việc gì, trả lời có đúng hạn và có làm người dân hài lòng không; cổng thông tin của các xã.',
    en: 'Reports of citizens: how many, about what, answered in time and to their satisfaction; portals of the communes.',
  },
  last: '30d',
  figures: [
    'report_overdue',
    'report_on_time_30d',
    'report_in_process',
    'report_received_day',
    'report_satisfaction_30d',
    'report_response_median_30d',
    'portal_visits_1d',
    'portal_published_30d',
    'portal_satisfied_30d',
  ],
  trends: [
    trend(['report_received_day', 'report_resolved_day'], {
      title: { vi: 'Phản ánh tiếp nhận và trả lời', en: 'Reports received and answered' },
    }),
    trend(['report_in_process', 'report_overdue'], {
      title: { vi: 'Phản ánh tồn và quá hạn', en: 'Reports in process and overdue' },
    }),
    trend(['report_hot_spots_7d'], { stacked: true }),
    trend(['report_response_mean_30d', 'report_response_median_30d'], {
      title: { vi: 'Thời gian trả lời', en: 'Time to answer' },
    }),
  ],
  areas: [
    'report_overdue',
    'report_on_time_30d',
    'report_in_process',
    'report_satisfaction_30d',
    'portal_published_30d',
  ],
  sites: ['report_overdue', 'report_on_time_30d', 'report_in_process', 'report_response_mean_30d'],
  details: [
    bars('report_overdue_by_category', 'district'),
    bars('report_in_process_by_unit', 'district'),
    bars('report_received_month_by_category', 'district'),
    bars('report_received_month_by_channel', 'district'),
  ],
})
