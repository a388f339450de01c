import type { Band } from '@ioc/contract/messages/live.ts'
import { changeRate, last, max, mean, min, totalOfLast } from '../engine/aggregates/aggregates.ts'
import { type Indicator, indicator, type MetricOf } from './indicator.ts'
import { only } from './only.ts'
import { day, everywhere, lastHour, ofDevice } from './periods.ts'

const lastThreeHours = { kind: 'sliding', size_s: 3 * 3600, every_s: 600 } as const
/** For stations that report every half hour. */
const lastTwoHours = { kind: 'sliding', size_s: 7200, every_s: 1800 } as const
const lastDay = { kind: 'sliding', size_s: 86_400, every_s: 1800 } as const

/** How long a report of the reservoir holds: three cadences. */
const hold = { hold_s: 1800 }

/** The water level of rivers and reservoirs. Alarm levels are those of a station (05/2020/QĐ-TTg): thresholds of the district. */
const levelsOf = (source: 'river' | 'reservoir', [vi, en]: readonly [vi: string, en: string]): readonly Indicator[] => {
  const rise = (suffix: '1h' | '3h', window: typeof lastHour | typeof lastThreeHours) =>
    indicator({
      id: `${source}_rise_${suffix}`,
      title: {
        vi: `Tốc độ dâng của ${vi}, ${suffix === '1h' ? '1 giờ' : '3 giờ'}`,
        en: `Rate of rise of the ${en}, ${suffix === '1h' ? '1 h' : '3 h'}`,
      },
      unit: 'm/h',
      source,
      ...only(changeRate('level_m'), 3600),
      window,
      scopes: ofDevice,
      ...(source === 'river'
        ? {
            levels: { direction: 'above', attention: 0.3, warning: 0.5, critical: 1 } as const,
            unconfirmed: 'the limits, which differ from river to river',
          }
        : {}),
    })
  return [
    indicator({
      id: `${source}_level`,
      title: { vi: `${capital(vi)} mới nhất`, en: `${capital(en)}, latest` },
      unit: 'm',
      source,
      ...only(last('level_m')),
      window: lastHour,
      scopes: ofDevice,
    }),
    indicator({
      id: `${source}_level_max_1d`,
      title: { vi: `${capital(vi)} cao nhất trong ngày`, en: `${capital(en)}, highest of the day` },
      unit: 'm',
      source,
      ...only(max('level_m')),
      window: day,
      scopes: ofDevice,
    }),
    rise('1h', lastHour),
    rise('3h', lastThreeHours),
  ]
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)

const flow = (
  metric: 'inflow_m3s' | 'spill_m3s' | 'turbine_m3s',
  name: string,
  [vi, en]: readonly [vi: string, en: string],
) =>
  indicator({
    id: `reservoir_${name}_1h`,
    title: { vi: `${vi} trung bình 1 giờ`, en: `${en}, 1 h mean` },
    unit: 'm3/s',
    source: 'reservoir',
    ...only(mean<MetricOf<'reservoir'>>(metric)),
    window: lastHour,
    scopes: ofDevice,
  })

