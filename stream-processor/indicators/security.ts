import type { Levels } from '@ioc/contract/messages/live.ts'
import { devicesInState, mean, min, sum } from '../engine/aggregates/aggregates.ts'
import { availability } from './availability.ts'
import { type Indicator, indicator, type MetricOf } from './indicator.ts'
import { only } from './only.ts'
import { day, everywhere, holdNow, hour, lastHour, now } from './periods.ts'

/** How long a state is taken to last when nobody says more: three cadences. */
const hold = { hold_s: 180 }

const alarms = (
  metric: 'intrusions' | 'crowds' | 'smokes',
  [vi, en]: readonly [vi: string, en: string],
  window: typeof hour | typeof day,
  levels?: Levels,
) => {
  const suffix = window.kind === 'calendar' ? '1d' : '1h'
  return indicator({
    id: `security_${metric}_${suffix}`,
    title: {
      vi: `${vi} ${suffix === '1d' ? 'trong ngày' : 'trong 1 giờ'}`,
      en: `${en}, ${suffix === '1d' ? 'of the day' : '1 h'}`,
    },
    unit: '1',
    source: 'high_camera',
    ...only(sum<MetricOf<'high_camera'>>(metric)),
    window,
    scopes: everywhere,
    ...(levels ? { levels, minSamples: 1, unconfirmed: 'the limit: any alarm needs attention' } : {}),
  })
}

/** The high cameras: whether they see, and what. */
export const securityIndicators: readonly Indicator[] = [
  ...availability(
    'high_camera',
    'security_online',
    ['Tỷ lệ thời gian camera tầm cao có kết nối', 'High cameras, share of time online'],
    { metric: 'state', good: 'online', hold, scopes: everywhere, hour: lastHour },
  ),
  ...availability(
    'high_camera',
    'security_recording',
    ['Tỷ lệ thời gian camera tầm cao ghi hình', 'High cameras, share of time recording'],
    { metric: 'recording', good: true, hold, scopes: everywhere, hour: lastHour },
  ),
  indicator({
    id: 'security_offline_now',
    title: { vi: 'Số camera tầm cao đang mất kết nối', en: 'High cameras offline now' },
    unit: '{camera}',
    source: 'high_camera',
    ...only(devicesInState('state', 'offline', holdNow)),
    window: now,
    scopes: ['site', 'area', 'district'],
    levels: { direction: 'above', attention: 1 },
    unconfirmed: 'the limit: any camera offline needs attention',
  }),
  alarms('intrusions', ['Số cảnh báo xâm nhập', 'Intrusion alarms'], hour),
  alarms('intrusions', ['Số cảnh báo xâm nhập', 'Intrusion alarms'], day),
  alarms('crowds', ['Số cảnh báo tụ tập đông người', 'Crowd alarms'], hour),
  alarms('crowds', ['Số cảnh báo tụ tập đông người', 'Crowd alarms'], day),
  alarms('smokes', ['Số cảnh báo khói', 'Smoke alarms'], hour, { direction: 'above', attention: 1 }),
  alarms('smokes', ['Số cảnh báo khói', 'Smoke alarms'], day),
  indicator({
    id: 'security_visibility_1h',
    title: { vi: 'Tầm nhìn xa trung bình 1 giờ', en: 'Visibility, 1 h mean' },
    unit: 'km',
    source: 'high_camera',
    ...only(mean('visibility_km')),
    window: hour,
    scopes: everywhere,
  }),
  indicator({
    id: 'security_visibility_min_1h',
    title: { vi: 'Tầm nhìn xa thấp nhất 1 giờ', en: 'Visibility, lowest of 1 h' },
    unit: 'km',
    source: 'high_camera',
    ...only(min('visibility_km')),
    window: hour,
    scopes: everywhere,
    levels: { direction: 'below', attention: 1, warning: 0.2, critical: 0.05 },
    reference: 'WMO: fog from 1 km down; 18/2021/QĐ-TTg: dense fog below 50 m',
    unconfirmed: 'the limits',
  }),
]
