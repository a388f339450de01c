import type { Parameters } from '@ioc/contract/district/parameters.ts'
import { devicesInState, max, mean, min, sum, timeInState } from '../../engine/aggregates/aggregates.ts'
import { type Indicator, indicator, type MetricOf } from '../indicator.ts'
import { only } from '../only.ts'
import { day, everywhere, lastHour, month } from '../periods.ts'
import { unconfirmed } from '../unconfirmed.ts'
import { rainOf } from '../weather/rain.ts'
import { capital } from '../words.ts'
import { fireDanger } from './fire-danger.ts'

/** How long a report holds when no other follows: three cadences. */
const hold = { hold_s: 1800 }

const minutesOfSmoke = { direction: 'above', attention: 1, warning: 10, critical: 30 } as const
const anyAtAll = { direction: 'above', attention: 1 } as const

const reports = {
  hotspots: {
    short: { vi: 'điểm cháy', en: 'fire hotspots' },
    long: { vi: 'điểm cháy, điểm có nguy cơ cháy', en: 'places that burn or glow' },
  },
  patrols: {
    short: { vi: 'lượt tuần tra', en: 'patrols' },
    long: { vi: 'lượt tuần tra rừng', en: 'patrols through the forest' },
  },
  violations: {
    short: { vi: 'vụ vi phạm', en: 'violations' },
    long: { vi: 'vụ vi phạm quy định bảo vệ rừng', en: 'violations of the rules that protect the forest' },
  },
} as const

/** What rangers report: sums of all their posts. */
const reported = (metric: keyof typeof reports, suffix: '1d' | 'month') =>
  indicator({
    id: `forest_${metric}_${suffix}`,
    title: {
      vi: `Số ${reports[metric].short.vi} ${suffix === '1d' ? 'trong ngày' : 'trong tháng'}`,
      en: `${capital(reports[metric].short.en)} of the ${suffix === '1d' ? 'day' : 'month'}`,
    },
    about: {
      vi: `Cộng số ${reports[metric].long.vi} mà các chốt bảo vệ rừng báo cáo ${suffix === '1d' ? 'trong ngày' : 'trong tháng'}.`,
      en: `Adds up the ${reports[metric].long.en} that the forest posts reported in the ${suffix === '1d' ? 'day' : 'month'}.`,
    },
    unit: '1',
    source: 'forest_post',
    ...only(sum(metric)),
    window: suffix === '1d' ? day : month,
    scopes: everywhere,
    minSamples: 1,
    ...(metric === 'patrols' || suffix === 'month'
      ? {}
      : { levels: anyAtAll, unconfirmed: unconfirmed.anyNeedsAttention }),
  })

/** Forest fire and protection of the forest. */
export function forestIndicators(parameters: Parameters): readonly Indicator[] {
  const rain = rainOf('forest_post', 'forest')
  return [
    ...rain.all,
    ...fireDanger('forest_post', 'forest', rain.ofDay, parameters),
    indicator({
      id: 'forest_temperature_1h',
      title: { vi: 'Nhiệt độ tại chốt trung bình 1 giờ', en: 'Temperature at the posts, 1 h mean' },
      about: {
        vi: 'Trung bình nhiệt độ không khí tại các chốt bảo vệ rừng, trên các lần đo trong 1 giờ gần nhất.',
        en: 'Mean air temperature at the forest posts, over the measurements of the last hour.',
      },
      unit: 'Cel',
      source: 'forest_post',
      ...only(mean('temperature_c')),
      window: lastHour,
      scopes: everywhere,
    }),
    indicator({
      id: 'forest_humidity_min_1d',
      title: { vi: 'Độ ẩm không khí thấp nhất trong ngày', en: 'Lowest relative humidity of the day' },
      about: {
        vi: 'Độ ẩm tương đối thấp nhất của không khí đo được trong ngày tại các chốt. Không khí càng khô, rừng càng dễ cháy.',
        en: 'Lowest relative humidity measured in the day at the posts. The drier the air, the more easily the forest burns.',
      },
      unit: '%',
      source: 'forest_post',
      ...only(min('humidity_percent')),
      window: day,
      scopes: everywhere,
    }),
    indicator({
      id: 'forest_wind_max_1h',
      title: { vi: 'Tốc độ gió lớn nhất 1 giờ', en: 'Wind speed, 1 h max' },
      about: {
        vi: 'Tốc độ gió lớn nhất đo được trong 1 giờ gần nhất tại các chốt. Gió mạnh làm lửa lan nhanh.',
        en: 'Highest wind speed measured in the last hour at the posts. Strong wind makes a fire spread fast.',
      },
      unit: 'km/h',
      source: 'forest_post',
      ...only(max('wind_kmh')),
      window: lastHour,
      scopes: everywhere,
    }),
    indicator({
      id: 'forest_smoke_1h',
      title: { vi: 'Thời gian phát hiện khói, 1 giờ', en: 'Time with smoke, 1 h' },
      about: {
        vi: 'Số phút trong 1 giờ gần nhất mà chốt báo có khói; mỗi báo cáo có giá trị 30 phút. Của nhiều chốt: cộng lại.',
        en: 'Minutes of the last hour in which a post reported smoke; a report holds for 30 minutes. Of several posts: all together.',
      },
      unit: 'min',
      source: 'forest_post',
      ...only(timeInState('smoke', true, hold), 1 / 60),
      formula: 'timeInState(smoke, true) ÷ 60; a report holds for 30 min; wider scopes add up their posts',
      window: lastHour,
      scopes: everywhere,
      levels: minutesOfSmoke,
      minSamples: 1,
      unconfirmed: unconfirmed.startingLevels,
    }),
    indicator({
      id: 'forest_camera_smokes_1h',
      title: { vi: 'Báo khói, lửa từ camera tầm cao, 1 giờ', en: 'Smoke and fire alarms of high cameras, 1 h' },
      about: {
        vi: 'Cộng số lần camera tầm cao báo khói hoặc lửa trong 1 giờ gần nhất. Trực ban xem ảnh để xác nhận rồi báo kiểm lâm.',
        en: 'Adds up how often the high cameras reported smoke or fire in the last hour. An operator looks at the still and reports it to the rangers.',
      },
      unit: '1',
      source: 'high_camera',
      ...only(sum<MetricOf<'high_camera'>>('smokes')),
      window: lastHour,
      scopes: everywhere,
      levels: { direction: 'above', attention: 1, warning: 3 },
      minSamples: 1,
      unconfirmed: unconfirmed.anyNeedsAttention,
    }),
    indicator({
      id: 'forest_smoke_posts',
      title: { vi: 'Số chốt đang phát hiện khói', en: 'Posts detecting smoke now' },
      about: {
        vi: 'Đếm số chốt bảo vệ rừng mà báo cáo gần nhất, trong vòng 30 phút, là có khói. Có một chốt cũng phải kiểm tra ngay.',
        en: 'Counts the forest posts whose latest report, of the last 30 minutes, is smoke. A single one has to be checked at once.',
      },
      unit: '1',
      source: 'forest_post',
      ...only(devicesInState('smoke', true, hold)),
      window: lastHour,
      scopes: ['site', 'area', 'district'],
      levels: anyAtAll,
      minSamples: 1,
      unconfirmed: unconfirmed.anyNeedsAttention,
    }),
    reported('hotspots', '1d'),
    reported('hotspots', 'month'),
    reported('patrols', '1d'),
    reported('patrols', 'month'),
    reported('violations', '1d'),
    reported('violations', 'month'),
  ]
}
