import {
  airTemperatureRange,
  deviceType,
  number,
  percentRange,
  stuckAir,
  stuckHumidity,
  stuckPressure,
} from './device-type.ts'

/** Instruments scatter around zero in clean air; codes for errors, as −99 and −999, lie below, in µg/m³. */
const noise = -50

/** An air-quality station. Pollutants as VN_AQI (decision 1459/QĐ-TCMT) counts them: µg/m³. */
export const airQuality = deviceType({
  id: 'air_quality',
  title: { vi: 'Trạm quan trắc không khí', en: 'Air-quality station' },
  cadence_s: 60,
  metrics: {
    pm25: number('ug/m3', 'Bụi PM2.5', 'PM2.5', [noise, 10_000], stuckAir),
    pm10: number('ug/m3', 'Bụi PM10', 'PM10', [noise, 10_000], stuckAir),
    o3: number('ug/m3', 'Ozon O₃', 'Ozone O₃', [noise, 10_000]),
    no2: number('ug/m3', 'Nitơ điôxít NO₂', 'Nitrogen dioxide NO₂', [noise, 100_000]),
    so2: number('ug/m3', 'Lưu huỳnh điôxít SO₂', 'Sulphur dioxide SO₂', [noise, 100_000]),
    co: number('ug/m3', 'Cacbon monoxit CO', 'Carbon monoxide CO', [noise, 1_000_000]),
    temperature_c: number('Cel', 'Nhiệt độ', 'Temperature', airTemperatureRange, stuckAir),
    humidity_percent: number('%', 'Độ ẩm', 'Relative humidity', percentRange, stuckHumidity),
    pressure_hpa: number('hPa', 'Khí áp', 'Pressure', [300, 1_200], stuckPressure),
  },
})
