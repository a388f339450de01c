import { cameraHealthMetrics } from './camera-health.ts'
import { countRange, deviceType, number } from './device-type.ts'

/** A camera, as the centre watches it. */
export const camera = deviceType({
  id: 'camera',
  title: { vi: 'Camera', en: 'Camera' },
  cadence_s: 30,
  lifeless: { state: ['offline'] },
  condition: { metric: 'reason', sound: ['none'] },
  metrics: {
    ...cameraHealthMetrics,
    intrusions: number('1', 'Cảnh báo xâm nhập từ lần báo trước', 'Intrusions since the last record', [0, 100_000]),
    bitrate_bps: number('bit/s', 'Tốc độ luồng', 'Bit rate', [0, 1e12]),
    frames_per_s: number('1/s', 'Khung hình mỗi giây', 'Frames a second', [0, 10_000]),
    dropped_frames_total: number(
      '1',
      'Khung hình mất từ khi bật máy',
      'Dropped frames since it was switched on',
      countRange,
    ),
  },
})
