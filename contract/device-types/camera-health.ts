import { countRange, flag, number, text } from './device-type.ts'

/** What is checked of a camera by itself, in this order. */
export const cameraSteps = [
  'reachable',
  'clock',
  'login',
  'profiles',
  'snapshot',
  'picture',
  'stream',
  'events',
  'storage',
] as const
export type CameraStep = (typeof cameraSteps)[number]

/** The outcome of a step. `unknown`: not checked yet, or not since an earlier step failed. */
export const stepStates = ['ok', 'warning', 'failed', 'unknown', 'unsupported'] as const
export type StepState = (typeof stepStates)[number]

/** What is wrong with a picture. */
export const pictureStates = [
  'ok',
  'frozen',
  'frozen_clock_runs',
  'covered',
  'dark',
  'blurred',
  'moved',
  'overexposed',
  'unknown',
] as const
export type PictureState = (typeof pictureStates)[number]

/** Why a camera is not online: the first step that is not as it should be, in detail. */
export const cameraReasons = [
  'unreachable',
  'invalid_answer',
  'clock_drift',
  'clock_zone',
  'login_rejected',
  'no_profiles',
  'no_snapshot',
  ...(['frozen', 'frozen_clock_runs', 'covered', 'dark', 'blurred', 'moved', 'overexposed'] as const),
  'no_stream',
  'no_events',
  'not_recording',
] as const
export type CameraReason = (typeof cameraReasons)[number]

const states = 'ok, warning, failed, unknown, unsupported'
const step = (vi: string, en: string) => text(`${vi}: ${states}`, `${en}: ${states}`)

/** Metrics of a camera that a camera bridge checks. */
export const cameraHealthMetrics = {
  state: text('Trạng thái: online, degraded, offline', 'State: online, degraded, offline'),
  recording: flag('Đang ghi hình', 'Recording'),
  reason: text('Nguyên nhân', 'Reason'),
  reachable: step('Kết nối mạng', 'Network'),
  clock: step('Đồng hồ', 'Clock'),
  login: step('Đăng nhập', 'Login'),
  profiles: step('Cấu hình luồng hình', 'Profiles'),
  snapshot: step('Ảnh chụp', 'Snapshot'),
  picture: text(`Chất lượng hình: ${pictureStates.join(', ')}`, `Picture: ${pictureStates.join(', ')}`),
  stream: step('Luồng hình', 'Stream'),
  events: step('Kênh sự kiện', 'Events'),
  storage: step('Lưu trữ', 'Storage'),
  clock_offset_s: number('s', 'Độ lệch đồng hồ', 'Clock offset', [-1e10, 1e10], 'constant'),
  response_ms: number('ms', 'Thời gian trả lời', 'Response time', [0, 600_000]),
  reboots_total: number('1', 'Số lần khởi động lại', 'Restarts', countRange, 'constant'),
  brightness: number('1', 'Độ sáng của hình, 0–255', 'Brightness of the picture, 0–255', [0, 255]),
  sharpness: number('1', 'Độ nét của hình', 'Sharpness of the picture', [0, 1e6]),
  motions: number('1', 'Số lần có chuyển động từ lần báo trước', 'Motions since the last record', [0, 100_000]),
  tampers: number('1', 'Số lần bị phá, che từ lần báo trước', 'Tamper alarms since the last record', [0, 100_000]),
  line_crossings: number(
    '1',
    'Số lượt qua vạch từ lần báo trước',
    'Line crossings since the last record',
    [0, 100_000],
  ),
  events_dropped: number('1', 'Sự kiện bị bỏ bớt từ lần báo trước', 'Events dropped since the last record', [0, 1e9]),
} as const
