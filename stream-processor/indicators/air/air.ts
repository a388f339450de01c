import type { Parameters } from '@ioc/contract/district/parameters.ts'
import type { Scope } from '@ioc/contract/messages/live.ts'
import { mean } from '../../engine/aggregates/aggregates.ts'
import { derived, history, type Indicator, indicator, latest, type MetricOf } from '../indicator.ts'
import { only } from '../only.ts'
import { day, hour, lastDay } from '../periods.ts'
import { unconfirmed } from '../unconfirmed.ts'
import { during, type Words } from '../words.ts'
import { dailyIndex, hourlyIndex, nowCastHours, vnAqiBands } from './vn-aqi.ts'

const eightHours = { kind: 'sliding', size_s: 8 * 3600, every_s: 3600 } as const
const hoursOfDay = 24
const reference = 'Quyết định 1459/QĐ-TCMT, 12/11/2019'

/**
 * Wider scopes take the means of all measurements that their stations made in an hour, and their index is computed from
 * these means as a station's is: it says how the air of the area is, not how its worst station is.
 */
const scopes: readonly Scope[] = ['device', 'site', 'area', 'district']

/** From `Kém`, `Xấu` and `Rất xấu` on. */
const levels = { direction: 'above', attention: 101, warning: 151, critical: 201 } as const

/** What a pollutant is. */
const substances = {
  pm25: { name: 'PM2.5', vi: 'bụi mịn PM2.5 (hạt nhỏ hơn 2,5 µm)', en: 'fine dust PM2.5 (particles below 2.5 µm)' },
  pm10: { name: 'PM10', vi: 'bụi PM10 (hạt nhỏ hơn 10 µm)', en: 'dust PM10 (particles below 10 µm)' },
  o3: { name: 'O₃', vi: 'khí ozon (O₃)', en: 'ozone (O₃)' },
  no2: { name: 'NO₂', vi: 'khí nitơ điôxít (NO₂)', en: 'nitrogen dioxide (NO₂)' },
  so2: { name: 'SO₂', vi: 'khí lưu huỳnh điôxít (SO₂)', en: 'sulphur dioxide (SO₂)' },
  co: { name: 'CO', vi: 'khí cacbon monoxit (CO)', en: 'carbon monoxide (CO)' },
} as const

/** @param note what the mean is for, a sentence */
const aboutMean = (
  pollutant: keyof typeof substances,
  window: typeof hour | typeof eightHours | typeof lastDay,
  note: Words,
): Words => {
  const { vi, en } = substances[pollutant]
  return {
    vi: `Trung bình nồng độ ${vi} của tất cả các lần đo ${during(window).vi}. ${note.vi}`,
    en: `Mean concentration of ${en} over all measurements ${during(window).en}. ${note.en}`,
  }
}

const hourly = <M extends MetricOf<'air_quality', 'number'>>(metric: M & keyof typeof substances) =>
  indicator({
    id: `air_${metric}_1h`,
    title: { vi: `${substances[metric].name} trung bình 1 giờ`, en: `${substances[metric].name}, 1 h mean` },
    about: aboutMean(metric, hour, { vi: 'Dùng để tính VN_AQI giờ.', en: 'VN_AQI of the hour is computed from it.' }),
    unit: 'ug/m3',
    source: 'air_quality',
    aggregates: { value: mean<MetricOf<'air_quality'>>(metric) },
    window: hour,
    scopes,
    reference,
    value: ({ value }) => value,
  })

const pm25 = hourly('pm25')
const pm10 = hourly('pm10')
const o3 = hourly('o3')
const no2 = hourly('no2')
const so2 = hourly('so2')
const co = hourly('co')

const ozone8h = indicator({
  id: 'air_o3_8h',
  title: { vi: 'O₃ trung bình 8 giờ', en: 'O₃, 8 h mean' },
  about: aboutMean('o3', eightHours, { vi: 'Dùng để tính VN_AQI ngày.', en: 'VN_AQI of the day is computed from it.' }),
  unit: 'ug/m3',
  source: 'air_quality',
  aggregates: { value: mean('o3') },
  window: eightHours,
  scopes,
  reference,
  value: ({ value }) => value,
})

