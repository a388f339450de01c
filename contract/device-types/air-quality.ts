import { deviceType, number } from './device-type.ts'

/** An air-quality station. Pollutants as VN_AQI (decision 1459/QĐ-TCMT) counts them: µg/m³. */
export const airQuality = deviceType({
  id: 'air_quality',
  title: { vi: 'Trạm quan trắc không khí', en: 'Air-quality station' },
  cadence_s: 60,
  metrics: {
    pm25: number('ug/m3', 'Bụi PM2.5', 'PM2.5'),
    pm10: number('ug/m3', 'Bụi PM10', 'PM10'),
    o3: number('ug/m3', 'Ozon O₃', 'Ozone O₃'),
    no2: number('ug/m3', 'Nitơ điôxít NO₂', 'Nitrogen dioxide NO₂'),
    so2: number('ug/m3', 'Lưu huỳnh điôxít SO₂', 'Sulphur dioxide SO₂'),
    co: number('ug/m3', 'Cacbon monoxit CO', 'Carbon monoxide CO'),
    temperature_c: number('Cel', 'Nhiệt độ', 'Temperature'),
    humidity_percent: number('%', 'Độ ẩm', 'Relative humidity'),
    pressure_hpa: number('hPa', 'Khí áp', 'Pressure'),
  },
})
