import { labels } from '../words.ts'

/** Of the panels. */
export const label = labels({
  week: ['tuần trước', 'last week'],
  month: ['tháng trước', 'last month'],
  quarter: ['quý trước', 'last quarter'],
  year: ['năm trước', 'last year'],
  comparedWith: ['so với', 'from'],
  notCompared: ['chưa so sánh được', 'not compared'],
  unfinished: ['chưa hết kỳ', 'period not over'],
  unchanged: ['không đổi', 'unchanged'],
  percentagePoints: ['điểm %', 'points'],
  target: ['mục tiêu', 'target'],
  asOf: ['số liệu', 'as of'],
  others: ['khác', 'more'],
  rows: ['dòng', 'rows'],
  search: ['Tìm trong bảng', 'Search the table'],
  narrow: ['nhập từ cần tìm để thu hẹp', 'type to narrow down'],
  noneFound: ['Không có dòng nào phù hợp', 'No row matches'],
  noValue: ['chưa có dữ liệu', 'no data yet'],
  trendLine: ['Diễn biến', 'Trend'],
  allWell: ['Không có gì bất thường', 'Nothing abnormal'],
  allWellHint: ['Mọi chỉ số, thiết bị và trạm đều bình thường.', 'All indicators, devices and nodes are normal.'],
  waiting: ['Đang chờ số liệu', 'Waiting for data'],
  countIndicators: ['chỉ số', 'indicators'],
  countSilent: ['thiết bị không gửi số liệu', 'silent devices'],
  countOffline: ['trạm mất kết nối', 'nodes offline'],
  countLost: ['trạm mất bản tin', 'nodes with lost messages'],
  countDown: ['dịch vụ ngừng chạy', 'services down'],
  noMeasurement: ['Không có số đo', 'No measurement'],
  hasIt: ['đã nhận', 'has it'],
})

export type PanelWord = Parameters<typeof label>[0]
