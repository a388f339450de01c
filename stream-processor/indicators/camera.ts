import { devicesInState, entriesInto, mean, rate, timeInState } from '../engine/aggregates/aggregates.ts'
import { availability } from './availability.ts'
import { type Indicator, indicator } from './indicator.ts'
import { only } from './only.ts'
import { day, everywhere, holdNow, hour, now, ofDevice } from './periods.ts'

const lastHour = { kind: 'sliding', size_s: 3600, every_s: 600 } as const
const fiveMinutes = { kind: 'tumbling', size_s: 300 } as const

/** How long a state is taken to last when nobody says more: three cadences. */
const hold = { hold_s: 90 }

/** Cameras: what of their time they are seen, and record. Time of which nothing is known counts for neither. */
export const cameraIndicators: readonly Indicator[] = [
  ...availability('camera', 'camera_online', ['Tỷ lệ thời gian có kết nối', 'Share of time online'], {
    metric: 'state',
    good: 'online',
    hold,
    scopes: everywhere,
    hour: lastHour,
  }),
  ...availability('camera', 'camera_recording', ['Tỷ lệ thời gian ghi hình', 'Share of time recording'], {
    metric: 'recording',
    good: true,
    hold,
    scopes: everywhere,
    hour: lastHour,
  }),
  indicator({
    id: 'camera_dropped_frames_5m',
    title: { vi: 'Khung hình mất mỗi giây, 5 phút', en: 'Dropped frames a second, 5 min' },
    unit: '1/s',
    source: 'camera',
    ...only(rate('dropped_frames_total', hold)),
    window: fiveMinutes,
    scopes: ofDevice,
  }),
  indicator({
    id: 'camera_uptime_1d',
    title: { vi: 'Thời gian hoạt động trong ngày', en: 'Uptime of the day' },
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
    unit: '{camera}',
    source: 'camera',
    ...only(devicesInState('state', 'offline', holdNow)),
    window: now,
    scopes: ['site', 'area', 'district'],
    levels: { direction: 'above', attention: 1 },
    unconfirmed: 'the limit: any camera offline needs attention',
  }),
  indicator({
    id: 'camera_outages_1d',
    title: { vi: 'Số lần mất kết nối trong ngày', en: 'Times that cameras went offline, of the day' },
    unit: '{time}',
    source: 'camera',
    ...only(entriesInto('state', 'offline', hold)),
    window: day,
    scopes: everywhere,
  }),
  indicator({
    id: 'camera_recording_gap_1d',
    title: { vi: 'Thời gian không ghi hình trong ngày', en: 'Time not recording, of the day' },
    unit: 'h',
    source: 'camera',
    ...only(timeInState('recording', false, hold), 1 / 3600),
    formula: 'time not recording ÷ 3600; a state holds for 90 s; wider scopes sum up their cameras',
    window: day,
    scopes: everywhere,
  }),
  indicator({
    id: 'camera_bitrate_1h',
    title: { vi: 'Tốc độ luồng trung bình 1 giờ', en: 'Bit rate, 1 h mean' },
    unit: 'bit/s',
    source: 'camera',
    ...only(mean('bitrate_bps')),
    window: hour,
    scopes: everywhere,
  }),
  indicator({
    id: 'camera_frame_rate_1h',
    title: { vi: 'Khung hình mỗi giây, trung bình 1 giờ', en: 'Frames a second, 1 h mean' },
    unit: '1/s',
    source: 'camera',
    ...only(mean('frames_per_s')),
    window: hour,
    scopes: everywhere,
  }),
]
