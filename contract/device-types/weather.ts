import { deviceType, number } from './device-type.ts'

/** A weather station. */
export const weather = deviceType({
  id: 'weather',
  title: { vi: 'Trạm khí tượng', en: 'Weather station' },
  cadence_s: 600,
  metrics: {
    temperature_c: number('Cel', 'Nhiệt độ', 'Temperature'),
    humidity_percent: number('%', 'Độ ẩm', 'Relative humidity'),
    rain_mm: number('mm', 'Lượng mưa từ lần đo trước', 'Rain since the last record'),
    wind_kmh: number('km/h', 'Tốc độ gió', 'Wind speed'),
    pressure_hpa: number('hPa', 'Khí áp', 'Pressure'),
  },
})
