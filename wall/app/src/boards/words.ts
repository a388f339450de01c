import { labels, sayText } from '../words.ts'

/** Of the boards. */
export const boardWord = labels({
  chart: ['Biểu đồ', 'Chart'],
  series: ['Tên', 'Name'],
  lastNotNull: ['Mới nhất', 'Last'],
  last: ['Cuối', 'Last, or none'],
  firstNotNull: ['Đầu', 'First'],
  first: ['Đầu kỳ', 'First, or none'],
  mean: ['Trung bình', 'Mean'],
  max: ['Cao nhất', 'Max'],
  min: ['Thấp nhất', 'Min'],
  sum: ['Tổng', 'Sum'],
  count: ['Số điểm', 'Count'],
  range: ['Biên độ', 'Range'],
  diff: ['Chênh lệch', 'Difference'],
  all: ['Tất cả', 'All'],
  none: ['Không có', 'None'],
  choose: ['Chọn', 'Choose'],
  variables: ['Phạm vi xem', 'Scope'],
  boardLoading: ['Đang tải bảng', 'Loading the board'],
  loading: ['Đang tải', 'Loading'],
  noData: ['Chưa có dữ liệu', 'No data'],
  noDataHere: [
    'Không có số liệu trong khoảng thời gian và phạm vi đang chọn. Chọn khoảng dài hơn hoặc phạm vi khác.',
    'Nothing was measured in this time range and scope. Choose a longer range or another scope.',
  ],
  noneOfKind: [
    'Chưa có thiết bị nào thuộc loại này gửi số liệu về trung tâm.',
    'No device of this kind has sent data to the centre yet.',
  ],
  noDataYet: [
    'Chưa có số đo nào gửi về cho chỉ số này trong khoảng thời gian đang chọn.',
    'No measurement of this indicator has arrived in this time range.',
  ],
  failed: ['Không tải được số liệu', 'The data could not be loaded'],
  retry: ['Thử lại', 'Retry'],
  broken: ['Không vẽ được khung này', 'This panel could not be drawn'],
  unsupported: ['chưa hỗ trợ', 'not supported'],
  updated: ['Số liệu lúc', 'Data as of'],
  stale: ['Số liệu cũ', 'Old data'],
  about: ['Giải thích', 'About'],
  menu: ['Thao tác', 'Actions'],
  view: ['Xem toàn khung', 'View full size'],
  back: ['Trở lại bảng', 'Back to the board'],
  explain: ['Giải thích cách tính', 'Explain'],
  csv: ['Tải số liệu (CSV)', 'Download data (CSV)'],
  png: ['Tải hình (PNG)', 'Download image (PNG)'],
  pngFailed: ['Trình duyệt không tạo được hình của khung này', 'The browser could not make an image of this panel'],
  grafana: ['Mở trong Grafana', 'Open in Grafana'],
  close: ['Đóng', 'Close'],
  formula: ['Công thức', 'Formula'],
  source: ['Căn cứ', 'Reference'],
  lastMonth: ['30 ngày qua', 'Last 30 days'],
  limits: ['Giới hạn', 'Limits'],
  target: ['Mục tiêu', 'Target'],
  unconfirmed: ['Chưa xác nhận', 'Unconfirmed'],
  query: ['Truy vấn', 'Query'],
  previousPage: ['Trang trước', 'Previous page'],
  nextPage: ['Trang sau', 'Next page'],
  links: ['Bảng liên quan', 'Related boards'],
})

/** Why data could not be read, by the code of the error table. */
const failures: Readonly<Record<string, readonly [vi: string, en: string]>> = {
  STORE_UNREACHABLE: ['Kho dữ liệu chưa phản hồi', 'The store does not answer'],
  STORE_UNAUTHORIZED: ['Kho dữ liệu từ chối truy cập', 'The store refuses access'],
  QUERY_INVALID: ['Kho dữ liệu không hiểu truy vấn', 'The store does not understand the query'],
  TIMEOUT: ['Quá thời gian chờ', 'No answer in time'],
  NETWORK: ['Không kết nối được với trung tâm', 'The centre cannot be reached'],
}

/** A failure in words; the message of one that has none is shown as it is. */
export function failureText(code: string, message: string): string {
  const known = failures[code]
  return known ? sayText(known) : message
}
