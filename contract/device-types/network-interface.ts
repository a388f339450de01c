import { countRange, deviceType, flag, number } from './device-type.ts'

/** A network interface of a machine. */
export const networkInterface = deviceType({
  id: 'network_interface',
  title: { vi: 'Cổng mạng', en: 'Network interface' },
  cadence_s: 60,
  metrics: {
    up: flag('Đang kết nối', 'Up'),
    rx_bytes_per_s: number('By/s', 'Tốc độ nhận', 'Received', countRange, 'constant'),
    tx_bytes_per_s: number('By/s', 'Tốc độ gửi', 'Sent', countRange, 'constant'),
  },
})
