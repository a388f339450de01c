import { findCaseType } from '@ioc/contract/case-types/table.ts'
import { findDeviceType } from '@ioc/contract/device-types/table.ts'
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
    'Mất kết nối với trung tâm, đang thử lại. Số liệu bên dưới là số liệu nhận được lần cuối.',
    'Connection to the centre lost; reconnecting. The figures below are the last ones received.',
  ],
  brokerCut: [
    'Máy chủ mất kết nối với bộ tiếp nhận dữ liệu (MQTT). Số liệu bên dưới là số liệu nhận được lần cuối.',
    'The server has no connection to the MQTT broker. The figures below are the last ones received.',
  ],
  storeAway: [
    'Kho dữ liệu chưa phản hồi: chỉ có số liệu trực tiếp, chưa có lịch sử.',
    'The store does not answer: live figures only, no history.',
  ],
  districtRefused: [
    'Tệp dữ liệu địa bàn có lỗi, hệ thống vẫn dùng dữ liệu trước đó. Tệp',
    'The district files are invalid; the data before them stays in force. File',
  ],
  fileLine: ['dòng', 'line'],
  sinceTime: ['từ', 'since'],
  themeAuto: ['Giao diện: theo máy', 'Theme: system'],
  themeLight: ['Giao diện: sáng', 'Theme: light'],
  themeDark: ['Giao diện: tối', 'Theme: dark'],
  where: ['Cần chú ý điều gì?', 'What needs attention?'],
  allWell: ['Mọi thứ bình thường', 'Everything is normal'],
  nothingYet: ['Chưa nhận được số liệu', 'No figures yet'],
  abnormal: ['Chỉ số bất thường', 'Abnormal indicators'],
  offlineNodes: ['Trạm mất kết nối', 'Nodes offline'],
  staleDevices: ['Thiết bị không gửi số liệu', 'Silent devices'],
  lostMessages: ['Bản tin bị mất', 'Messages lost'],
  downProcesses: ['Dịch vụ ngừng chạy', 'Services down'],
  level0: ['Bình thường', 'Normal'],
  level1: ['Chú ý', 'Attention'],
  level2: ['Cảnh báo', 'Warning'],
  level3: ['Nguy cấp', 'Critical'],
  limits: ['Giới hạn', 'Limits'],
  noLimits: ['Không có giới hạn', 'No limits'],
  indicators: ['Chỉ số', 'Indicators'],
  nodes: ['Trạm và thiết bị', 'Nodes and devices'],
  ledger: ['Sổ đối chiếu bản tin', 'Message ledger'],
  processes: ['Dịch vụ của trung tâm', "The centre's services"],
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
  never: ['chưa có số đo', 'never measured'],
  newDevice: ['Chưa khai báo loại', 'Type not declared'],
  sent: ['Đã gửi', 'Sent'],
  stored: ['Đã lưu', 'Stored'],
  duplicates: ['Trùng lặp', 'Duplicates'],
  queued: ['Đang chờ', 'Queued'],
  lost: ['Bị mất', 'Lost'],
  rejected: ['Bị từ chối', 'Rejected'],
  corrected: ['Chỉnh giờ', 'Time corrected'],
  reused: ['Lặp số thứ tự', 'Number reused'],
  over_quota: ['Vượt hạn mức', 'Over quota'],
  offset: ['Lệch giờ', 'Clock offset'],
  problem: ['Lỗi gần nhất', 'Last problem'],
  otherProblem: ['Lỗi khác', 'Other problem'],
  memory: ['Bộ nhớ', 'Memory'],
  loopDelay: ['Độ trễ', 'Loop delay'],
  lag: ['Chậm xử lý', 'Lag'],
  restarts: ['Số lần khởi động lại', 'Restarts'],
  running: ['Đang chạy', 'Running'],
  down: ['Đã dừng', 'Down'],
  silent: ['Không phản hồi', 'Not responding'],
  more: ['Xem thêm', 'Show more'],
  none: ['Chưa có', 'None yet'],
  ago: ['trước', 'ago'],
  now: ['vừa xong', 'just now'],
  trend: ['Diễn biến 1 giờ qua', 'Trend of the last hour'],
  token: ['Mã truy cập', 'Access token'],
  tokenAsk: ['Trung tâm yêu cầu mã truy cập.', 'The centre asks for an access token.'],
  tokenWrong: ['Mã truy cập không đúng.', 'Wrong access token.'],
  tokenWait: ['Nhập sai quá nhiều lần, xin thử lại sau ít phút.', 'Too many wrong tokens; try again in a few minutes.'],
  enter: ['Vào', 'Enter'],
} as const satisfies Record<string, readonly [vi: string, en: string]>

