import type { Levels } from '@ioc/contract/messages/live.ts'
import { devicesInState, mean, min, sum } from '../engine/aggregates/aggregates.ts'
import { availability } from './availability.ts'
import { type Indicator, indicator, type MetricOf } from './indicator.ts'
import { only } from './only.ts'
import { day, everywhere, holdNow, hour, lastHour, now } from './periods.ts'
import { unconfirmed } from './unconfirmed.ts'
import { capital } from './words.ts'

/** How long a state is taken to last when nobody says more: five cadences. What is offline is reported as such. */
const hold = { hold_s: 300 }

const kinds = {
  intrusions: { vi: 'xâm nhập', en: 'intrusion', what: 'an intrusion' },
  crowds: { vi: 'tụ tập đông người', en: 'crowd', what: 'a crowd' },
  smokes: { vi: 'khói', en: 'smoke', what: 'smoke' },
} as const

const alarms = (metric: keyof typeof kinds, window: typeof hour | typeof day, levels?: Levels) => {
  const { vi, en, what } = kinds[metric]
  const suffix = window.kind === 'calendar' ? '1d' : '1h'
  return indicator({
    id: `security_${metric}_${suffix}`,
    title: {
      vi: `Số cảnh báo ${vi} ${suffix === '1d' ? 'trong ngày' : 'trong 1 giờ'}`,
      en: `${capital(en)} alarms, ${suffix === '1d' ? 'of the day' : '1 h'}`,
    },
    about: {
      vi: `Cộng số lần camera tầm cao tự phát hiện ${vi} ${suffix === '1d' ? 'trong ngày' : 'trong giờ'}. Cần người trực xem lại hình để xác nhận.`,
      en: `Adds up how often the high cameras detected ${what} in the ${suffix === '1d' ? 'day' : 'hour'}. Somebody has to look at the picture to confirm it.`,
    },
    unit: '1',
    source: 'high_camera',
    ...only(sum<MetricOf<'high_camera'>>(metric)),
    window,
    accumulates: true,
    scopes: everywhere,
    ...(levels ? { levels, minSamples: 1, unconfirmed: unconfirmed.anyNeedsAttention } : {}),
  })
}

/** The high cameras: whether they see, and what. */
export const securityIndicators: readonly Indicator[] = [
  ...availability(
    'high_camera',
    'security_online',
    ['Tỷ lệ thời gian camera tầm cao có kết nối', 'High cameras, share of time online'],
    { vi: 'camera tầm cao có kết nối bình thường', en: 'the high camera was online' },
    { metric: 'state', good: 'online', hold, scopes: everywhere, hour: lastHour },
  ),
  ...availability(
    'high_camera',
    'security_recording',
    ['Tỷ lệ thời gian camera tầm cao ghi hình', 'High cameras, share of time recording'],
    { vi: 'camera tầm cao đang ghi hình', en: 'the high camera recorded' },
    { metric: 'recording', good: true, hold, scopes: everywhere, hour: lastHour },
  ),
  indicator({
    id: 'security_offline_now',
    title: { vi: 'Số camera tầm cao đang mất kết nối', en: 'High cameras offline now' },
    about: {
      vi: 'Đếm số camera tầm cao mà trạng thái mới nhất, trong vòng 15 phút, là mất kết nối.',
      en: 'Counts the high cameras whose latest state, of the last 15 minutes, is offline.',
    },
    unit: '{camera}',
    source: 'high_camera',
    ...only(devicesInState('state', 'offline', holdNow)),
    window: now,
    scopes: ['site', 'area', 'district'],
    levels: { direction: 'above', attention: 1 },
    unconfirmed: unconfirmed.anyNeedsAttention,
  }),
  alarms('intrusions', hour),
  alarms('intrusions', day),
  alarms('crowds', hour),
  alarms('crowds', day),
  alarms('smokes', hour, { direction: 'above', attention: 1 }),
  alarms('smokes', day),
  indicator({
    id: 'security_visibility_1h',
    title: { vi: 'Tầm nhìn xa trung bình 1 giờ', en: 'Visibility, 1 h mean' },
    about: {
      vi: 'Trung bình tầm nhìn xa mà các camera tầm cao ước lượng trong giờ.',
      en: 'Mean visibility that the high cameras estimated in the hour.',
    },
    unit: 'km',
    source: 'high_camera',
    ...only(mean('visibility_km')),
    window: hour,
    scopes: everywhere,
  }),
  indicator({
    id: 'security_visibility_min_1h',
    title: { vi: 'Tầm nhìn xa thấp nhất 1 giờ', en: 'Visibility, lowest of 1 h' },
    about: {
      vi: 'Tầm nhìn xa thấp nhất mà các camera tầm cao ước lượng trong giờ. Từ 1 km trở xuống là sương mù, dưới 50 m là sương mù dày đặc.',
      en: 'Lowest visibility that the high cameras estimated in the hour. From 1 km down it is fog, below 50 m dense fog.',
    },
    unit: 'km',
    source: 'high_camera',
    ...only(min('visibility_km')),
    window: hour,
    scopes: everywhere,
    levels: { direction: 'below', attention: 1, warning: 0.2, critical: 0.05 },
    reference: 'WMO: sương mù từ 1 km trở xuống; 18/2021/QĐ-TTg: sương mù dày đặc dưới 50 m',
    unconfirmed: unconfirmed.startingLevels,
  }),
]
