import { countRange, deviceType, number, percentRange, text } from './device-type.ts'

/** Classes of vehicles whose passenger-car units are known. */
export const vehicleClasses = [
  'bicycle',
  'motorbike',
  'car',
  'minibus',
  'truck',
  'bus',
  'heavy_truck',
  'trailer',
] as const
export type VehicleClass = (typeof vehicleClasses)[number]

/** A point on a road where vehicles are counted: by a camera, a loop or a radar. One record for each class. */
export const traffic = deviceType({
  id: 'traffic',
  title: { vi: 'Điểm đếm xe', en: 'Traffic counter' },
  cadence_s: 60,
  metrics: {
    vehicles_total: number('1', 'Số xe từ khi bật máy', 'Vehicles since it was switched on', countRange),
    vehicles: number('1', 'Số xe từ lần đo trước', 'Vehicles since the last record', [0, 100_000]),
    speed_kmh: number('km/h', 'Tốc độ', 'Speed', [0, 400]),
    occupancy_percent: number('%', 'Độ chiếm dụng', 'Occupancy', percentRange),
    vehicle_class: text('Loại xe', 'Vehicle class'),
    direction: text('Chiều', 'Direction'),
    quality_percent: number(
      '%',
      'Tỷ lệ thời gian camera đếm được trong phút',
      'Share of the minute in which the camera was in order',
      percentRange,
      'constant',
    ),
  },
})
