import type { Parameters } from '@ioc/contract/district/parameters.ts'
import { devicesInState, max, mean, min, sum, timeInState } from '../../engine/aggregates/aggregates.ts'
import { type Indicator, indicator } from '../indicator.ts'
import { only } from '../only.ts'
import { day, everywhere, lastHour, month } from '../periods.ts'
import { rainOf } from '../weather/rain.ts'
import { fireDanger } from './fire-danger.ts'

/** How long a report holds when no other follows: three cadences. */
const hold = { hold_s: 1800 }

const minutesOfSmoke = { direction: 'above', attention: 1, warning: 10, critical: 30 } as const
const anyAtAll = { direction: 'above', attention: 1 } as const

/** What rangers report: sums of all their posts. */
const reported = (
  metric: 'patrols' | 'violations' | 'hotspots',
  suffix: '1d' | 'month',
  [vi, en]: readonly [vi: string, en: string],
) =>
  indicator({
    id: `forest_${metric}_${suffix}`,
    title: {
      vi: `${vi} ${suffix === '1d' ? 'trong ngày' : 'trong tháng'}`,
      en: `${en} of the ${suffix === '1d' ? 'day' : 'month'}`,
    },
    unit: '1',
    source: 'forest_post',
    ...only(sum(metric)),
    window: suffix === '1d' ? day : month,
    scopes: everywhere,
    minSamples: 1,
    ...(metric === 'patrols' || suffix === 'month'
      ? {}
      : { levels: anyAtAll, unconfirmed: 'the limit: any report needs attention' }),
  })

/** Forest fire and protection of the forest. */
export function forestIndicators(parameters: Parameters): readonly Indicator[] {
  const rain = rainOf('forest_post', 'forest')
  return [
    ...rain.all,
    ...fireDanger('forest_post', 'forest', rain.ofDay, parameters),
    indicator({
      id: 'forest_temperature_1h',
      title: { vi: 'Nhiệt độ trung bình 1 giờ', en: 'Temperature, 1 h mean' },
      unit: 'Cel',
      source: 'forest_post',
      ...only(mean('temperature_c')),
      window: lastHour,
      scopes: everywhere,
    }),
    indicator({
      id: 'forest_humidity_min_1d',
      title: { vi: 'Độ ẩm không khí thấp nhất trong ngày', en: 'Lowest relative humidity of the day' },
      unit: '%',
      source: 'forest_post',
      ...only(min('humidity_percent')),
      window: day,
      scopes: everywhere,
    }),
    indicator({
      id: 'forest_wind_max_1h',
      title: { vi: 'Tốc độ gió lớn nhất 1 giờ', en: 'Wind speed, 1 h max' },
      unit: 'km/h',
      source: 'forest_post',
      ...only(max('wind_kmh')),
      window: lastHour,
      scopes: everywhere,
    }),
    indicator({
      id: 'forest_smoke_1h',
      title: { vi: 'Thời gian phát hiện khói, 1 giờ', en: 'Time with smoke, 1 h' },
      unit: 'min',
      source: 'forest_post',
      ...only(timeInState('smoke', true, hold), 1 / 60),
      formula: 'timeInState(smoke, true) ÷ 60; a report holds for 30 min; wider scopes add up their posts',
      window: lastHour,
      scopes: everywhere,
      levels: minutesOfSmoke,
      minSamples: 1,
      unconfirmed: 'the limits',
    }),
    indicator({
      id: 'forest_smoke_posts',
      title: { vi: 'Số chốt đang phát hiện khói', en: 'Posts that see smoke now' },
      unit: '1',
      source: 'forest_post',
      ...only(devicesInState('smoke', true, hold)),
      window: lastHour,
      scopes: ['site', 'area', 'district'],
      levels: anyAtAll,
      minSamples: 1,
      unconfirmed: 'the limit: any smoke needs attention',
    }),
    reported('hotspots', '1d', ['Số điểm cháy', 'Fire hotspots']),
    reported('hotspots', 'month', ['Số điểm cháy', 'Fire hotspots']),
    reported('patrols', '1d', ['Số lượt tuần tra', 'Patrols']),
    reported('patrols', 'month', ['Số lượt tuần tra', 'Patrols']),
    reported('violations', '1d', ['Số vụ vi phạm', 'Violations']),
    reported('violations', 'month', ['Số vụ vi phạm', 'Violations']),
  ]
}
