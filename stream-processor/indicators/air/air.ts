import type { Scope } from '@ioc/contract/messages/live.ts'
import { mean } from '../../engine/aggregates/aggregates.ts'
import { derived, history, indicator, latest, type MetricOf } from '../indicator.ts'
import { only } from '../only.ts'
import { day, hour } from '../periods.ts'
import { dailyIndex, hourlyIndex, minHoursOfDay, nowCastHours, vnAqiBands } from './vn-aqi.ts'

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

const hourly = <M extends MetricOf<'air_quality', 'number'>>(metric: M, name: string) =>
  indicator({
    id: `air_${metric}_1h`,
    title: { vi: `${name} trung bình 1 giờ`, en: `${name}, 1 h mean` },
    unit: 'ug/m3',
    source: 'air_quality',
    aggregates: { value: mean<MetricOf<'air_quality'>>(metric) },
    window: hour,
    scopes,
    reference,
    value: ({ value }) => value,
  })

const pm25 = hourly('pm25', 'PM2.5')
const pm10 = hourly('pm10', 'PM10')
const o3 = hourly('o3', 'O₃')
const no2 = hourly('no2', 'NO₂')
const so2 = hourly('so2', 'SO₂')
const co = hourly('co', 'CO')

const ozone8h = indicator({
  id: 'air_o3_8h',
  title: { vi: 'O₃ trung bình 8 giờ', en: 'O₃, 8 h mean' },
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

const daily = (metric: 'pm25' | 'pm10', name: string, limit: number) =>
  indicator({
    id: `air_${metric}_24h`,
    title: { vi: `${name} trung bình 24 giờ`, en: `${name}, 24 h mean` },
    unit: 'ug/m3',
    source: 'air_quality',
    ...only(mean<MetricOf<'air_quality'>>(metric)),
    window: { kind: 'sliding', size_s: 86_400, every_s: 3600 },
    scopes,
    levels: { direction: 'above', attention: limit },
    reference: `QCVN 05:2023/BTNMT: mean of 24 h up to ${limit} µg/m³`,
    unconfirmed: 'the limit: not read in the regulation',
  })

/** Air quality: means of the pollutants, and VN_AQI of the hour and of the day. */
export const airIndicators = [
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
    unit: '1',
    window: day,
    scopes,
    levels,
    bands: vnAqiBands,
    reference,
    unconfirmed: `the minimum number of hours: ${minHoursOfDay} of 24, as daily means commonly require`,
    formula: `maximum index of the 24 h means of PM2.5 and PM10, the maximum 1 h means of O₃, NO₂, SO₂, CO, and the maximum 8 h mean of O₃, which is excluded above 400 µg/m³; at least one of PM2.5 and PM10, with at least ${minHoursOfDay} hours`,
    inputs: {
      pm25: history(pm25, hoursOfDay),
      pm10: history(pm10, hoursOfDay),
      o3: history(o3, hoursOfDay),
      o3_8h: history(ozone8h, hoursOfDay),
      no2: history(no2, hoursOfDay),
      so2: history(so2, hoursOfDay),
      co: history(co, hoursOfDay),
    },
    value: dailyIndex,
  }),
  daily('pm25', 'PM2.5', 50),
  daily('pm10', 'PM10', 100),
  derived({
    id: 'air_unhealthy_hours_1d',
    title: { vi: 'Số giờ có VN_AQI từ 101 trở lên trong ngày', en: 'Hours of the day with a VN_AQI of 101 or more' },
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
