import { deviceType, number, stuckSlow } from './device-type.ts'

/** A reservoir, as its operator reports it. */
export const reservoir = deviceType({
  id: 'reservoir',
  title: { vi: 'Hồ chứa', en: 'Reservoir' },
  cadence_s: 600,
  metrics: {
    level_m: number('m', 'Mực nước hồ', 'Water level', [-50, 9_000], stuckSlow),
    inflow_m3s: number('m3/s', 'Lưu lượng về hồ', 'Inflow', [0, 100_000]),
    spill_m3s: number('m3/s', 'Lưu lượng xả tràn', 'Spill', [0, 100_000]),
    turbine_m3s: number('m3/s', 'Lưu lượng qua tuabin', 'Flow through the turbines', [0, 100_000]),
    volume_m3: number('m3', 'Dung tích trữ', 'Stored volume', [0, 1e12]),
    capacity_m3: number('m3', 'Dung tích toàn bộ', 'Capacity', [0, 1e12], 'constant'),
    normal_level_m: number('m', 'Mực nước dâng bình thường', 'Normal water level', [-50, 9_000], 'constant'),
  },
})
