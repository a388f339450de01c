import {
  airTemperatureRange,
  countRange,
  deviceType,
  flag,
  number,
  percentRange,
  stuckAir,
  stuckHumidity,
  stuckRain,
  stuckWind,
} from './device-type.ts'

/** A post of forest rangers: its weather sensors, its smoke detector, and what its rangers report. */
export const forestPost = deviceType({
  id: 'forest_post',
  title: { vi: 'Chốt bảo vệ rừng', en: 'Forest post' },
  cadence_s: 600,
  metrics: {
    temperature_c: number('Cel', 'Nhiệt độ', 'Temperature', airTemperatureRange, stuckAir),
    humidity_percent: number('%', 'Độ ẩm không khí', 'Relative humidity', percentRange, stuckHumidity),
    wind_kmh: number('km/h', 'Tốc độ gió', 'Wind speed', [0, 500], stuckWind),
    rain_mm: number('mm', 'Lượng mưa từ lần đo trước', 'Rain since the last record', [0, 500], stuckRain),
    smoke: flag('Phát hiện khói', 'Smoke detected'),
    patrols: number('1', 'Lượt tuần tra từ lần báo trước', 'Patrols since the last record', [0, 1_000]),
    violations: number('1', 'Vụ vi phạm từ lần báo trước', 'Violations since the last record', [0, 10_000]),
    hotspots: number('1', 'Điểm cháy từ lần báo trước', 'Fire hotspots since the last record', countRange),
  },
})
