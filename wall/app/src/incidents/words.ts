import type { ChannelName } from '@ioc/contract/district/people.ts'
import type { ApiThing } from '@ioc/contract/messages/api-incidents.ts'
import type { Aspect, IncidentState, Severity, ThingKind } from '@ioc/contract/messages/incidents.ts'
import type { DeliveryState } from '@ioc/contract/messages/notifications.ts'
import { labels, sayText } from '../words.ts'

/** Of the pages of incidents, maintenance, the work log and the availability report. */
export const sayIncident = labels({
  work: ['Công việc', 'Work'],
  incidents: ['Sự cố', 'Incidents'],
  incident: ['Sự cố', 'Incident'],
  mine: ['Sự cố của tôi', 'My incidents'],
  maintenance: ['Bảo trì', 'Maintenance'],
  rota: ['Lịch trực', 'Rota'],
  availability: ['Báo cáo hoạt động thiết bị', 'Availability report'],
  state: ['Tình trạng', 'State'],
  severity: ['Mức độ', 'Severity'],
  any: ['Tất cả', 'All'],
  area: ['Địa bàn', 'Area'],
  active: ['Chưa xử lý xong', 'Active'],
  what: ['Nội dung', 'What'],
  where: ['Nơi xảy ra', 'Where'],
  since: ['Bắt đầu', 'Began'],
  opened: ['Ghi nhận', 'Opened'],
  ended: ['Kết thúc', 'Ended'],
  holder: ['Người xử lý', 'Held by'],
  nobody: ['Chưa có người nhận', 'Nobody yet'],
  affectedCount: ['Ảnh hưởng', 'Affected'],
  found: ['sự cố', 'incidents'],
  none: ['Không có sự cố nào.', 'There are no incidents.'],
  noneMine: ['Không có sự cố nào giao cho bạn.', 'No incident is assigned to you.'],
  noneFree: ['Mọi sự cố đều đã có người nhận.', 'Every incident is held by somebody.'],
  free: ['Chưa có người nhận', 'Not held by anybody'],
  incomplete: [
    'Kho dữ liệu chưa phản hồi: thiếu các sự cố cũ.',
    'The store does not answer: older incidents are missing.',
  ],
  previous: ['Trang trước', 'Previous'],
  next: ['Trang sau', 'Next'],
  page: ['Trang', 'Page'],
  all: ['Mọi sự cố', 'All incidents'],
  acknowledged: ['Tiếp nhận', 'Acknowledged'],
  until: ['đến', 'until'],
  takeOver: ['Nhận xử lý', 'Take it'],
  acknowledge: ['Tiếp nhận đến khi', 'Acknowledge for'],
  minutes15: ['15 phút', '15 min'],
  hour1: ['1 giờ', '1 h'],
  hours4: ['4 giờ', '4 h'],
  workingDay: ['08:00 ngày làm việc tới', '08:00 next working day'],
  noteOptional: ['Ghi chú (không bắt buộc)', 'Note (optional)'],
  assign: ['Giao việc', 'Assign'],
  assignTo: ['Giao cho', 'Assign to'],
  release: ['Bỏ giao', 'Release'],
  note: ['Ghi chú', 'Note'],
  addNote: ['Thêm ghi chú', 'Add note'],
  resolve: ['Đã xử lý xong', 'Resolve'],
  snooze: ['Tạm hoãn cảnh báo', 'Snooze'],
  snoozeHint: [
    'Đến lúc đó, nguyên nhân này không mở sự cố mới và không nhắc lại.',
    'Until then this cause opens no new incident and sends no reminder.',
  ],
  reason: ['Lý do', 'Reason'],
  endSnooze: ['Bỏ tạm hoãn', 'End snooze'],
  shelved: ['Cảnh báo đang tạm hoãn', 'Snoozed causes'],
  noShelves: ['Không có cảnh báo nào đang tạm hoãn.', 'No cause is snoozed.'],
  aspect: ['Hiện tượng', 'Problem'],
  length: ['Thời lượng', 'Length'],
  onDuty: ['Người trực', 'On duty'],
  nobodyOnDuty: ['Không có người trực', 'Nobody on duty'],
  gaps: ['khoảng không có người trực', 'gaps with nobody on duty'],
  next14Days: ['trong 14 ngày tới', 'in the next 14 days'],
  overrides: ['Đổi ca trực', 'Overrides'],
  noOverrides: ['Không có thay đổi nào so với lịch trực.', 'Nothing differs from the rota.'],
  newOverride: ['Đổi ca', 'Add an override'],
  people: ['Người nhận thông báo', 'People who are notified'],
  noPeople: ['Chưa khai báo người nhận trong people.yaml.', 'No people are declared in people.yaml.'],
  noRota: ['Chưa khai báo lịch trực trong people.yaml.', 'No rota is declared in people.yaml.'],
  noWatch: ['Hệ thống cảnh báo chưa công bố lịch trực.', 'The watch has not published the rota.'],
  person: ['Họ tên', 'Name'],
  unit: ['Đơn vị', 'Unit'],
  channels: ['Kênh nhận tin', 'Channels'],
  test: ['Gửi thử', 'Test'],
  sending: ['Đang gửi…', 'Sending…'],
  notSent: ['Không gửi được', 'Not sent'],
  choose: ['Chọn người', 'Choose a person'],
  day1: ['1 ngày', '1 day'],
  week1: ['1 tuần', '1 week'],
  maintain: ['Bảo trì nơi này', 'Maintain this place'],
  actions: ['Xử lý', 'Actions'],
  chain: ['Chuỗi nguyên nhân', 'Cause chain'],
  affected: ['Bị ảnh hưởng', 'Affected'],
  moreAffected: ['khác', 'more'],
  values: ['Số liệu quanh thời điểm bắt đầu', 'Values around the beginning'],
  noValues: ['Không có số liệu quanh thời điểm này.', 'There are no values around this time.'],
  notifications: ['Thông báo đã gửi', 'Notifications'],
  noNotifications: ['Chưa gửi thông báo nào.', 'No notification was sent.'],
  notificationsGone: [
    'Thông báo của sự cố cũ không còn được lưu.',
    'The notifications of an old incident are not kept.',
  ],
  recipient: ['Người nhận', 'Recipient'],
  programs: ['Phần mềm khác', 'Other programs'],
  channel: ['Kênh', 'Channel'],
  step: ['Bước', 'Step'],
  result: ['Kết quả', 'Result'],
  changedAt: ['Lúc', 'At'],
  tries: ['lần thử', 'tries'],
  timeline: ['Diễn biến', 'Timeline'],
  timelineGone: ['Diễn biến của sự cố cũ không còn được lưu.', 'The timeline of an old incident is not kept.'],
  flapping: ['Chập chờn', 'Flapping'],
  mergedInto: ['Đã gộp vào sự cố', 'Merged into incident'],
  sent: ['Đã gửi', 'Sent'],
  refused: ['Tài khoản không có quyền này.', 'Your account may not do this.'],
  over: ['Sự cố đã đóng.', 'The incident is closed.'],
  away: ['Hệ thống cảnh báo chưa nhận được, xin thử lại.', 'The watch could not be reached; try again.'],
  invalid: ['Nội dung chưa hợp lệ, xin kiểm tra lại.', 'Something is invalid; please check.'],
  openWindows: ['Đang và sắp bảo trì', 'Maintenance windows'],
  noWindows: ['Không có lịch bảo trì nào.', 'There are no maintenance windows.'],
  newWindow: ['Lập lịch bảo trì', 'New maintenance window'],
  covers: ['Phạm vi', 'Covers'],
  device: ['Thiết bị', 'Device'],
  site: ['Điểm', 'Site'],
  place: ['Mã (điểm hoặc điểm/thiết bị)', 'Key (site or site/device)'],
  from: ['Từ', 'From'],
  to: ['Đến', 'To'],
  by: ['Người lập', 'By'],
  remaining: ['Còn lại', 'Remaining'],
  notYet: ['Chưa bắt đầu', 'Not begun'],
  endNow: ['Kết thúc ngay', 'End now'],
  weekly: ['Lặp lại hằng tuần', 'Every week'],
  save: ['Lưu', 'Save'],
  inMaintenance: ['Đang bảo trì', 'In maintenance'],
  workLog: ['Nhật ký sửa chữa', 'Work log'],
  noWork: ['Chưa có lần sửa chữa nào.', 'Nothing was repaired yet.'],
  addWork: ['Ghi một lần sửa chữa', 'Add an entry'],
  done: ['Việc đã làm', 'What was done'],
  part: ['Linh kiện thay', 'Part'],
  cost: ['Chi phí (đồng)', 'Cost (VND)'],
  when: ['Thời điểm', 'When'],
  who: ['Người làm', 'By'],
  month: ['Tháng', 'Month'],
  wholeDistrict: ['Toàn địa bàn', 'Whole district'],
  print: ['In', 'Print'],
  share: ['Tỷ lệ có số liệu', 'Available'],
  missing: ['Thời gian thiếu số liệu', 'Missing'],
  badDays: ['Ngày dưới 95 %', 'Days below 95 %'],
  count: ['Số sự cố', 'Incidents'],
  repairs: ['Lần sửa', 'Repairs'],
  period: ['Kỳ báo cáo', 'Period'],
  how: [
    'Tỷ lệ có số liệu: số lần đo nhận được trên số lần đo theo chu kỳ khai báo, mỗi ngày tối đa 100 %.',
    'Available: measurements received of those that the declared cadence lets expect, at most 100 % a day.',
  ],
  signature: ['Người lập báo cáo', 'Prepared by'],
  approval: ['Thủ trưởng đơn vị', 'Head of unit'],
  noDevices: ['Không có thiết bị nào trong kỳ này.', 'There are no devices in this period.'],
})

