import { deviceType, flag, number, percentRange } from './device-type.ts'

/** Mains, battery and network of a site. */
export const sitePower = deviceType({
  id: 'site_power',
  title: { vi: 'Nguồn điện và mạng của điểm', en: 'Power and network of a site' },
  cadence_s: 60,
  metrics: {
    mains: flag('Có điện lưới', 'Mains present'),
    mains_v: number('V', 'Điện áp lưới', 'Mains voltage', [0, 1_000]),
    battery_percent: number('%', 'Dung lượng ắc quy', 'Battery charge', percentRange),
    battery_minutes: number('min', 'Thời gian ắc quy còn chạy được', 'Battery time left', [0, 100_000]),
    load_w: number('W', 'Công suất tiêu thụ', 'Load', [0, 1e6]),
    network: flag('Có mạng', 'Network up'),
    latency_ms: number('ms', 'Độ trễ mạng', 'Network latency', [0, 600_000]),
    loss_percent: number('%', 'Tỷ lệ mất gói', 'Packet loss', percentRange),
  },
})
