import { deviceType, number, stuckSlow } from './device-type.ts'

/** A gauging station on a river. Its alarm levels are those of the station (05/2020/QĐ-TTg). */
export const river = deviceType({
  id: 'river',
  title: { vi: 'Trạm thủy văn sông, suối', en: 'River gauge' },
  cadence_s: 600,
  metrics: {
    level_m: number('m', 'Mực nước', 'Water level', [-50, 9_000], stuckSlow),
    flow_m3s: number('m3/s', 'Lưu lượng', 'Flow', [0, 100_000]),
    battery_v: number('V', 'Điện áp ắc quy', 'Battery voltage', [0, 100], stuckSlow),
  },
})
