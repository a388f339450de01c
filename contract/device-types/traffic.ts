import { deviceType, number, text } from './device-type.ts'

/** A point on a road where vehicles are counted: by a camera, a loop or a radar. One record for each class. */
export const traffic = deviceType({
  id: 'traffic',
  title: { vi: 'Điểm đếm xe', en: 'Traffic counter' },
  cadence_s: 60,
  metrics: {
    vehicles_total: number('1', 'Số xe từ khi bật máy', 'Vehicles since it was switched on'),
    vehicles: number('1', 'Số xe từ lần đo trước', 'Vehicles since the last record'),
    speed_kmh: number('km/h', 'Tốc độ', 'Speed'),
    occupancy_percent: number('%', 'Độ chiếm dụng', 'Occupancy'),
    vehicle_class: text('Loại xe', 'Vehicle class'),
  },
})
