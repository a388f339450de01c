import { deviceType, number, percentRange, stuckSoil } from './device-type.ts'

/** A station that measures the soil of a slope or a field. */
export const soil = deviceType({
  id: 'soil',
  title: { vi: 'Trạm quan trắc đất', en: 'Soil station' },
  cadence_s: 1800,
  metrics: {
    moisture_percent: number('%', 'Độ ẩm đất', 'Soil moisture', percentRange),
    temperature_c: number('Cel', 'Nhiệt độ đất', 'Soil temperature', [-30, 80]),
    ph: number('[pH]', 'Độ pH', 'pH', [0, 14], stuckSoil),
    tilt_deg: number('deg', 'Độ nghiêng', 'Tilt', [-90, 90], stuckSoil),
    pore_pressure_kpa: number('kPa', 'Áp lực nước lỗ rỗng', 'Pore-water pressure', [-200, 2_000]),
  },
})