const reservoir: readonly Indicator[] = [
  ...levelsOf('reservoir', ['mực nước hồ', 'reservoir level']),
  indicator({
    id: 'reservoir_above_normal',
    title: { vi: 'Mực nước hồ so với mực nước dâng bình thường', en: 'Reservoir level above its normal level' },
    unit: 'm',
    source: 'reservoir',
    aggregates: { level: last('level_m'), normal: last('normal_level_m') },
    window: lastHour,
    scopes: ofDevice,
    levels: { direction: 'above', attention: -1, warning: 0, critical: 0.5 },
    unconfirmed: 'the limits; those of the operating procedure of the reservoir count',
    formula: 'last(level_m) − last(normal_level_m)',
    value: ({ level, normal }) => level - normal,
  }),
  flow('inflow_m3s', 'inflow', ['Lưu lượng về hồ', 'Inflow']),
  flow('spill_m3s', 'spill', ['Lưu lượng xả tràn', 'Spill']),
  flow('turbine_m3s', 'turbine', ['Lưu lượng qua tuabin', 'Flow through the turbines']),
  indicator({
    id: 'reservoir_balance_1h',
    title: { vi: 'Chênh lệch lưu lượng về và ra khỏi hồ, 1 giờ', en: 'Inflow less outflow, 1 h mean' },
    unit: 'm3/s',
    source: 'reservoir',
    aggregates: { inflow: mean('inflow_m3s'), spill: mean('spill_m3s'), turbine: mean('turbine_m3s') },
    window: lastHour,
    scopes: ofDevice,
    formula: 'mean(inflow_m3s) − mean(spill_m3s) − mean(turbine_m3s)',
    value: ({ inflow, spill, turbine }) => inflow - spill - turbine,
  }),
  indicator({
    id: 'reservoir_spill_share_1h',
    title: { vi: 'Tỷ lệ xả tràn so với lưu lượng về, 1 giờ', en: 'Spill against inflow, 1 h' },
    unit: '%',
    source: 'reservoir',
    aggregates: { inflow: mean('inflow_m3s'), spill: mean('spill_m3s') },
    window: lastHour,
    scopes: ofDevice,
    formula: '100 · mean(spill_m3s) ÷ mean(inflow_m3s)',
    value: ({ inflow, spill }) => (inflow > 0 ? (100 * spill) / inflow : undefined),
  }),
  indicator({
    id: 'reservoir_inflow_max_1d',
    title: { vi: 'Lưu lượng về hồ lớn nhất trong ngày', en: 'Largest inflow of the day' },
    unit: 'm3/s',
    source: 'reservoir',
    ...only(max('inflow_m3s')),
    window: day,
    scopes: ofDevice,
  }),
  indicator({
    id: 'reservoir_spill_max_1d',
    title: { vi: 'Lưu lượng xả tràn lớn nhất trong ngày', en: 'Largest spill of the day' },
    unit: 'm3/s',
    source: 'reservoir',
    ...only(max('spill_m3s')),
    window: day,
    scopes: ofDevice,
  }),
  indicator({
    id: 'reservoir_volume',
    title: { vi: 'Dung tích trữ', en: 'Stored volume' },
    unit: 'm3',
    source: 'reservoir',
    ...only(totalOfLast('volume_m3', hold)),
    window: lastHour,
    scopes: everywhere,
  }),
  indicator({
    id: 'reservoir_filling',
    title: { vi: 'Tỷ lệ dung tích trữ so với dung tích toàn bộ', en: 'Stored volume, share of the capacity' },
    unit: '%',
    source: 'reservoir',
    aggregates: { volume: totalOfLast('volume_m3', hold), capacity: totalOfLast('capacity_m3', hold) },
    window: lastHour,
    scopes: everywhere,
    formula: '100 · totalOfLast(volume_m3) ÷ totalOfLast(capacity_m3); a report holds for 30 min',
    value: ({ volume, capacity }) => (capacity > 0 ? (100 * volume) / capacity : undefined),
  }),
]

const river: readonly Indicator[] = [
  ...levelsOf('river', ['mực nước sông', 'river level']),
  indicator({
    id: 'river_flow_1h',
    title: { vi: 'Lưu lượng sông trung bình 1 giờ', en: 'River flow, 1 h mean' },
    unit: 'm3/s',
    source: 'river',
    ...only(mean('flow_m3s')),
    window: lastHour,
    scopes: ofDevice,
  }),
  indicator({
    id: 'river_flow_max_1d',
    title: { vi: 'Lưu lượng sông lớn nhất trong ngày', en: 'Largest river flow of the day' },
    unit: 'm3/s',
    source: 'river',
    ...only(max('flow_m3s')),
    window: day,
    scopes: ofDevice,
  }),
]

