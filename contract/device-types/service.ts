import { countRange, deviceType, flag, number } from './device-type.ts'

/** A service or a program of a machine that must run. */
export const service = deviceType({
  id: 'service',
  title: { vi: 'Dịch vụ của máy', en: 'Service of a machine' },
  cadence_s: 60,
  metrics: {
    running: flag('Đang chạy', 'Running'),
    processes: number('1', 'Số tiến trình', 'Processes', countRange, 'constant'),
    cpu_percent: number('%', 'Mức dùng CPU', 'CPU use', [0, 100_000], 'constant'),
    memory_percent: number('%', 'Bộ nhớ đã dùng', 'Memory used', [0, 110], 'constant'),
  },
})
