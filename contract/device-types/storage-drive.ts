import { countRange, deviceType, flag, number } from './device-type.ts'

/** A drive of a machine, by its own diagnosis (SMART). */
export const storageDrive = deviceType({
  id: 'storage_drive',
  title: { vi: 'Ổ cứng của máy', en: 'Drive of a machine' },
  cadence_s: 600,
  metrics: {
    healthy: flag('Ổ cứng tự báo tốt', 'Healthy by its own diagnosis'),
    temperature_c: number('Cel', 'Nhiệt độ', 'Temperature', [-40, 150], 'constant'),
    wear_percent: number('%', 'Độ mòn', 'Wear', [0, 255], 'constant'),
    reallocated_sectors: number('1', 'Số cung từ đã thay', 'Reallocated sectors', countRange, 'constant'),
    pending_sectors: number('1', 'Số cung từ chờ thay', 'Pending sectors', countRange, 'constant'),
    media_errors: number('1', 'Số lỗi đọc ghi', 'Media errors', countRange, 'constant'),
    power_on_hours: number('h', 'Số giờ hoạt động', 'Hours of operation', countRange, 'constant'),
  },
})
