import { countRange, deviceType, number, percentRange } from './device-type.ts'

/** A machine that runs an agent. */
export const system = deviceType({
  id: 'system',
  title: { vi: 'Máy chủ trạm', en: 'Machine' },
  cadence_s: 10,
  metrics: {
    cpu_percent: number('%', 'Mức dùng CPU', 'CPU use', percentRange),
    load_1m: number('1', 'Tải trung bình 1 phút', 'Load, 1 min', [0, 1e6]),
    load_5m: number('1', 'Tải trung bình 5 phút', 'Load, 5 min', [0, 1e6]),
    load_15m: number('1', 'Tải trung bình 15 phút', 'Load, 15 min', [0, 1e6]),
    memory_used_percent: number('%', 'Bộ nhớ đã dùng', 'Memory used', percentRange),
    memory_used_bytes: number('By', 'Bộ nhớ đã dùng', 'Memory used', countRange),
    memory_total_bytes: number('By', 'Tổng bộ nhớ', 'Memory, total', countRange, 'constant'),
    swap_used_percent: number('%', 'Swap đã dùng', 'Swap used', percentRange, 'constant'),
    disk_used_percent: number('%', 'Ổ đĩa đầy nhất', 'Fullest disk', percentRange, 'constant'),
    disk_used_bytes: number('By', 'Dung lượng đĩa đã dùng', 'Disk used', countRange, 'constant'),
    disk_total_bytes: number('By', 'Tổng dung lượng đĩa', 'Disk, total', countRange, 'constant'),
    net_rx_bytes_per_s: number('By/s', 'Mạng: tốc độ nhận', 'Network, received', countRange),
    net_tx_bytes_per_s: number('By/s', 'Mạng: tốc độ gửi', 'Network, sent', countRange),
    temperature_c: number('Cel', 'Nhiệt độ CPU', 'CPU temperature', [-100, 250]),
    uptime_s: number('s', 'Thời gian hoạt động', 'Uptime', [0, 1e10]),
  },
})
