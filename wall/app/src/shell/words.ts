import { labels } from '../words.ts'
import type { MenuGroup } from './boards.ts'

/** Of the header, menu, dialogs and banners. */
export const sayShell = labels({
  home: ['Tổng quan', 'Overview'],
  menu: ['Danh mục', 'Menu'],
  boards: ['Bảng theo dõi', 'Boards'],
  noBoards: ['Chưa tải được danh mục bảng theo dõi', 'The list of boards is not available'],
  settings: ['Hiển thị', 'Display'],
  close: ['Đóng', 'Close'],
  area: ['Địa bàn', 'Area'],
  wholeDistrict: ['Toàn địa bàn', 'Whole district'],
  severalAreas: ['đơn vị', 'areas'],
  search: ['Tìm kiếm', 'Search'],
  searchHint: ['Tìm chỉ số, bảng, đơn vị, điểm, thiết bị', 'Search indicators, boards, areas, sites, devices'],
  searchNone: ['Không tìm thấy kết quả', 'Nothing found'],
  searchFound: ['kết quả', 'results'],
  searchFailed: ['Chưa tải được danh sách điểm và thiết bị', 'The list of sites and devices is not available'],
  kindBoard: ['Bảng', 'Board'],
  kindIndicator: ['Chỉ số', 'Indicator'],
  kindArea: ['Đơn vị', 'Area'],
  kindSite: ['Điểm', 'Site'],
  kindDevice: ['Thiết bị', 'Device'],
  calm: ['Không có cảnh báo', 'No alerts'],
  attention: ['Cần chú ý', 'Need attention'],
  attentionOne: ['Cần chú ý', 'Needs attention'],
  timeRange: ['Khoảng thời gian', 'Time range'],
  quickRanges: ['Khoảng thường dùng', 'Quick ranges'],
  absoluteRange: ['Chọn thời điểm', 'Absolute range'],
  recentRanges: ['Đã dùng gần đây', 'Recent ranges'],
  from: ['Từ', 'From'],
  to: ['Đến', 'To'],
  apply: ['Áp dụng', 'Apply'],
  timeInvalid: [
    'Thời điểm không hợp lệ. Ví dụ: 30/11/2026 14:05, now-6h, now/d.',
    'Invalid time. Examples: 30/11/2026 14:05, now-6h, now/d.',
  ],
  rangeEmpty: ['Thời điểm đầu phải trước thời điểm cuối.', 'The start must be before the end.'],
  timeZone: ['Giờ Việt Nam (UTC+7)', 'Vietnam time (UTC+7)'],
  earlier: ['Lùi khoảng thời gian', 'Earlier'],
  later: ['Tiến khoảng thời gian', 'Later'],
  zoomOut: ['Mở rộng khoảng thời gian', 'Zoom out'],
  refresh: ['Tải lại số liệu', 'Refresh'],
  refreshEvery: ['Tự tải lại', 'Refresh every'],
  refreshOff: ['Không tự tải', 'Off'],
  previousMonth: ['Tháng trước', 'Previous month'],
  nextMonth: ['Tháng sau', 'Next month'],
  fullScreen: ['Toàn màn hình', 'Full screen'],
  kiosk: ['Chế độ màn hình lớn', 'Kiosk'],
  slideshow: ['Trình chiếu', 'Slide show'],
  slideshowHint: [
    'Lần lượt các bảng, 30 giây một bảng; nhấn Esc để thoát',
    'All boards in turn, 30 s each; Esc leaves',
  ],
  print: ['In', 'Print'],
  shortcuts: ['Phím tắt', 'Keyboard shortcuts'],
  language: ['Ngôn ngữ', 'Language'],
  theme: ['Giao diện', 'Theme'],
  themeAuto: ['Theo máy', 'System'],
  themeLight: ['Sáng', 'Light'],
  themeDark: ['Tối', 'Dark'],
  lostSince: ['Không có số liệu mới từ', 'No new data since'],
  critical: ['Nguy cấp', 'Critical'],
  others: ['mục khác', 'more'],
  silentDevice: ['Thiết bị không gửi số liệu', 'Device is silent'],
  silentSite: ['Cả điểm không gửi số liệu', 'The whole site is silent'],
  deviceOne: ['thiết bị', 'device'],
  deviceSome: ['thiết bị', 'devices'],
  offlineNode: ['Trạm mất kết nối', 'Node is offline'],
  lostMessages: ['Bản tin bị mất', 'Messages lost'],
  lostOne: ['bản tin bị mất', 'message lost'],
  lostSome: ['bản tin bị mất', 'messages lost'],
  downProcess: ['Dịch vụ ngừng chạy', 'Service is down'],
  soundOn: ['Bật âm báo nguy cấp', 'Turn on the sound for critical items'],
  soundOff: ['Tắt âm báo nguy cấp', 'Mute the sound for critical items'],
  soundWaits: [
    'Trình duyệt chờ một lần chạm hoặc gõ phím để phát âm báo',
    'The browser waits for a touch or a key before it plays sounds',
  ],
  shortcutHome: ['Về Tổng quan', 'Overview'],
  shortcutSearch: ['Tìm kiếm', 'Search'],
  shortcutMenu: ['Mở danh mục', 'Open the menu'],
  shortcutTheme: ['Đổi giao diện sáng, tối', 'Switch light and dark'],
  shortcutHelp: ['Danh sách phím tắt', 'This list'],
  shortcutLeave: ['Đóng hộp thoại, thoát chế độ màn hình lớn', 'Close a dialog, leave kiosk mode'],
  thenKey: ['rồi', 'then'],
  orKey: ['hoặc', 'or'],
})

