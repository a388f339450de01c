import type { Title } from '../device-types/device-type.ts'

/** The centre's own processes, as people know them. */
export const processTitles: Readonly<Record<string, Title>> = {
  hub: { vi: 'Bộ điều phối', en: 'Hub' },
  storage: { vi: 'Kho dữ liệu', en: 'Store' },
  broker: { vi: 'Tiếp nhận dữ liệu', en: 'Broker' },
  'stream-processor': { vi: 'Tính chỉ số', en: 'Stream processor' },
  alerting: { vi: 'Cảnh báo, sự cố', en: 'Alerting' },
  wall: { vi: 'Màn hình giám sát', en: 'Wall' },
  'camera-bridge': { vi: 'Cầu nối camera', en: 'Camera bridge' },
  'edge-agent': { vi: 'Phần mềm trạm của máy này', en: 'Agent of this machine' },
  simulator: { vi: 'Mô phỏng', en: 'Simulator' },
}