const severityWords: Readonly<Record<Severity, readonly [string, string]>> = {
  low: ['Thấp', 'Low'],
  medium: ['Trung bình', 'Medium'],
  high: ['Cao', 'High'],
  critical: ['Nguy cấp', 'Critical'],
}
export const saySeverity = (severity: Severity): string => sayText(severityWords[severity])

const stateWords: Readonly<Record<IncidentState, readonly [string, string]>> = {
  open: ['Chưa tiếp nhận', 'Open'],
  acknowledged: ['Đã tiếp nhận', 'Acknowledged'],
  resolved: ['Đã xử lý', 'Resolved'],
  closed: ['Đã đóng', 'Closed'],
}
export const sayState = (state: IncidentState): string => sayText(stateWords[state])

const kindWords: Readonly<Record<ThingKind, readonly [string, string]>> = {
  device: ['Thiết bị', 'Device'],
  node: ['Trạm', 'Node'],
  site: ['Điểm', 'Site'],
  upstream: ['Đường truyền, nguồn điện', 'Line or power'],
  centre: ['Trung tâm', 'Centre'],
  indicator: ['Chỉ số', 'Indicator'],
  ledger: ['Sổ đối chiếu bản tin', 'Message ledger'],
  process: ['Tiến trình', 'Process'],
  channel: ['Kênh gửi tin', 'Channel'],
  rota: ['Lịch trực', 'Rota'],
  disk: ['Ổ đĩa', 'Disk'],
  credential: ['Thông tin đăng nhập', 'Credential'],
  collector: ['Nguồn số liệu', 'Source'],
  certificate: ['Chứng chỉ', 'Certificate'],
}
export const sayKind = (kind: ThingKind): string => sayText(kindWords[kind])

