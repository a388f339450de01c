import { cameraHealthMetrics } from './camera-health.ts'
import { deviceType, number } from './device-type.ts'

/** A camera on a high point that watches a wide area (an ninh tầm cao). */
export const highCamera = deviceType({
  id: 'high_camera',
  title: { vi: 'Camera tầm cao', en: 'High camera' },
  cadence_s: 60,
  lifeless: { state: ['offline'] },
  condition: { metric: 'reason', sound: ['none'] },
  metrics: {
    ...cameraHealthMetrics,
    visibility_km: number('km', 'Tầm nhìn xa', 'Visibility', [0, 100]),
    pan_deg: number('deg', 'Góc quay ngang', 'Pan', [-360, 360]),
    tilt_deg: number('deg', 'Góc nghiêng', 'Tilt', [-90, 90]),
    zoom: number('1', 'Độ phóng', 'Zoom', [0, 1_000]),
    intrusions: number('1', 'Cảnh báo xâm nhập từ lần báo trước', 'Intrusions since the last record', [0, 10_000]),
    crowds: number('1', 'Cảnh báo tụ tập đông người từ lần báo trước', 'Crowds since the last record', [0, 10_000]),
    smokes: number('1', 'Cảnh báo khói từ lần báo trước', 'Smoke alarms since the last record', [0, 10_000]),
  },
})
