import {
  type CameraReason,
  type CameraStep,
  type ClockSource,
  cameraHealthMetrics,
  cameraReasonTitles,
  cameraStateTitles,
  clockSourceTitles,
  type PictureState,
  pictureStateTitles,
  type StepState,
  stepStateTitles,
} from '@ioc/contract/device-types/camera-health.ts'
import type { Title } from '@ioc/contract/device-types/device-type.ts'
import type { CameraStateWord } from '@ioc/contract/messages/camera-link.ts'
import { labels, sayText, sayTitle } from '../words.ts'

/** Of the pages of cameras. */
export const sayCamera = labels({
  cameras: ['Camera', 'Cameras'],
  camera: ['Camera', 'Camera'],
  abnormal: ['Camera cần chú ý', 'Cameras that need attention'],
  allNormal: ['Tất cả camera hoạt động bình thường.', 'All cameras are in order.'],
  none: ['Chưa có cầu nối camera nào kết nối với trung tâm.', 'No camera bridge is connected to the centre.'],
  noneHint: [
    'Thêm camera tại máy chủ bằng lệnh dưới đây; lần khởi động sau, cầu nối camera chạy cùng trung tâm.',
    'Add a camera on the server with the command below; from the next start on, the camera bridge runs with the centre.',
  ],
  noMatch: ['Không có camera nào khớp.', 'No camera matches.'],
  state: ['Trạng thái', 'State'],
  since: ['Từ lúc', 'Since'],
  reason: ['Nguyên nhân', 'Reason'],
  place: ['Trụ, điểm đặt', 'Pole or site'],
  area: ['Địa bàn', 'Area'],
  allStates: ['Tất cả', 'All'],
  allAreas: ['Tất cả địa bàn', 'All areas'],
  search: ['Tìm theo tên', 'Find by name'],
  lastStill: ['Ảnh gần nhất', 'Last still'],
  noStill: ['Chưa có ảnh', 'No still yet'],
  stillForOperators: ['Ảnh chỉ dành cho trực ban.', 'Stills are for operators.'],
  takenAt: ['Chụp lúc', 'Taken'],
  takeStill: ['Chụp ảnh mới', 'Take a new still'],
  live: ['Xem trực tiếp', 'Watch live'],
  device: ['Số liệu và lịch sử', 'Data and history'],
  steps: ['Kiểm tra từng bước', 'Health, step by step'],
  step: ['Bước', 'Step'],
  result: ['Kết quả', 'Result'],
  figures: ['Phân tích hình', 'Figures of the picture'],
  sign: ['Dấu hiệu', 'Sign'],
  figure: ['Số đo và ngưỡng', 'Figure and limit'],
  notKnown: ['chưa có', 'not known yet'],
  notLearned: ['đang học ngưỡng của camera này', 'the limit of this camera is being learned'],
  equalBytes: ['chỉ kết luận khi hai ảnh trùng hoàn toàn', 'only equal pictures prove it'],
  limitAbove: ['báo khi trên', 'reported above'],
  limitBelow: ['báo khi dưới', 'reported below'],
  shows: ['có', 'yes'],
  showsNot: ['không', 'no'],
  counts: ['Sự kiện từ khi cầu nối khởi động', 'Events since the bridge started'],
  noCounts: ['Chưa có sự kiện nào.', 'No events yet.'],
  clockOffset: ['Đồng hồ lệch', 'Clock offset'],
  clockSource: ['Nguồn giờ', 'Clock source'],
  response: ['Thời gian trả lời', 'Response time'],
  masks: ['Vùng che riêng tư', 'Privacy masks'],
  unlinked: ['Mất kết nối với cầu nối camera', 'The bridge of the camera is not connected'],
  turning: ['Điều khiển camera', 'Control'],
  presets: ['Vị trí đặt sẵn', 'Presets'],
  home: ['Về vị trí gốc', 'Home'],
  release: ['Trả quyền điều khiển', 'Release control'],
  heldBy: ['Đang điều khiển', 'Controlled by'],
  heldByTour: ['Đang tuần tra tự động', 'On its tour'],
  free: ['Không ai điều khiển', 'Nobody controls it'],
  bearing: ['Hướng nhìn', 'Bearing'],
  moving: ['đang quay', 'turning'],
  keys: [
    'Bấm vào khung này rồi dùng phím mũi tên để quay, + − để phóng, H về vị trí gốc, 1–9 đến vị trí đặt sẵn.',
    'Click here, then: arrow keys turn, + − zoom, H home, 1–9 presets.',
  ],
  left: ['Quay trái', 'Left'],
  right: ['Quay phải', 'Right'],
  up: ['Quay lên', 'Up'],
  down: ['Quay xuống', 'Down'],
  zoomIn: ['Phóng to', 'Zoom in'],
  zoomOut: ['Thu nhỏ', 'Zoom out'],
  busy: ['Đang có người khác điều khiển', 'Somebody else controls the camera'],
  failed: ['Chưa thực hiện được, hãy thử lại', 'That failed, try again'],
  alarm: ['Báo động từ camera', 'Report an alarm'],
  alarmHint: [
    'Ảnh chụp, tọa độ và hướng nhìn được gửi đến nhóm trực qua các kênh cảnh báo.',
    'The still, the position and the bearing are sent to the group on call by its channels.',
  ],
  smoke: ['Khói', 'Smoke'],
  fire: ['Lửa', 'Fire'],
  other: ['Việc khác', 'Other'],
  what: ['Nội dung', 'What'],
  text: ['Mô tả', 'Description'],
  sendAlarm: ['Gửi báo động', 'Send the alarm'],
  sent: ['Đã gửi', 'Sent'],
  reports: ['Báo động và phản hồi', 'Alarms and replies'],
  noReply: ['Chưa có phản hồi', 'No reply yet'],
  stills: ['Ảnh lưu theo sự cố', 'Stills of the incident'],
  add: ['Thêm camera', 'Add a camera'],
  bridge: ['Cầu nối', 'Bridge'],
  discover: ['Dò camera trong mạng', 'Look for cameras'],
  discovering: ['Đang dò…', 'Looking…'],
  found: ['Camera tìm thấy', 'Cameras found'],
  offered: ['Camera mới tự thông báo trong mạng', 'New cameras that announced themselves'],
  foundNone: ['Không tìm thấy camera nào.', 'No camera was found.'],
  known: ['đã thêm', 'added'],
  choose: ['Chọn', 'Choose'],
  address: ['Địa chỉ (http://… hoặc rtsp://…)', 'Address (http://… or rtsp://…)'],
  name: ['Tên mã', 'Name'],
  title: ['Tên hiển thị', 'Title'],
  username: ['Tài khoản camera', 'Username'],
  password: ['Mật khẩu camera', 'Password'],
  liveUrl: ['Địa chỉ xem trực tiếp', 'Address to watch live'],
  typeOf: ['Loại', 'Type'],
  fixed: ['Camera thường', 'Camera'],
  high: ['Camera tầm cao', 'High camera'],
  test: ['Kiểm tra và thêm', 'Test and add'],
  added: ['Đã thêm, kết quả kiểm tra', 'Added; the first check found'],
  remove: ['Xóa camera', 'Remove the camera'],
  removeSure: ['Xóa camera này khỏi cầu nối?', 'Remove this camera from its bridge?'],
})