const thingStates: Readonly<Record<ApiThing['state'], readonly [string, string]>> = {
  cause: ['nguyên nhân', 'cause'],
  affected: ['bị ảnh hưởng', 'affected'],
  abnormal: ['có sự cố khác', 'has another incident'],
  normal: ['bình thường', 'normal'],
}
export const sayThingState = (state: ApiThing['state']): string => sayText(thingStates[state])

/** Events of a timeline; a newer watch may have more. */
const eventWords: Readonly<Record<string, readonly [string, string]>> = {
  opened: ['Mở sự cố', 'Opened'],
  rerooted: ['Xác định lại nguyên nhân', 'Cause changed'],
  affected: ['Phạm vi ảnh hưởng thay đổi', 'Affected things changed'],
  severity: ['Mức độ thay đổi', 'Severity changed'],
  presence: ['Nguyên nhân xuất hiện hoặc mất đi', 'Cause came or went'],
  flapping: ['Bắt đầu chập chờn', 'Began to flap'],
  stable: ['Hết chập chờn', 'Stable again'],
  acknowledged: ['Tiếp nhận', 'Acknowledged'],
  reminded: ['Nhắc người tiếp nhận', 'Reminded'],
  unacknowledged: ['Hết hạn tiếp nhận', 'Acknowledgement expired'],
  assigned: ['Giao việc', 'Assigned'],
  noted: ['Ghi chú', 'Note'],
  resolved: ['Đã xử lý', 'Resolved'],
  reopened: ['Mở lại', 'Reopened'],
  closed: ['Đóng sự cố', 'Closed'],
  merged: ['Gộp vào sự cố khác', 'Merged into another incident'],
  adopted: ['Nhận một sự cố gộp vào', 'Took over a merged incident'],
  notified: ['Gửi thông báo', 'Notified'],
}
export const sayEvent = (what: string): string => sayText(eventWords[what] ?? [what, what])

