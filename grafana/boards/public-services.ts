import { domainBoard } from './kit/domain.ts'
import { bars } from './kit/tiles.ts'
import { trend } from './kit/trends.ts'

/** One-stop dossiers, the index of public services, and official documents. */
export const publicServices = domainBoard({
  name: 'public-services',
  title: { vi: 'Dịch vụ công và văn bản', en: 'Public services and documents' },
  group: 'people',
  about: {
    vi: 'Hồ sơ một cửa, chỉ số phục vụ người dân và doanh nghiệp, văn bản đến và đi của các xã.',
    en: 'One-stop dossiers, the index of service to citizens and enterprises, and official documents of the communes.',
  },
  last: '30d',
  figures: [
    'one_stop_on_time_30d',
    'one_stop_overdue',
    'one_stop_in_process',
    'one_stop_received_day',
    'one_stop_online_share_30d',
    'service_index',
    'document_on_time_30d',
    'document_overdue',
    'document_in_process',
    'document_in_day',
    'document_signed_share_30d',
    'document_exchange_failed_1d',
  ],
  trends: [
    trend(['one_stop_received_day', 'one_stop_resolved_day'], {
      title: { vi: 'Hồ sơ tiếp nhận và giải quyết', en: 'Dossiers received and resolved' },
    }),
    trend(['one_stop_in_process', 'one_stop_overdue'], {
      title: { vi: 'Hồ sơ tồn và quá hạn', en: 'Dossiers in process and overdue' },
    }),
    trend(['document_in_day', 'document_out_day'], {
      title: { vi: 'Văn bản đến và đi', en: 'Documents received and sent' },
    }),
    trend(
      [
        'service_transparency_points',
        'service_progress_points',
        'service_digitisation_points',
        'service_online_points',
        'service_satisfaction_points',
      ],
      { title: { vi: 'Điểm thành phần chỉ số phục vụ', en: 'Points of the service index' } },
    ),
  ],
  areas: [
    'one_stop_on_time_30d',
    'one_stop_overdue',
    'one_stop_in_process',
    'service_index',
    'document_on_time_30d',
    'document_overdue',
  ],
  sites: [
    'one_stop_overdue',
    'one_stop_on_time_30d',
    'one_stop_handling_mean_30d',
    'document_overdue',
    'document_on_time_30d',
  ],
  details: [
    bars('one_stop_overdue_by_field', 'district'),
    bars('one_stop_overdue_by_unit', 'district'),
    bars('document_overdue_by_unit', 'district'),
  ],
})
