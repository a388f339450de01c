import { countRange, deviceType, number, percentRange } from './device-type.ts'

/** A disk of a machine, or a pool of disks. */
export const fileSystem = deviceType({
  id: 'file_system',
  title: { vi: 'Ổ đĩa', en: 'File system' },
  cadence_s: 60,
  metrics: {
    used_percent: number('%', 'Dung lượng đã dùng', 'Space used', percentRange, 'constant'),
    used_bytes: number('By', 'Dung lượng đã dùng', 'Space used', countRange, 'constant'),
    total_bytes: number('By', 'Tổng dung lượng', 'Space, total', countRange, 'constant'),
  },
})
