import { deviceType, number } from './device-type.ts'

/** A machine that runs an agent. */
export const system = deviceType({
  id: 'system',
  title: { vi: 'Máy chủ trạm', en: 'Machine' },
  cadence_s: 10,
  metrics: {
    cpu_percent: number('%', 'Mức dùng CPU', 'CPU use'),
    load_1m: number('1', 'Tải trung bình 1 phút', 'Load, 1 min'),
    load_5m: number('1', 'Tải trung bình 5 phút', 'Load, 5 min'),
    load_15m: number('1', 'Tải trung bình 15 phút', 'Load, 15 min'),
    memory_used_percent: number('%', 'Bộ nhớ đã dùng', 'Memory used'),
    memory_used_bytes: number('By', 'Bộ nhớ đã dùng', 'Memory used'),
    memory_total_bytes: number('By', 'Tổng bộ nhớ', 'Memory, total'),
    swap_used_percent: number('%', 'Swap đã dùng', 'Swap used'),
    disk_used_percent: number('%', 'Ổ đĩa đầy nhất', 'Fullest disk'),
    disk_used_bytes: number('By', 'Dung lượng đĩa đã dùng', 'Disk used'),
    disk_total_bytes: number('By', 'Tổng dung lượng đĩa', 'Disk, total'),
    net_rx_bytes_per_s: number('By/s', 'Mạng: tốc độ nhận', 'Network, received'),
    net_tx_bytes_per_s: number('By/s', 'Mạng: tốc độ gửi', 'Network, sent'),
    temperature_c: number('Cel', 'Nhiệt độ CPU', 'CPU temperature'),
    uptime_s: number('s', 'Thời gian hoạt động', 'Uptime'),
  },
})