const hourIndex = derived({
  id: 'air_vn_aqi_1h',
  title: { vi: 'VN_AQI giờ', en: 'VN_AQI, hourly' },
  about: {
    vi: 'Chỉ số chất lượng không khí của giờ: đổi nồng độ từng chất ra chỉ số theo Quyết định 1459/QĐ-TCMT rồi lấy chỉ số cao nhất; bụi tính theo NowCast 12 giờ. Đến 50 là tốt.',
    en: 'Air-quality index of the hour: each pollutant becomes an index by decision 1459/QĐ-TCMT, and the highest counts; dust by NowCast of 12 hours. Up to 50 is good.',
  },
  unit: '1',
  window: hour,
  scopes,
  levels,
  bands: vnAqiBands,
  reference,
  formula:
    'maximum index of NowCast(12 h of PM2.5), NowCast(12 h of PM10), and the 1 h means of O₃, NO₂, SO₂, CO; at least one of PM2.5 and PM10',
  inputs: {
    pm25: history(pm25, nowCastHours),
    pm10: history(pm10, nowCastHours),
    o3: latest(o3),
    no2: latest(no2),
    so2: latest(so2),
    co: latest(co),
  },
  value: ({ pm25, pm10, o3, no2, so2, co }) =>
    hourlyIndex({ pm25, pm10, o3: o3[0], no2: no2[0], so2: so2[0], co: co[0] }),
})

const daily = (metric: 'pm25' | 'pm10', limit: number) =>
  indicator({
    id: `air_${metric}_24h`,
    title: { vi: `${substances[metric].name} trung bình 24 giờ`, en: `${substances[metric].name}, 24 h mean` },
    about: aboutMean(metric, lastDay, {
      vi: `Quy chuẩn cho phép không quá ${limit} µg/m³.`,
      en: `The regulation allows up to ${limit} µg/m³.`,
    }),
    unit: 'ug/m3',
    source: 'air_quality',
    ...only(mean<MetricOf<'air_quality'>>(metric)),
    window: lastDay,
    scopes,
    levels: { direction: 'above', attention: limit },
    reference: `QCVN 05:2023/BTNMT: trung bình 24 giờ không quá ${limit} µg/m³`,
    unconfirmed: unconfirmed.unreadLimits,
  })

/** Air quality: means of the pollutants, and VN_AQI of the hour and of the day. */
export const airIndicators = ({ aqi_min_hours: minHours }: Parameters): readonly Indicator[] => [
  pm25,
  pm10,
  o3,
  no2,
  so2,
  co,
  ozone8h,
  hourIndex,
  derived({
    id: 'air_vn_aqi_1d',
    title: { vi: 'VN_AQI ngày', en: 'VN_AQI, daily' },
    about: {
      vi: `Chỉ số cao nhất trong ngày của các chất: bụi theo trung bình 24 giờ (cần ít nhất ${minHours.value} giờ đo), khí theo giờ cao nhất, O₃ cả theo 8 giờ cao nhất. Đến 50 là tốt.`,
      en: `Highest index of the day: dust by its mean of 24 h (at least ${minHours.value} measured), gases by their highest hour, O₃ also by its highest 8 h. Up to 50 is good.`,
    },
    unit: '1',
    window: day,
    scopes,
    levels,
    bands: vnAqiBands,
    reference,
    parameters: [minHours],
    formula: `maximum index of the 24 h means of PM2.5 and PM10, the maximum 1 h means of O₃, NO₂, SO₂, CO, and the maximum 8 h mean of O₃, which is excluded above 400 µg/m³; at least one of PM2.5 and PM10, with at least ${minHours.value} hours`,
    inputs: {
      pm25: history(pm25, hoursOfDay),
      pm10: history(pm10, hoursOfDay),
      o3: history(o3, hoursOfDay),
      o3_8h: history(ozone8h, hoursOfDay),
      no2: history(no2, hoursOfDay),
      so2: history(so2, hoursOfDay),
      co: history(co, hoursOfDay),
    },
    value: (of) => dailyIndex(of, minHours.value),
  }),
  daily('pm25', 50),
  daily('pm10', 100),
  derived({
    id: 'air_unhealthy_hours_1d',
    title: { vi: 'Số giờ VN_AQI từ 101 trong ngày', en: 'Hours of the day with a VN_AQI of 101 or more' },
    about: {
      vi: 'Đếm số giờ trong ngày có VN_AQI giờ từ 101 trở lên, tức từ mức Kém; giờ không có chỉ số không được tính.',
      en: 'Counts the hours of the day whose hourly VN_AQI was 101 or more, that is, unhealthy; hours without an index do not count.',
    },
    unit: 'h',
    window: day,
    scopes,
    reference,
    formula: 'number of the hours of the day whose VN_AQI is 101 or more; an hour without an index does not count',
    inputs: { index: history(hourIndex, hoursOfDay) },
    value({ index }) {
      const known = index.filter((one) => one !== undefined)
      return known.length === 0 ? undefined : known.filter((one) => one >= levels.attention).length
    },
  }),
]
