import { deviceType, number } from './device-type.ts'

/** A place of lodging: rooms and guests of a night. */
export const lodging = deviceType({
  id: 'lodging',
  title: { vi: 'Cơ sở lưu trú', en: 'Lodging' },
  cadence_s: 86_400,
  metrics: {
    rooms: number('1', 'Phòng có thể bán', 'Rooms available', [0, 100_000]),
    rooms_sold: number('1', 'Phòng đã bán', 'Rooms sold', [0, 100_000]),
    arrivals_domestic: number('1', 'Khách trong nước đến', 'Arrivals, domestic', [0, 100_000]),
    arrivals_foreign: number('1', 'Khách quốc tế đến', 'Arrivals, foreign', [0, 100_000]),
    nights_domestic: number('1', 'Lượt khách trong nước nghỉ đêm', 'Guest nights, domestic', [0, 100_000]),
    nights_foreign: number('1', 'Lượt khách quốc tế nghỉ đêm', 'Guest nights, foreign', [0, 100_000]),
    undeclared: number('1', 'Khách chưa khai báo lưu trú', 'Guests not declared', [0, 100_000]),
  },
  parts: { rooms_sold: 'rooms' },
})