const aspectWords: Readonly<Record<string, readonly [string, string]>> = {
  loss: ['Không có tín hiệu', 'No sign of life'],
  stuck: ['Số đo không đổi', 'Stuck'],
  railed: ['Kịch thang đo', 'Railed'],
  clock: ['Đồng hồ sai', 'Wrong clock'],
  level: ['Vượt ngưỡng', 'Beyond a limit'],
  losses: ['Mất bản tin', 'Messages lost'],
  stopped: ['Đã dừng', 'Stopped'],
  cloned: ['Nghi có bản sao', 'Clone suspected'],
  condition: ['Hoạt động không bình thường', 'Out of order'],
  reported: ['Trực ban báo cáo', 'Reported by a person'],
} satisfies Record<Aspect, readonly [string, string]>
export const sayAspect = (aspect: string): string => sayText(aspectWords[aspect] ?? [aspect, aspect])

const channelWords: Readonly<Record<ChannelName, readonly [string, string]>> = {
  email: ['Thư điện tử', 'E-mail'],
  sms: ['Tin nhắn SMS', 'SMS'],
  telegram: ['Telegram', 'Telegram'],
  zalo: ['Zalo', 'Zalo'],
  push: ['Trình duyệt', 'Browser push'],
  webhook: ['Webhook', 'Webhook'],
  mqtt: ['MQTT', 'MQTT'],
}
export const sayChannel = (channel: ChannelName): string => sayText(channelWords[channel])

const deliveryWords: Readonly<Record<DeliveryState, readonly [string, string]>> = {
  waiting: ['Đang chờ gửi', 'Waiting'],
  sent: ['Đã gửi', 'Sent'],
  failed: ['Không gửi được', 'Failed'],
  dropped: ['Không cần gửi nữa', 'No longer needed'],
}
export const sayDelivery = (state: DeliveryState): string => sayText(deliveryWords[state])

/** What messages are about; a newer watch may have more. */
const messageWords: Readonly<Record<string, readonly [string, string]>> = {
  opened: ['Sự cố mới', 'New incident'],
  escalation: ['Chưa có người nhận', 'Not acknowledged'],
  reminder: ['Nhắc lại', 'Reminder'],
  worsened: ['Sự cố nặng hơn', 'Worse'],
  updated: ['Cập nhật', 'Update'],
  resolved: ['Đã xử lý', 'Resolved'],
  flapping: ['Chập chờn', 'Flapping'],
  still_flapping: ['Vẫn chập chờn', 'Still flapping'],
  stable: ['Hết chập chờn', 'Stable again'],
}
export const sayMessage = (kind: string): string => sayText(messageWords[kind] ?? [kind, kind])

/** Why a message failed or was dropped, where the watch has a word for it. */
const reasonWords: Readonly<Record<string, readonly [string, string]>> = {
  over: ['sự cố đã kết thúc', 'the incident is over'],
  open: ['sự cố đang mở', 'the incident is open'],
  acknowledged: ['đã có người tiếp nhận', 'acknowledged meanwhile'],
  resolved: ['sự cố đã được xử lý', 'resolved meanwhile'],
  closed: ['sự cố đã đóng', 'closed meanwhile'],
  reopened: ['sự cố mở lại', 'reopened meanwhile'],
  'sent by another channel': ['đã nhận qua kênh khác', 'sent by another channel'],
  'the channel is not set up in channels.yaml': ['kênh chưa được thiết lập', 'the channel is not set up'],
}
export const sayReason = (reason: string): string => sayText(reasonWords[reason] ?? [reason, reason])

const weekdays = [
  ['T2', 'Mon'],
  ['T3', 'Tue'],
  ['T4', 'Wed'],
  ['T5', 'Thu'],
  ['T6', 'Fri'],
  ['T7', 'Sat'],
  ['CN', 'Sun'],
] as const

/** 1 is Monday. */
export function sayWeekday(day: number): string {
  return sayText(weekdays[day - 1] ?? weekdays[0])
}
