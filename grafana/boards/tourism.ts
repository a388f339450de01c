import { domainBoard } from './kit/domain.ts'
import { bars } from './kit/tiles.ts'
import { trend } from './kit/trends.ts'

/** Guests, rooms, and declarations of lodging. */
export const tourism = domainBoard({
  name: 'tourism',
  title: { vi: 'Du lịch và lưu trú', en: 'Tourism and lodging' },
  group: 'people',
  about: {
    vi: 'Khách đến, công suất phòng và việc khai báo lưu trú của các cơ sở.',
    en: 'Guests, room occupancy, and declarations of guests by places of lodging.',
  },
  last: '30d',
  figures: [
    'tourism_room_occupancy_1d',
    'tourism_guests_1d',
    'tourism_undeclared_1d',
    'tourism_rooms',
    'tourism_lodgings',
    'lodging_registered_late_share_30d',
  ],
  trends: [
    trend(['lodging_registered_day']),
    trend(['tourism_guests_1d'], { scope: 'area', stacked: true }),
    trend(['tourism_undeclared_1d'], { scope: 'area' }),
    trend(['lodging_registered_late_30d', 'lodging_registered_30d'], {
      title: { vi: 'Thông báo lưu trú, 30 ngày', en: 'Declarations, 30 days' },
    }),
  ],
  areas: [
    'tourism_room_occupancy_1d',
    'tourism_guests_1d',
    'tourism_undeclared_1d',
    'tourism_rooms',
    'lodging_registered_late_share_30d',
  ],
  sites: ['tourism_undeclared_1d', 'tourism_room_occupancy_1d', 'tourism_guests_1d', 'tourism_rooms'],
  details: [
    bars('lodging_registered_month_by_guest', 'district'),
    trend(['tourism_guests_domestic_month', 'tourism_guests_foreign_month'], {
      title: { vi: 'Khách trong nước và quốc tế', en: 'Domestic and foreign guests' },
    }),
    trend(['tourism_guest_nights_month'], { scope: 'area' }),
    trend(['tourism_stay_month'], { scope: 'area' }),
  ],
})
