import type { LiveArea } from '@ioc/contract/messages/live.ts'
import { language } from './preferences.ts'

const words = {
  title: ['Trung tâm điều hành thông minh Đơn Dương', 'Đơn Dương Intelligent Operations Centre'],
  shortTitle: ['IOC Đơn Dương', 'Đơn Dương IOC'],
  skip: ['Tới nội dung chính', 'Skip to content'],
  live: ['Trực tuyến', 'Live'],
  connecting: ['Đang kết nối…', 'Connecting…'],
  cut: ['Mất kết nối', 'Connection lost'],
  cutLong: [
    'Mất kết nối với trung tâm. Số liệu bên dưới là số liệu cuối cùng nhận được; đang thử lại.',
    'The connection to the centre is lost. The figures below are the last ones received; trying again.',
  ],
  brokerCut: [
    'Máy chủ không nghe được trạm thu MQTT. Số liệu bên dưới là số liệu cuối cùng nhận được.',
    'The server does not hear the MQTT broker. The figures below are the last ones received.',
  ],
  storeAway: [
    'Kho dữ liệu không trả lời: chỉ có số liệu trực tiếp, chưa có lịch sử.',
    'The store does not answer: live figures only, no history.',
  ],
  themeAuto: ['Giao diện: theo máy', 'Theme: system'],
  themeLight: ['Giao diện: sáng', 'Theme: light'],
  themeDark: ['Giao diện: tối', 'Theme: dark'],
  where: ['Cần chú ý đến đâu?', 'Where must I look now?'],
  allWell: ['Mọi thứ bình thường', 'All is well'],
  nothingYet: ['Chưa nhận được số liệu', 'No figures yet'],
  abnormal: ['Chỉ số bất thường', 'Abnormal indicators'],
  offlineNodes: ['Trạm mất kết nối', 'Nodes offline'],
  staleDevices: ['Thiết bị im lặng', 'Silent devices'],
  lostMessages: ['Bản tin bị mất', 'Messages lost'],
  downProcesses: ['Tiến trình dừng', 'Processes down'],
  level0: ['Bình thường', 'Normal'],
  level1: ['Chú ý', 'Attention'],
  level2: ['Cảnh báo', 'Warning'],
  level3: ['Nguy cấp', 'Critical'],
  limits: ['Giới hạn', 'Limits'],
  noLimits: ['Không có giới hạn', 'No limits'],
  samples: ['mẫu', 'samples'],
  indicators: ['Chỉ số', 'Indicators'],
  nodes: ['Trạm và thiết bị', 'Nodes and devices'],
  ledger: ['Sổ đối chiếu bản tin', 'Message ledger'],
  processes: ['Tiến trình của trung tâm', "The centre's processes"],
  area: ['Đơn vị hành chính', 'Area'],
  unconfirmed: ['chưa xác nhận', 'unconfirmed'],
  district: ['Toàn địa bàn', 'Whole district'],
  node: ['Trạm', 'Node'],
  device: ['Thiết bị', 'Device'],
  type: ['Loại', 'Type'],
  state: ['Kết nối', 'Connection'],
  online: ['Có kết nối', 'Online'],
  offline: ['Mất kết nối', 'Offline'],
  lastMeasured: ['Đo lần cuối', 'Last measured'],
  age: ['Cách đây', 'Age'],
  never: ['chưa từng đo', 'never measured'],
  newDevice: ['Mới, chưa khai báo loại', 'New, type not declared'],
  sent: ['Đã gửi', 'Sent'],
  stored: ['Đã lưu', 'Stored'],
  duplicates: ['Trùng', 'Duplicates'],
  queued: ['Đang chờ', 'Queued'],
  lost: ['Mất', 'Lost'],
  rejected: ['Từ chối', 'Rejected'],
  offset: ['Lệch giờ', 'Clock offset'],
  memory: ['Bộ nhớ', 'Memory'],
  loopDelay: ['Độ trễ', 'Loop delay'],
  lag: ['Chậm', 'Lag'],
  restarts: ['Khởi động lại', 'Restarts'],
  running: ['Đang chạy', 'Running'],
  down: ['Đã dừng', 'Down'],
  silent: ['Im lặng', 'Silent'],
  more: ['Xem thêm', 'Show more'],
  none: ['Chưa có', 'None yet'],
  ago: ['trước', 'ago'],
  now: ['vừa xong', 'just now'],
  trend: ['Diễn biến 1 giờ qua', 'Trend of the last hour'],
  token: ['Mã truy cập', 'Access token'],
  tokenAsk: ['Trung tâm yêu cầu mã truy cập.', 'The centre asks for an access token.'],
  tokenWrong: ['Mã không đúng.', 'The token is not right.'],
  enter: ['Vào', 'Enter'],
} as const satisfies Record<string, readonly [vi: string, en: string]>

export type Word = keyof typeof words

/** A word in the viewer's language. */
export function say(word: Word): string {
  const [vi, en] = words[word]
  return language.value === 'vi' ? vi : en
}

/** A title that is declared in both languages. */
export function sayTitle(title: { readonly vi: string; readonly en: string }): string {
  return title[language.value]
}

/** An area as people call it, with a word beside it where something about it is to be verified. */
export function sayArea(code: string, area: LiveArea | undefined): string {
  if (!area) return code
  return area.unconfirmed ? `${area.name} (${say('unconfirmed')})` : area.name
}

const levelWords = ['level0', 'level1', 'level2', 'level3'] as const

export function sayLevel(level: number): string {
  return say(levelWords[level] ?? 'level3')
}