/** Batteries of gauges: lead-acid, 12 V. */
const battery = (source: 'river' | 'rain_gauge', id: string, [vi, en]: readonly [vi: string, en: string]) =>
  indicator({
    id,
    title: { vi: `Điện áp ắc quy thấp nhất của ${vi}, trong ngày`, en: `Lowest battery voltage of the day, ${en}` },
    unit: 'V',
    source,
    ...only(min('battery_v')),
    window: day,
    scopes: everywhere,
    levels: { direction: 'below', attention: 12, warning: 11.8, critical: 11.5 },
    unconfirmed: 'the limits, which are those of a lead-acid battery of 12 V',
  })

/** VN_WQI, from the worst on: values are integers. */
const wqiBands: readonly Band[] = [
  { to: 9, title: { vi: 'Ô nhiễm rất nặng', en: 'Heavily polluted' }, colour: [126, 0, 35] },
  { to: 25, title: { vi: 'Kém', en: 'Very poor' }, colour: [255, 0, 0] },
  { to: 50, title: { vi: 'Xấu', en: 'Poor' }, colour: [255, 126, 0] },
  { to: 75, title: { vi: 'Trung bình', en: 'Moderate' }, colour: [255, 255, 0] },
  { to: 90, title: { vi: 'Tốt', en: 'Good' }, colour: [0, 228, 0] },
  { to: 100, title: { vi: 'Rất tốt', en: 'Very good' }, colour: [51, 51, 255] },
]
const wqi = {
  unit: '1',
  source: 'water_quality',
  scopes: everywhere,
  levels: { direction: 'below', attention: 50, warning: 25, critical: 9 },
  bands: wqiBands,
  reference: 'Quyết định 1460/QĐ-TCMT; the index is taken as it is published',
  unconfirmed: 'names and colours of the bands',
} as const

const surfaceWater = 'QCVN 08:2023/BTNMT, surface water, classes A, B, C'
const quality = (
  metric: MetricOf<'water_quality', 'number'>,
  id: string,
  [vi, en]: readonly [vi: string, en: string],
  unit: string,
) => ({
  id: `water_${id}`,
  title: { vi: `${vi} trung bình 2 giờ`, en: `${en}, 2 h mean` },
  unit,
  source: 'water_quality' as const,
  ...only(mean<MetricOf<'water_quality'>>(metric)),
  window: lastTwoHours,
  scopes: everywhere,
})

const surface: readonly Indicator[] = [
  indicator({
    id: 'water_wqi',
    title: { vi: 'VN_WQI thấp nhất, 2 giờ', en: 'VN_WQI, lowest of 2 h' },
    ...wqi,
    ...only(min('wqi')),
    window: lastTwoHours,
  }),
  indicator({
    id: 'water_wqi_min_1d',
    title: { vi: 'VN_WQI thấp nhất trong ngày', en: 'VN_WQI, lowest of the day' },
    ...wqi,
    ...only(min('wqi')),
    window: day,
  }),
  indicator({
    ...quality('dissolved_oxygen_mgl', 'oxygen_2h', ['Oxy hòa tan', 'Dissolved oxygen'], 'mg/L'),
    levels: { direction: 'below', attention: 6, warning: 5, critical: 4 },
    reference: surfaceWater,
    unconfirmed: 'the limits: not read in the regulation',
  }),
  indicator({
    id: 'water_ph_min_1d',
    title: { vi: 'Độ pH thấp nhất trong ngày', en: 'Lowest pH of the day' },
    unit: '[pH]',
    source: 'water_quality',
    ...only(min('ph')),
    window: day,
    scopes: everywhere,
    levels: { direction: 'below', attention: 6.5, warning: 6 },
    reference: surfaceWater,
    unconfirmed: 'the limits: not read in the regulation',
  }),
  indicator({
    id: 'water_ph_max_1d',
    title: { vi: 'Độ pH cao nhất trong ngày', en: 'Highest pH of the day' },
    unit: '[pH]',
    source: 'water_quality',
    ...only(max('ph')),
    window: day,
    scopes: everywhere,
    levels: { direction: 'above', attention: 8.5, warning: 9 },
    reference: surfaceWater,
    unconfirmed: 'the limits: not read in the regulation',
  }),
  indicator(quality('turbidity_ntu', 'turbidity_2h', ['Độ đục', 'Turbidity'], '{NTU}')),
  indicator({
    ...quality('ammonium_mgl', 'ammonium_2h', ['Amoni (NH₄⁺)', 'Ammonium (NH₄⁺)'], 'mg/L'),
    levels: { direction: 'above', attention: 0.3, warning: 0.9 },
    reference: 'QCVN 08-MT:2015/BTNMT, surface water, classes A and B1',
    unconfirmed: 'the limits: not read in the regulation',
  }),
  indicator({
    ...quality('cod_mgl', 'cod_2h', ['Nhu cầu oxy hóa học (COD)', 'Chemical oxygen demand (COD)'], 'mg/L'),
    levels: { direction: 'above', attention: 10, warning: 15, critical: 20 },
    reference: surfaceWater,
    unconfirmed: 'the limits: not read in the regulation',
  }),
  indicator(quality('temperature_c', 'temperature_2h', ['Nhiệt độ nước', 'Water temperature'], 'Cel')),
]

