import {
  airTemperatureRange,
  deviceType,
  number,
  percentRange,
  stuckAir,
  stuckHumidity,
  stuckPressure,
  stuckRain,
  stuckWind,
} from './device-type.ts'

/** A weather station. */
export const weather = deviceType({
  id: 'weather',
  title: { vi: 'Trạm khí tượng', en: 'Weather station' },
  cadence_s: 600,
  metrics: {
    temperature_c: number('Cel', 'Nhiệt độ', 'Temperature', airTemperatureRange, stuckAir),
    humidity_percent: number('%', 'Độ ẩm', 'Relative humidity', percentRange, stuckHumidity),
    rain_mm: number('mm', 'Lượng mưa từ lần đo trước', 'Rain since the last record', [0, 2_000], stuckRain),
    wind_kmh: number('km/h', 'Tốc độ gió', 'Wind speed', [0, 500], stuckWind),
    pressure_hpa: number('hPa', 'Khí áp', 'Pressure', [300, 1_200], stuckPressure),
  },
})