const states: Readonly<Record<CameraStateWord, Title>> = {
  ...cameraStateTitles,
  unknown: { vi: 'Chưa kiểm tra', en: 'Not checked yet' },
}
export const sayState = (state: CameraStateWord): string => sayTitle(states[state])

export const sayReason = (reason: CameraReason): string => sayTitle(cameraReasonTitles[reason])

export const sayStep = (step: CameraStep): string => sayTitle(cameraHealthMetrics[step].title)

export const sayClockSource = (source: ClockSource): string => sayTitle(clockSourceTitles[source])

export const sayOutcome = (state: StepState): string => sayTitle(stepStateTitles[state])

export function sayPicture(state: string): string {
  const known = Object.hasOwn(pictureStateTitles, state) ? pictureStateTitles[state as PictureState] : undefined
  return known ? sayTitle(known) : state
}

/** What is measured for each sign. */
const figures: Readonly<Record<string, readonly [vi: string, en: string, unit: string, factor: number]>> = {
  covered: ['chi tiết hình', 'structure', '', 1],
  frozen: ['khác biệt giữa hai ảnh', 'difference of two pictures', '', 1],
  overexposed: ['điểm ảnh trắng', 'white pixels', ' %', 100],
  dark: ['độ sáng', 'brightness', '', 1],
  moved: ['độ giống khung hình quen thuộc', 'likeness to the usual view', '', 1],
  blurred: ['độ nét', 'sharpness', '', 1],
}
export function figureOf(fault: string): { readonly name: string; readonly unit: string; readonly factor: number } {
  const [vi, en, unit, factor] = figures[fault] ?? [fault, fault, '', 1]
  return { name: sayText([vi, en]), unit, factor }
}

const events: Readonly<Record<string, readonly [string, string]>> = {
  motion: ['Chuyển động', 'Motions'],
  tamper: ['Bị phá, che', 'Tamper alarms'],
  line_crossing: ['Qua vạch', 'Line crossings'],
  intrusion: ['Xâm nhập', 'Intrusions'],
  crowd: ['Tụ tập đông người', 'Crowds'],
  smoke: ['Khói, lửa', 'Smoke and fire'],
}
export const sayEvent = (kind: string): string => sayText(events[kind] ?? [kind, kind])
