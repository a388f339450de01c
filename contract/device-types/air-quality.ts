import { airTemperatureRange, deviceType, number, percentRange } from './device-type.ts'

/** An air-quality station. Pollutants as VN_AQI (decision 1459/QĐ-TCMT) counts them: µg/m³. */
export const airQuality = deviceType({
  id: 'air_quality',
  title: { vi: 'Trạm quan trắc không khí', en: 'Air-quality station' },
  cadence_s: 60,
  metrics: {
    pm25: number('ug/m3', 'Bụi PM2.5', 'PM2.5', [0, 10_000]),
    pm10: number('ug/m3', 'Bụi PM10', 'PM10', [0, 10_000]),
    o3: number('ug/m3', 'Ozon O₃', 'Ozone O₃', [0, 10_000]),
    no2: number('ug/m3', 'Nitơ điôxít NO₂', 'Nitrogen dioxide NO₂', [0, 100_000]),
    so2: number('ug/m3', 'Lưu huỳnh điôxít SO₂', 'Sulphur dioxide SO₂', [0, 100_000]),
    co: number('ug/m3', 'Cacbon monoxit CO', 'Carbon monoxide CO', [0, 1_000_000]),
    temperature_c: number('Cel', 'Nhiệt độ', 'Temperature', airTemperatureRange),
    humidity_percent: number('%', 'Độ ẩm', 'Relative humidity', percentRange),
    pressure_hpa: number('hPa', 'Khí áp', 'Pressure', [300, 1_200]),
  },
})
