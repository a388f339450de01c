import { deviceType, number, stuckRain, stuckSlow } from './device-type.ts'

/** A rain gauge. A bucket that tips reports what fell since its last record. */
export const rainGauge = deviceType({
  id: 'rain_gauge',
  title: { vi: 'Trạm đo mưa', en: 'Rain gauge' },
  cadence_s: 600,
  metrics: {
    rain_mm: number('mm', 'Lượng mưa từ lần đo trước', 'Rain since the last record', [0, 500], stuckRain),
    battery_v: number('V', 'Điện áp ắc quy', 'Battery voltage', [0, 100], stuckSlow),
  },
})
