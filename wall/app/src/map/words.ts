import { labels } from '../words.ts'

export const mapWord = labels({
  map: ['Bản đồ địa bàn', 'Map of the district'],
  zoomIn: ['Phóng to', 'Zoom in'],
  zoomOut: ['Thu nhỏ', 'Zoom out'],
  whole: ['Toàn địa bàn', 'Whole district'],
  list: ['Danh sách điểm', 'List of places'],
  close: ['Đóng', 'Close'],
  approximate: ['Ranh giới gần đúng', 'Approximate boundaries'],
  silent: ['Không có số liệu', 'Silent'],
  someSilent: ['thiết bị không có số liệu', 'devices silent'],
  normal: ['Bình thường', 'Normal'],
  openSite: ['Mở trang của điểm', "Open the site's page"],
  devices: ['Thiết bị', 'Devices'],
  attention: ['Đang cần chú ý', 'Needs attention'],
  noDevices: ['Chưa có thiết bị nào', 'No devices yet'],
  neverMeasured: ['chưa có số liệu', 'never measured'],
  last: ['đo lúc', 'measured'],
  noPlaces: ['Chưa có điểm nào có tọa độ', 'No place has coordinates yet'],
})
