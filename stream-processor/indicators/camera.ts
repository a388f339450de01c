import type { Scope } from '@ioc/contract/messages/live.ts'
import { rate, shareInState, timeInState } from '../engine/aggregates/aggregates.ts'
import { indicator } from './indicator.ts'

const hour = { kind: 'sliding', size_s: 3600, every_s: 60 } as const
const fiveMinutes = { kind: 'sliding', size_s: 300, every_s: 30 } as const
const day = { kind: 'calendar', unit: 'day' } as const

/** How long a state is taken to last when nobody says more: three cadences. */
const hold = { hold_s: 90 }

const everywhere: readonly Scope[] = ['device', 'site', 'area', 'district']
const levels = { direction: 'below', attention: 99, warning: 95, critical: 80 } as const
const unconfirmed = 'the limits'

/** Cameras: what of their time they are seen, and record. Time of which nothing is known counts for neither. */
export const cameraIndicators = [
  indicator({
    id: 'camera_online_1h',
    title: { vi: 'Tỷ lệ thời gian có kết nối, 1 giờ', en: 'Share of time online, 1 h' },
    unit: '%',
    source: 'camera',
    aggregates: { share: shareInState('state', 'online', hold) },
    window: hour,
    scopes: everywhere,
    levels,
    unconfirmed,
    formula: '100 · time online ÷ time with a known state; a state holds for 90 s',
    value: ({ share }) => 100 * share,
  }),
  indicator({
    id: 'camera_recording_1h',
    title: { vi: 'Tỷ lệ thời gian ghi hình, 1 giờ', en: 'Share of time recording, 1 h' },
    unit: '%',
    source: 'camera',
    aggregates: { share: shareInState('recording', true, hold) },
    window: hour,
    scopes: everywhere,
    levels,
    unconfirmed,
    formula: '100 · time recording ÷ time with a known state; a state holds for 90 s',
    value: ({ share }) => 100 * share,
  }),
  indicator({
    id: 'camera_dropped_frames_5m',
    title: { vi: 'Khung hình mất mỗi giây, 5 phút', en: 'Dropped frames a second, 5 min' },
    unit: '1/s',
    source: 'camera',
    aggregates: { value: rate('dropped_frames_total', hold) },
    window: fiveMinutes,
    scopes: everywhere,
    value: ({ value }) => value,
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
]