const soil: readonly Indicator[] = [
  indicator({
    id: 'soil_moisture_2h',
    title: { vi: 'Độ ẩm đất trung bình 2 giờ', en: 'Soil moisture, 2 h mean' },
    unit: '%',
    source: 'soil',
    ...only(mean('moisture_percent')),
    window: lastTwoHours,
    scopes: everywhere,
  }),
  indicator({
    id: 'soil_temperature_2h',
    title: { vi: 'Nhiệt độ đất trung bình 2 giờ', en: 'Soil temperature, 2 h mean' },
    unit: 'Cel',
    source: 'soil',
    ...only(mean('temperature_c')),
    window: lastTwoHours,
    scopes: everywhere,
  }),
  indicator({
    id: 'soil_ph_1d',
    title: { vi: 'Độ pH của đất, trung bình ngày', en: 'pH of the soil, mean of the day' },
    unit: '[pH]',
    source: 'soil',
    ...only(mean('ph')),
    window: day,
    scopes: everywhere,
  }),
  indicator({
    id: 'soil_tilt_range_24h',
    title: { vi: 'Biên độ nghiêng của đất, 24 giờ', en: 'Range of the tilt, 24 h' },
    unit: 'deg',
    source: 'soil',
    aggregates: { most: max('tilt_deg'), least: min('tilt_deg') },
    window: lastDay,
    scopes: ofDevice,
    levels: { direction: 'above', attention: 0.5, warning: 1, critical: 3 },
    unconfirmed: 'the limits, which depend on the slope',
    formula: 'max(tilt_deg) − min(tilt_deg)',
    value: ({ most, least }) => most - least,
  }),
  indicator({
    id: 'soil_pore_pressure_2h',
    title: { vi: 'Áp lực nước lỗ rỗng trung bình 2 giờ', en: 'Pore-water pressure, 2 h mean' },
    unit: 'kPa',
    source: 'soil',
    ...only(mean('pore_pressure_kpa')),
    window: lastTwoHours,
    scopes: ofDevice,
  }),
  indicator({
    id: 'soil_pore_pressure_trend_24h',
    title: { vi: 'Tốc độ tăng áp lực nước lỗ rỗng, 24 giờ', en: 'Change of the pore-water pressure, 24 h' },
    unit: 'kPa/h',
    source: 'soil',
    ...only(changeRate('pore_pressure_kpa'), 3600),
    window: lastDay,
    scopes: ofDevice,
  }),
]

/** The reservoir, rivers, surface water and soil. */
export const waterIndicators: readonly Indicator[] = [
  ...reservoir,
  ...river,
  battery('river', 'river_battery_min_1d', ['trạm thủy văn', 'river gauges']),
  battery('rain_gauge', 'gauge_battery_min_1d', ['trạm đo mưa', 'rain gauges']),
  ...surface,
  ...soil,
]
