import { deviceType, number } from './device-type.ts'

/** A station that measures surface water. The index is taken as it is published (1460/QĐ-TCMT). */
export const waterQuality = deviceType({
  id: 'water_quality',
  title: { vi: 'Trạm quan trắc nước mặt', en: 'Surface-water station' },
  cadence_s: 1800,
  metrics: {
    wqi: number('1', 'Chỉ số VN_WQI', 'VN_WQI', [0, 100]),
    ph: number('[pH]', 'Độ pH', 'pH', [0, 14]),
    dissolved_oxygen_mgl: number('mg/L', 'Oxy hòa tan (DO)', 'Dissolved oxygen', [0, 40]),
    turbidity_ntu: number('{NTU}', 'Độ đục', 'Turbidity', [0, 10_000]),
    ammonium_mgl: number('mg/L', 'Amoni (NH₄⁺)', 'Ammonium', [0, 1_000]),
    cod_mgl: number('mg/L', 'Nhu cầu oxy hóa học (COD)', 'Chemical oxygen demand', [0, 100_000]),
    temperature_c: number('Cel', 'Nhiệt độ nước', 'Water temperature', [-5, 60]),
  },
})
