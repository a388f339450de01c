import { countRange, flag, number, type Title, text } from './device-type.ts'

/** What is checked of a camera by itself, in this order. */
export const cameraSteps = [
  'reachable',
  'clock',
  'login',
  'identity',
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
  'clock_unsynchronized',
  'clock_zone',
  'login_rejected',
  'another_camera',
  'no_profiles',
  'no_snapshot',
  ...(['frozen', 'frozen_clock_runs', 'covered', 'dark', 'blurred', 'moved', 'overexposed'] as const),
  'no_stream',
  'no_events',
  'not_recording',
] as const
export type CameraReason = (typeof cameraReasons)[number]

/** Reasons as a title of an incident has them. */
export const cameraReasonTitles = {
  unreachable: { vi: 'Camera không phản hồi', en: 'Camera does not answer' },
  invalid_answer: { vi: 'Camera trả lời sai chuẩn', en: 'Camera answers invalidly' },
  clock_drift: { vi: 'Đồng hồ camera sai', en: 'Clock of the camera is wrong' },
  clock_unsynchronized: {
    vi: 'Camera bật NTP nhưng không đồng bộ được giờ',
    en: 'Camera has NTP on, but its clock is not synchronized',
  },
  clock_zone: { vi: 'Camera đặt sai múi giờ', en: 'Time zone of the camera is wrong' },
  login_rejected: { vi: 'Sai mật khẩu camera', en: 'Camera rejects the password' },
  another_camera: { vi: 'Camera khác trả lời tại địa chỉ này', en: 'Another camera answers at this address' },
  no_profiles: { vi: 'Camera không có luồng hình', en: 'Camera has no profile with a picture' },
  no_snapshot: { vi: 'Camera không gửi ảnh chụp', en: 'Camera sends no snapshot' },
  frozen: { vi: 'Hình camera bị đứng', en: 'Picture of the camera is frozen' },
  frozen_clock_runs: {
    vi: 'Hình camera bị đứng, đồng hồ vẫn chạy',
    en: 'Picture of the camera is frozen, its clock runs',
  },
  covered: { vi: 'Camera bị che', en: 'Camera is covered' },
  dark: { vi: 'Hình camera quá tối', en: 'Picture of the camera is dark' },
  blurred: { vi: 'Hình camera bị mờ', en: 'Picture of the camera is blurred' },
  moved: { vi: 'Camera bị xoay lệch', en: 'Camera was moved' },
  overexposed: { vi: 'Hình camera bị chói', en: 'Picture of the camera is overexposed' },
  no_stream: { vi: 'Mất luồng hình camera', en: 'Stream of the camera is not available' },
  no_events: { vi: 'Camera không gửi sự kiện', en: 'Camera sends no events' },
  not_recording: { vi: 'Camera không ghi hình', en: 'Camera does not record' },
} as const satisfies Record<CameraReason, Title>

/** How a camera says that its clock is set: by NTP, or by hand. */
export const clockSources = ['ntp', 'manual'] as const
export type ClockSource = (typeof clockSources)[number]

export const clockSourceTitles = {
  ntp: { vi: 'máy chủ giờ (NTP)', en: 'NTP server' },
  manual: { vi: 'đặt bằng tay', en: 'set by hand' },
} as const satisfies Record<ClockSource, Title>

/** States of a camera as a whole. */
export const cameraStateTitles = {
  online: { vi: 'Hoạt động', en: 'Online' },
  degraded: { vi: 'Suy giảm', en: 'Degraded' },
  offline: { vi: 'Mất kết nối', en: 'Offline' },
} as const satisfies Record<string, Title>

export const stepStateTitles = {
  ok: { vi: 'đạt', en: 'in order' },
  warning: { vi: 'cần chú ý', en: 'warning' },
  failed: { vi: 'hỏng', en: 'failed' },
  unknown: { vi: 'chưa rõ', en: 'not known' },
  unsupported: { vi: 'không hỗ trợ', en: 'not supported' },
} as const satisfies Record<StepState, Title>

export const pictureStateTitles = {
  ok: { vi: 'đạt', en: 'in order' },
  frozen: { vi: 'hình đứng', en: 'frozen' },
  frozen_clock_runs: { vi: 'hình đứng, đồng hồ chạy', en: 'frozen, the clock runs' },
  covered: { vi: 'bị che', en: 'covered' },
  dark: { vi: 'quá tối', en: 'dark' },
  blurred: { vi: 'bị mờ', en: 'blurred' },
  moved: { vi: 'bị xoay lệch', en: 'moved' },
  overexposed: { vi: 'bị chói', en: 'overexposed' },
  unknown: { vi: 'chưa rõ', en: 'not known' },
} as const satisfies Record<PictureState, Title>

const step = (vi: string, en: string) => text(vi, en, stepStateTitles)

/** Metrics of a camera that a camera bridge checks. */
export const cameraHealthMetrics = {
  state: text('Trạng thái', 'State', cameraStateTitles),
  recording: flag('Đang ghi hình', 'Recording'),
  reason: text('Nguyên nhân', 'Reason', { none: { vi: 'Không có', en: 'None' }, ...cameraReasonTitles }),
  reachable: step('Kết nối mạng', 'Network'),
  clock: step('Đồng hồ', 'Clock'),
  login: step('Đăng nhập', 'Login'),
  identity: step('Nhận dạng', 'Identity'),
  profiles: step('Cấu hình luồng hình', 'Profiles'),
  snapshot: step('Ảnh chụp', 'Snapshot'),
  picture: text('Chất lượng hình', 'Picture', pictureStateTitles),
  stream: step('Luồng hình', 'Stream'),
  events: step('Kênh sự kiện', 'Events'),
  storage: step('Lưu trữ', 'Storage'),
  clock_source: text('Nguồn giờ của camera', 'Source of the clock', clockSourceTitles),
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
