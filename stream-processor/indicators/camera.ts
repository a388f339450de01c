import { devicesInState, entriesInto, mean, rate, timeInState } from '../engine/aggregates/aggregates.ts'
import { availability } from './availability.ts'
import { type Indicator, indicator } from './indicator.ts'
import { only } from './only.ts'
import { day, everywhere, holdNow, hour, now, ofDevice } from './periods.ts'
import { unconfirmed } from './unconfirmed.ts'

const lastHour = { kind: 'sliding', size_s: 3600, every_s: 600 } as const
const fiveMinutes = { kind: 'tumbling', size_s: 300 } as const

/** How long a state is taken to last when nobody says more: five cadences. What is offline is reported as such. */
const hold = { hold_s: 300 }

/** Cameras: what of their time they are seen, and record. Time of which nothing is known counts for neither. */
export const cameraIndicators: readonly Indicator[] = [
  ...availability(
    'camera',
    'camera_online',
    ['Tỷ lệ thời gian camera có kết nối', 'Cameras, share of time online'],
    { vi: 'camera có kết nối bình thường', en: 'the camera was online' },
    {
      metric: 'state',
      good: 'online',
      hold,
      scopes: everywhere,
      hour: lastHour,
    },
  ),
  ...availability(
    'camera',
    'camera_recording',
    ['Tỷ lệ thời gian camera ghi hình', 'Cameras, share of time recording'],
    { vi: 'camera đang ghi hình', en: 'the camera recorded' },
    {
      metric: 'recording',
      good: true,
      hold,
      scopes: everywhere,
      hour: lastHour,
    },
  ),
  indicator({
    id: 'camera_dropped_frames_5m',
    title: { vi: 'Khung hình mất mỗi giây, 5 phút', en: 'Dropped frames a second, 5 min' },
    about: {
      vi: 'Số khung hình bị mất mỗi giây, trung bình trong 5 phút, theo mức tăng của bộ đếm cộng dồn. Mất nhiều là đường truyền kém.',
      en: 'Frames lost a second on average over 5 minutes, by how much the running total grew. Many mean a poor line.',
    },
    unit: '1/s',
    source: 'camera',
    ...only(rate('dropped_frames_total', hold)),
    window: fiveMinutes,
    scopes: ofDevice,
  }),
  indicator({
    id: 'camera_uptime_1d',
    title: { vi: 'Thời gian camera hoạt động trong ngày', en: 'Uptime of the day' },
    about: {
      vi: 'Số giờ trong ngày camera có kết nối, kể cả lúc chất lượng kém. Của nhiều camera: cộng lại.',
      en: 'Hours of the day in which the camera was online, or degraded. Of several cameras: all together.',
    },
    unit: 'h',
    source: 'camera',
    aggregates: {
      online: timeInState('state', 'online', hold),
      degraded: timeInState('state', 'degraded', hold),
    },
    window: day,
    scopes: everywhere,
    formula: '(time online + time degraded) ÷ 3600; a state holds for 90 s; wider scopes sum up their cameras',
    value: ({ online, degraded }) => (online + degraded) / 3600,
  }),
  indicator({
    id: 'camera_offline_now',
    title: { vi: 'Số camera đang mất kết nối', en: 'Cameras offline now' },
    about: {
      vi: 'Đếm số camera mà trạng thái mới nhất, trong vòng 15 phút, là mất kết nối.',
      en: 'Counts the cameras whose latest state, of the last 15 minutes, is offline.',
    },
    unit: '{camera}',
    source: 'camera',
    ...only(devicesInState('state', 'offline', holdNow)),
    window: now,
    scopes: ['site', 'area', 'district'],
    levels: { direction: 'above', attention: 1 },
    unconfirmed: unconfirmed.anyNeedsAttention,
  }),
  indicator({
    id: 'camera_outages_1d',
    title: { vi: 'Số lần mất kết nối trong ngày', en: 'Times offline, of the day' },
    about: {
      vi: 'Đếm số lần camera chuyển từ có kết nối sang mất kết nối trong ngày. Của nhiều camera: cộng lại.',
      en: 'Counts how often a camera went offline in the day. Of several cameras: all together.',
    },
    unit: '{time}',
    source: 'camera',
    ...only(entriesInto('state', 'offline', hold)),
    window: day,
    scopes: everywhere,
  }),
  indicator({
    id: 'camera_recording_gap_1d',
    title: { vi: 'Thời gian không ghi hình trong ngày', en: 'Time not recording, of the day' },
    about: {
      vi: 'Số giờ trong ngày camera không ghi hình. Của nhiều camera: cộng lại. Không ghi hình là không xem lại được.',
      en: 'Hours of the day in which the camera did not record. Of several cameras: all together. Hours without a recording cannot be reviewed.',
    },
    unit: 'h',
    source: 'camera',
    ...only(timeInState('recording', false, hold), 1 / 3600),
    formula: 'time not recording ÷ 3600; a state holds for 90 s; wider scopes sum up their cameras',
    window: day,
    scopes: everywhere,
  }),
  indicator({
    id: 'camera_bitrate_1h',
    title: { vi: 'Tốc độ luồng hình trung bình 1 giờ', en: 'Bit rate, 1 h mean' },
    about: {
      vi: 'Trung bình tốc độ luồng hình ảnh camera gửi về trong giờ. Giảm bất thường là hình kém hoặc đường truyền yếu.',
      en: 'Mean bit rate of the video of the hour. An unusual drop means a poor picture or a weak line.',
    },
    unit: 'bit/s',
    source: 'camera',
    ...only(mean('bitrate_bps')),
    window: hour,
    scopes: everywhere,
  }),
  indicator({
    id: 'camera_frame_rate_1h',
    title: { vi: 'Khung hình mỗi giây, trung bình 1 giờ', en: 'Frames a second, 1 h mean' },
    about: {
      vi: 'Trung bình số khung hình mỗi giây camera gửi về trong giờ. Càng ít, hình càng giật.',
      en: 'Mean number of frames a second that the camera sent in the hour. The fewer, the jerkier the picture.',
    },
    unit: '1/s',
    source: 'camera',
    ...only(mean('frames_per_s')),
    window: hour,
    scopes: everywhere,
  }),
]
