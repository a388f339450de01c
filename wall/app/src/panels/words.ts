import { language } from '../preferences.ts'

const words = {
  level1: ['Chú ý', 'Attention'],
  level2: ['Cảnh báo', 'Warning'],
  level3: ['Nguy cấp', 'Critical'],
  week: ['tuần trước', 'last week'],
  month: ['tháng trước', 'last month'],
  quarter: ['quý trước', 'last quarter'],
  year: ['năm trước', 'last year'],
  comparedWith: ['so với', 'from'],
  unchanged: ['không đổi', 'unchanged'],
  percentagePoints: ['điểm %', 'points'],
  target: ['mục tiêu', 'target'],
  asOf: ['số liệu', 'as of'],
  others: ['khác', 'more'],
  rows: ['dòng', 'rows'],
  search: ['Tìm trong bảng', 'Search the table'],
  found: ['tìm thấy', 'found'],
  narrow: ['nhập từ cần tìm để thu hẹp', 'type to narrow down'],
  noneFound: ['Không có dòng nào phù hợp', 'No row matches'],
  noValue: ['chưa có dữ liệu', 'no data yet'],
  trendLine: ['Diễn biến', 'Trend'],
  allWell: ['Không có gì bất thường', 'Nothing abnormal'],
  allWellHint: ['Mọi chỉ số, thiết bị và trạm đều bình thường.', 'All indicators, devices and nodes are normal.'],
  waiting: ['Đang chờ số liệu', 'Waiting for data'],
  since: ['từ', 'since'],
  silent: ['Thiết bị không gửi số liệu', 'Device is silent'],
  offline: ['Trạm mất kết nối', 'Node is offline'],
  lost: ['Bản tin bị mất', 'Messages lost'],
  down: ['Dịch vụ ngừng chạy', 'Service is down'],
  countIndicators: ['chỉ số', 'indicators'],
  countSilent: ['thiết bị không gửi số liệu', 'silent devices'],
  countOffline: ['trạm mất kết nối', 'nodes offline'],
  countLost: ['trạm mất bản tin', 'nodes with lost messages'],
  countDown: ['dịch vụ ngừng chạy', 'services down'],
  noMeasurement: ['Không có số đo', 'No measurement'],
} as const satisfies Record<string, readonly [vi: string, en: string]>

export type PanelWord = keyof typeof words

/** A word of the panels in the viewer's language. */
export function label(word: PanelWord): string {
  const [vi, en] = words[word]
  return language.value === 'vi' ? vi : en
}