const groupTitle = labels({
  overview: ['Điều hành chung', 'Overview'],
  people: ['Dịch vụ và người dân', 'Services and people'],
  economy: ['Kinh tế, đất đai', 'Economy and land'],
  environment: ['Môi trường', 'Environment'],
  safety: ['Giao thông, an ninh', 'Traffic and security'],
  system: ['Hạ tầng', 'Infrastructure'],
  types: ['Theo loại thiết bị', 'Device types'],
  other: ['Bảng khác', 'Other boards'],
} satisfies Record<MenuGroup, readonly [string, string]>)

export const sayGroupTitle = groupTitle

/** Of an amount of time: Vietnamese, English of one, and of more. */
const unitWords: Readonly<Record<string, readonly [vi: string, one: string, more: string]>> = {
  s: ['giây', 'second', 'seconds'],
  m: ['phút', 'minute', 'minutes'],
  h: ['giờ', 'hour', 'hours'],
  d: ['ngày', 'day', 'days'],
  w: ['tuần', 'week', 'weeks'],
  M: ['tháng', 'month', 'months'],
  Q: ['quý', 'quarter', 'quarters'],
  y: ['năm', 'year', 'years'],
}

const periodWords: Readonly<Record<string, readonly [vi: string, en: string]>> = {
  'now/d now/d': ['Hôm nay', 'Today'],
  'now-1d/d now-1d/d': ['Hôm qua', 'Yesterday'],
  'now/w now/w': ['Tuần này', 'This week'],
  'now-1w/w now-1w/w': ['Tuần trước', 'Last week'],
  'now/M now/M': ['Tháng này', 'This month'],
  'now-1M/M now-1M/M': ['Tháng trước', 'Last month'],
  'now/Q now/Q': ['Quý này', 'This quarter'],
  'now/y now/y': ['Năm nay', 'This year'],
  'now-1y/y now-1y/y': ['Năm trước', 'Last year'],
  'now/d now': ['Từ đầu ngày', 'Today so far'],
  'now/w now': ['Từ đầu tuần', 'This week so far'],
  'now/M now': ['Từ đầu tháng', 'This month so far'],
  'now/y now': ['Từ đầu năm', 'This year so far'],
}

/** The words of a relative range; `undefined` for any other range. */
export function sayRange(from: string, to: string, language: 'vi' | 'en'): string | undefined {
  const period = periodWords[`${from} ${to}`]
  if (period) return period[language === 'vi' ? 0 : 1]
  const [, count, unit] = (to === 'now' && /^now-(\d+)([smhdwMQy])$/.exec(from)) || []
  const words = unit === undefined ? undefined : unitWords[unit]
  if (!words) return undefined
  const [vi, one, more] = words
  if (language === 'vi') return `${count} ${vi} qua`
  return count === '1' ? `Last ${one}` : `Last ${count} ${more}`
}

/** An interval as `30s`. */
export function sayInterval(text: string, language: 'vi' | 'en'): string {
  const [, count = '', unit = ''] = /^(\d+)([smhd])$/.exec(text) ?? []
  const words = unitWords[unit]
  if (!words) return text
  const [vi, one, more] = words
  return `${count} ${language === 'vi' ? vi : count === '1' ? one : more}`
}
