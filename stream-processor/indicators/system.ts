import { changeRate, last, max, mean, quantile, shareInState } from '../engine/aggregates/aggregates.ts'
import { availabilityLevels } from './availability.ts'
import { indicator } from './indicator.ts'
import { only } from './only.ts'
import { everywhere, hour, lastHour, ofDevice } from './periods.ts'
import { unconfirmed } from './unconfirmed.ts'
import { reasons } from './words.ts'

const oneMinute = { kind: 'sliding', size_s: 60, every_s: 10 } as const
const fiveMinutes = { kind: 'sliding', size_s: 300, every_s: 150 } as const
/** A disk fills over days: a week shows its trend. */
const week = { kind: 'sliding', size_s: 7 * 86_400, every_s: 3600 } as const
const dayS = 86_400
/** A state is taken to last three cadences. */
const heldState = { hold_s: 180 } as const
/** Drives are asked every ten minutes; one that sleeps does not answer. */
const heldDiagnosis = { hold_s: 1_800 } as const
const busy = { direction: 'above', attention: 70, warning: 85, critical: 95 } as const

/** Of minutes it would be noise: what is written once a day decides. */
const diskGrowth = changeRate('disk_used_percent', { minSpan_s: dayS })

/** Indicators of machines. Limits are those that the operators of the centre start from. */
export const systemIndicators = [
  indicator({
    id: 'system_cpu_1m',
    title: { vi: 'CPU trung bình 1 phút', en: 'CPU, 1 min mean' },
    about: {
      vi: 'Trung bình mức sử dụng bộ xử lý (CPU) của máy chủ trong 1 phút gần nhất. Gần 100 % thì máy xử lý chậm.',
      en: 'Mean use of the processor of the machine in the last minute. Close to 100 % it works slowly.',
    },
    unit: '%',
    source: 'system',
    aggregates: { value: mean('cpu_percent') },
    window: oneMinute,
    scopes: ['device', 'site', 'area', 'district'],
    levels: busy,
    value: ({ value }) => value,
  }),
  indicator({
    id: 'system_cpu_5m',
    title: { vi: 'CPU trung bình 5 phút', en: 'CPU, 5 min mean' },
    about: {
      vi: 'Trung bình mức sử dụng bộ xử lý (CPU) của máy chủ trong 5 phút gần nhất; ít dao động hơn số của 1 phút.',
      en: 'Mean use of the processor of the machine in the last 5 minutes; steadier than that of one minute.',
    },
    unit: '%',
    source: 'system',
    aggregates: { value: mean('cpu_percent') },
    window: fiveMinutes,
    scopes: ['device', 'site', 'area', 'district'],
    levels: busy,
    value: ({ value }) => value,
  }),
  indicator({
    id: 'system_memory_5m',
    title: { vi: 'Bộ nhớ cao nhất 5 phút', en: 'Memory, 5 min max' },
    about: {
      vi: 'Tỷ lệ bộ nhớ đã dùng cao nhất trong 5 phút gần nhất. Hết bộ nhớ thì phần mềm có thể bị dừng.',
      en: 'Highest share of memory in use in the last 5 minutes. Without memory, programs may be stopped.',
    },
    unit: '%',
    source: 'system',
    aggregates: { value: max('memory_used_percent') },
    window: fiveMinutes,
    scopes: ['device', 'site', 'area', 'district'],
    levels: busy,
    value: ({ value }) => value,
  }),
  indicator({
    id: 'system_disk',
    title: { vi: 'Ổ đĩa đầy nhất', en: 'Fullest disk' },
    about: {
      vi: 'Tỷ lệ đã dùng của ổ đĩa đầy nhất trong máy, cao nhất trong 5 phút gần nhất. Ổ đĩa đầy thì không lưu được số liệu.',
      en: 'Share in use of the fullest disk of the machine, highest of the last 5 minutes. A full disk stores no data.',
    },
    unit: '%',
    source: 'system',
    aggregates: { value: max('disk_used_percent') },
    window: fiveMinutes,
    scopes: ['device', 'site', 'area', 'district'],
    levels: { direction: 'above', attention: 80, warning: 90, critical: 97 },
    value: ({ value }) => value,
  }),
  indicator({
    id: 'system_net_rx_1m',
    title: { vi: 'Tốc độ nhận mạng trung bình 1 phút', en: 'Network received, 1 min mean' },
    about: {
      vi: 'Trung bình lượng dữ liệu máy nhận qua mạng mỗi giây, trong 1 phút gần nhất.',
      en: 'Mean data that the machine received over the network each second, in the last minute.',
    },
    unit: 'By/s',
    source: 'system',
    aggregates: { value: mean('net_rx_bytes_per_s') },
    window: oneMinute,
    scopes: ['device'],
    value: ({ value }) => value,
  }),
  indicator({
    id: 'system_net_tx_1m',
    title: { vi: 'Tốc độ gửi mạng trung bình 1 phút', en: 'Network sent, 1 min mean' },
    about: {
      vi: 'Trung bình lượng dữ liệu máy gửi qua mạng mỗi giây, trong 1 phút gần nhất.',
      en: 'Mean data that the machine sent over the network each second, in the last minute.',
    },
    unit: 'By/s',
    source: 'system',
    aggregates: { value: mean('net_tx_bytes_per_s') },
    window: oneMinute,
    scopes: ['device'],
    value: ({ value }) => value,
  }),
  indicator({
    id: 'system_cpu_p95_1h',
    title: { vi: 'Mức dùng CPU của 95 % lần đo, 1 giờ', en: 'CPU, 95th percentile of 1 h' },
    about: {
      vi: '95 % số lần đo mức sử dụng CPU trong giờ không quá số này: mức bận thường gặp, không kể các đỉnh ngắn.',
      en: '95 % of the measurements of CPU use in the hour are at most this high: how busy the machine is, short peaks left aside.',
    },
    unit: '%',
    source: 'system',
    ...only(quantile('cpu_percent', 0.95)),
    window: hour,
    scopes: ofDevice,
    levels: busy,
    unconfirmed: unconfirmed.startingLevels,
  }),
  indicator({
    id: 'system_swap_5m',
    title: { vi: 'Vùng tráo đổi (swap) cao nhất 5 phút', en: 'Swap, 5 min max' },
    about: {
      vi: 'Tỷ lệ vùng tráo đổi trên đĩa (swap) đã dùng, cao nhất trong 5 phút gần nhất. Dùng nhiều là máy thiếu bộ nhớ và chạy chậm.',
      en: 'Highest share of swap space in use in the last 5 minutes. Much of it means that the machine lacks memory, and is slow.',
    },
    unit: '%',
    source: 'system',
    ...only(max('swap_used_percent')),
    window: fiveMinutes,
    scopes: ofDevice,
    levels: { direction: 'above', attention: 25, warning: 50, critical: 80 },
    unconfirmed: unconfirmed.startingLevels,
  }),
  indicator({
    id: 'system_temperature_5m',
    title: { vi: 'Nhiệt độ CPU cao nhất 5 phút', en: 'CPU temperature, 5 min max' },
    about: {
      vi: 'Nhiệt độ cao nhất của bộ xử lý trong 5 phút gần nhất. Quá nóng thì máy tự chạy chậm lại hoặc tắt.',
      en: 'Highest temperature of the processor in the last 5 minutes. Too hot, the machine slows down or switches off.',
    },
    unit: 'Cel',
    source: 'system',
    ...only(max('temperature_c')),
    window: fiveMinutes,
    scopes: ofDevice,
    levels: { direction: 'above', attention: 70, warning: 80, critical: 90 },
    unconfirmed: unconfirmed.processorLimits,
  }),
  indicator({
    id: 'system_disk_growth_7d',
    title: { vi: 'Tốc độ đầy của ổ đĩa, 7 ngày', en: 'Growth of the fullest disk, 7 d' },
    about: {
      vi: 'Ổ đĩa đầy thêm bao nhiêu phần trăm mỗi ngày: lần đo cuối trừ lần đo đầu trong 7 ngày gần nhất, chia cho số ngày giữa hai lần. Chưa có số khi mới đo chưa đủ một ngày.',
      en: 'By how many per cent a day the fullest disk fills: the last less the first measurement in the last 7 days, by the days between them. There is no figure before a day of measurements.',
    },
    unit: '%/d',
    source: 'system',
    ...only(diskGrowth, dayS),
    window: week,
    scopes: ofDevice,
  }),
  indicator({
    id: 'system_disk_days_left',
    title: { vi: 'Số ngày còn lại trước khi đầy đĩa', en: 'Days until the fullest disk is full' },
    about: {
      vi: 'Phần trống của ổ đĩa chia cho tốc độ đầy lên mỗi ngày trong 7 ngày gần nhất. Không có số khi ổ đĩa không đầy thêm, hoặc mới đo chưa đủ một ngày.',
      en: 'Free space of the disk divided by its daily growth in the last 7 days. There is no figure while it does not fill, or before a day of measurements.',
    },
    unit: 'd',
    source: 'system',
    aggregates: { used: last('disk_used_percent'), perSecond: diskGrowth },
    window: week,
    scopes: ofDevice,
    levels: { direction: 'below', attention: 30, warning: 14, critical: 3 },
    unconfirmed: reasons(unconfirmed.startingLevels, unconfirmed.diskTrend),
    formula: '(100 − last(disk_used_percent)) ÷ growth a day; no value where it does not grow',
    value: ({ used, perSecond }) => (perSecond > 0 ? Math.max(0, 100 - used) / (perSecond * dayS) : undefined),
  }),
  indicator({
    id: 'file_system_used_5m',
    title: { vi: 'Dung lượng ổ đĩa đã dùng', en: 'Space of a disk in use' },
    about: {
      vi: 'Tỷ lệ đã dùng của từng ổ đĩa, cao nhất trong 5 phút gần nhất. Ổ đĩa đầy thì không lưu được số liệu.',
      en: 'Share in use of each disk, highest of the last 5 minutes. A full disk stores no data.',
    },
    unit: '%',
    source: 'file_system',
    ...only(max('used_percent')),
    window: fiveMinutes,
    scopes: ofDevice,
    levels: { direction: 'above', attention: 80, warning: 90, critical: 97 },
    unconfirmed: unconfirmed.startingLevels,
  }),
  indicator({
    id: 'storage_drive_healthy_1h',
    title: { vi: 'Tỷ lệ thời gian ổ cứng tự báo tốt, 1 giờ', en: 'Share of time in which a drive was healthy, 1 h' },
    about: {
      vi: 'Thời gian ổ cứng tự báo tốt (SMART) chia cho thời gian biết được tình trạng trong giờ gần nhất, tính bằng phần trăm. Dưới 100 là ổ sắp hỏng: cần sao lưu và thay.',
      en: 'Time in which the drive reported itself healthy (SMART) divided by the time of which that is known in the last hour, in per cent. Below 100 it is about to fail: back up and replace it.',
    },
    unit: '%',
    source: 'storage_drive',
    ...only(shareInState('healthy', true, heldDiagnosis), 100),
    formula: `100 · time with healthy true ÷ time with a known state; a state holds for ${heldDiagnosis.hold_s} s`,
    window: lastHour,
    scopes: ofDevice,
    levels: { direction: 'below', attention: 99, warning: 90, critical: 50 },
    unconfirmed: unconfirmed.startingLevels,
  }),
  indicator({
    id: 'storage_drive_temperature_max_1h',
    title: { vi: 'Nhiệt độ ổ cứng cao nhất, 1 giờ', en: 'Highest temperature of a drive, 1 h' },
    about: {
      vi: 'Nhiệt độ cao nhất mà ổ cứng báo trong giờ gần nhất.',
      en: 'Highest temperature that the drive reported in the last hour.',
    },
    unit: 'Cel',
    source: 'storage_drive',
    ...only(max('temperature_c')),
    window: lastHour,
    scopes: ofDevice,
    levels: { direction: 'above', attention: 50, warning: 60, critical: 70 },
    unconfirmed: unconfirmed.startingLevels,
  }),
  indicator({
    id: 'service_running_5m',
    title: { vi: 'Tỷ lệ thời gian dịch vụ chạy, 5 phút', en: 'Share of time in which a service ran, 5 min' },
    about: {
      vi: 'Thời gian dịch vụ chạy chia cho thời gian biết được trạng thái trong 5 phút gần nhất, tính bằng phần trăm.',
      en: 'Time in which the service ran divided by the time of which the state is known in the last 5 minutes, in per cent.',
    },
    unit: '%',
    source: 'service',
    ...only(shareInState('running', true, heldState), 100),
    formula: `100 · time with running true ÷ time with a known state; a state holds for ${heldState.hold_s} s`,
    window: fiveMinutes,
    scopes: everywhere,
    levels: { direction: 'below', attention: 99, warning: 80, critical: 40 },
    unconfirmed: unconfirmed.startingLevels,
  }),
  indicator({
    id: 'network_interface_up_1h',
    title: { vi: 'Tỷ lệ thời gian cổng mạng kết nối, 1 giờ', en: 'Share of time in which an interface was up, 1 h' },
    about: {
      vi: 'Thời gian cổng mạng có kết nối chia cho thời gian biết được trạng thái trong giờ gần nhất, tính bằng phần trăm.',
      en: 'Time in which the interface was up divided by the time of which the state is known in the last hour, in per cent.',
    },
    unit: '%',
    source: 'network_interface',
    ...only(shareInState('up', true, heldState), 100),
    formula: `100 · time with up true ÷ time with a known state; a state holds for ${heldState.hold_s} s`,
    window: lastHour,
    scopes: ofDevice,
    levels: availabilityLevels,
    unconfirmed: unconfirmed.startingLevels,
  }),
  indicator({
    id: 'system_net_rx_p95_1h',
    title: { vi: 'Tốc độ nhận của 95 % lần đo, 1 giờ', en: 'Network received, 95th percentile of 1 h' },
    about: {
      vi: '95 % số lần đo tốc độ nhận dữ liệu trong giờ không quá số này: mức tải thường gặp, không kể các đỉnh ngắn.',
      en: '95 % of the measurements of data received in the hour are at most this high: the usual load, short peaks left aside.',
    },
    unit: 'By/s',
    source: 'system',
    ...only(quantile('net_rx_bytes_per_s', 0.95)),
    window: hour,
    scopes: ofDevice,
  }),
  indicator({
    id: 'system_net_tx_p95_1h',
    title: { vi: 'Tốc độ gửi của 95 % lần đo, 1 giờ', en: 'Network sent, 95th percentile of 1 h' },
    about: {
      vi: '95 % số lần đo tốc độ gửi dữ liệu trong giờ không quá số này: mức tải thường gặp, không kể các đỉnh ngắn.',
      en: '95 % of the measurements of data sent in the hour are at most this high: the usual load, short peaks left aside.',
    },
    unit: 'By/s',
    source: 'system',
    ...only(quantile('net_tx_bytes_per_s', 0.95)),
    window: hour,
    scopes: ofDevice,
  }),
]