/** The centre's own processes, as people know them. */
const processNames: Readonly<Record<string, readonly [vi: string, en: string]>> = {
  hub: ['Bộ điều phối', 'Hub'],
  storage: ['Kho dữ liệu', 'Store'],
  broker: ['Tiếp nhận dữ liệu', 'Broker'],
  'stream-processor': ['Tính chỉ số', 'Stream processor'],
  wall: ['Màn hình giám sát', 'Wall'],
  'edge-agent': ['Phần mềm trạm của máy này', 'Agent of this machine'],
}

/** Classes of vehicles as counters name them. */
const vehicleClasses: Readonly<Record<string, readonly [vi: string, en: string]>> = {
  bicycle: ['xe đạp', 'bicycles'],
  motorbike: ['xe máy', 'motorbikes'],
  motorcycle: ['xe máy', 'motorcycles'],
  car: ['ô tô con', 'cars'],
  minibus: ['xe khách nhỏ', 'minibuses'],
  truck: ['xe tải', 'trucks'],
  bus: ['xe khách', 'buses'],
  heavy_truck: ['xe tải nặng', 'heavy trucks'],
  trailer: ['xe kéo rơ moóc', 'trailers'],
}

/** Why something of a node was rejected or left out, by the code of the error table. */
const problems: Readonly<Record<string, readonly [vi: string, en: string]>> = {
  PAYLOAD_NOT_JSON: ['Nội dung không phải JSON', 'Not JSON'],
  PAYLOAD_INVALID: ['Nội dung sai cấu trúc', 'Wrong structure'],
  RECORD_INVALID: ['Bản ghi không hợp lệ', 'Invalid record'],
  TOPIC_INVALID: ['Sai chủ đề', 'Wrong topic'],
  NAME_INVALID: ['Tên không hợp lệ', 'Invalid name'],
  LINE_INVALID: ['Bản ghi không lưu được', 'Cannot be stored'],
  FIELD_TYPE_CONFLICT: ['Trường đổi kiểu dữ liệu', 'Field changed its type'],
  STORE_REFUSED: ['Kho dữ liệu từ chối', 'Rejected by the store'],
  RECORD_FAILED: ['Trung tâm xử lý không được', 'Processing failed'],
  QUOTA_EXCEEDED: ['Vượt hạn mức', 'Over quota'],
  DEVICE_NOT_OWNED: ['Thiết bị thuộc trạm khác', 'Device of another node'],
  AREA_REFUSED: ['Sai đơn vị hành chính', 'Wrong area'],
  EPOCH_REUSED: ['Lặp số thứ tự', 'Number reused'],
}

export type Word = keyof typeof words

/** A word in the viewer's language. */
export function say(word: Word): string {
  return inLanguage(words[word])
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

/** What a device is, by its declared type: a kind of device, or a feed of cases. */
export function sayType(type: string): string {
  const known = findDeviceType(type) ?? findCaseType(type)
  return known ? sayTitle(known.title) : say('newDevice')
}

/** A group of an indicator: classes of vehicles in words, all else as it is. */
export function sayGroup(group: string): string {
  const known = vehicleClasses[group]
  return known ? inLanguage(known) : group
}

/** The name of a process of the centre. */
export function sayProcess(name: string): string {
  return inLanguage(processNames[name] ?? [name, name])
}

/** A rejection's code in words; codes that have none are shown as they are. */
export function sayProblem(code: string): string {
  const known = problems[code]
  return known ? inLanguage(known) : `${say('otherProblem')} (${code})`
}

function inLanguage([vi, en]: readonly [vi: string, en: string]): string {
  return language.value === 'vi' ? vi : en
}

const levelWords = ['level0', 'level1', 'level2', 'level3'] as const

export function sayLevel(level: number): string {
  return say(levelWords[level] ?? 'level3')
}
