import type { Band } from '@ioc/contract/messages/live.ts'
import { changeRate, last, max, mean, min, totalOfLast } from '../engine/aggregates/aggregates.ts'
import { type Indicator, indicator, type MetricOf } from './indicator.ts'
import { only } from './only.ts'
import { day, everywhere, lastHour, ofDevice } from './periods.ts'
import { unconfirmed } from './unconfirmed.ts'
import { capital, during, uncapital, type Words } from './words.ts'

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
      about: {
        vi: `${capital(vi)} dâng bao nhiêu mét mỗi giờ: lần đo cuối trừ lần đo đầu ${during(window).vi}, chia cho thời gian giữa hai lần. Số âm là nước rút.`,
        en: `How many metres an hour the ${en} rises: the last less the first measurement ${during(window).en}, by the time between them. Negative: it falls.`,
      },
      unit: 'm/h',
      source,
      ...only(changeRate('level_m'), 3600),
      window,
      scopes: ofDevice,
      ...(source === 'river'
        ? {
            levels: { direction: 'above', attention: 0.3, warning: 0.5, critical: 1 } as const,
            unconfirmed: unconfirmed.riverLimits,
          }
        : {}),
    })
  return [
    indicator({
      id: `${source}_level`,
      title: { vi: `${capital(vi)} mới nhất`, en: `${capital(en)}, latest` },
      about: {
        vi: `${capital(vi)} của lần đo gần nhất trong vòng 1 giờ, so với mốc cao độ của trạm đo.`,
        en: `The ${en} of the latest measurement within the last hour, above the datum of the gauge.`,
      },
      unit: 'm',
      source,
      ...only(last('level_m')),
      window: lastHour,
      scopes: ofDevice,
    }),
    indicator({
      id: `${source}_level_max_1d`,
      title: { vi: `${capital(vi)} cao nhất trong ngày`, en: `${capital(en)}, highest of the day` },
      about: {
        vi: `Số đo ${vi} lớn nhất từ 0 giờ đến 24 giờ, so với mốc cao độ của trạm đo.`,
        en: `The largest measurement of the ${en} in the day, above the datum of the gauge.`,
      },
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

const flow = (
  metric: 'inflow_m3s' | 'spill_m3s' | 'turbine_m3s',
  name: string,
  [vi, en]: readonly [vi: string, en: string],
  meaning: Words,
) =>
  indicator({
    id: `reservoir_${name}_1h`,
    title: { vi: `${vi} trung bình 1 giờ`, en: `${en}, 1 h mean` },
    about: {
      vi: `Trung bình ${meaning.vi}, trên các lần đo trong 1 giờ gần nhất.`,
      en: `Mean of ${meaning.en}, over the measurements of the last hour.`,
    },
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
    title: { vi: 'Mực nước hồ so với bình thường', en: 'Reservoir level above its normal level' },
    about: {
      vi: 'Mực nước hồ mới nhất trừ mực nước dâng bình thường. Số âm là hồ chưa đầy; số dương là đã vượt mức bình thường.',
      en: 'The latest reservoir level less its normal level. Negative: the reservoir is not full; positive: it is above normal.',
    },
    unit: 'm',
    source: 'reservoir',
    aggregates: { level: last('level_m'), normal: last('normal_level_m') },
    window: lastHour,
    scopes: ofDevice,
    levels: { direction: 'above', attention: -1, warning: 0, critical: 0.5 },
    unconfirmed: unconfirmed.reservoirLimits,
    formula: 'last(level_m) − last(normal_level_m)',
    value: ({ level, normal }) => level - normal,
  }),
  flow('inflow_m3s', 'inflow', ['Lưu lượng về hồ', 'Inflow'], {
    vi: 'lượng nước chảy vào hồ mỗi giây',
    en: 'the water that runs into the reservoir each second',
  }),
  flow('spill_m3s', 'spill', ['Lưu lượng xả tràn', 'Spill'], {
    vi: 'lượng nước xả qua đập tràn xuống hạ du mỗi giây',
    en: 'the water that is released over the spillway each second',
  }),
  flow('turbine_m3s', 'turbine', ['Lưu lượng qua tuabin', 'Flow through the turbines'], {
    vi: 'lượng nước chạy qua tuabin để phát điện mỗi giây',
    en: 'the water that drives the turbines each second',
  }),
  indicator({
    id: 'reservoir_balance_1h',
    title: { vi: 'Lưu lượng về trừ lưu lượng ra, 1 giờ', en: 'Inflow less outflow, 1 h mean' },
    about: {
      vi: 'Trung bình lưu lượng về hồ trừ lưu lượng xả tràn và qua tuabin trong 1 giờ gần nhất. Số dương là hồ đang tích thêm nước.',
      en: 'Mean inflow less spill and turbine flow of the last hour. Positive: the reservoir is filling.',
    },
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
    title: { vi: 'Tỷ lệ xả tràn trên lưu lượng về, 1 giờ', en: 'Spill against inflow, 1 h' },
    about: {
      vi: 'Lưu lượng xả tràn trung bình chia cho lưu lượng về hồ trung bình trong 1 giờ gần nhất, tính bằng phần trăm. Trên 100 % là xả nhiều hơn nước về.',
      en: 'Mean spill divided by mean inflow of the last hour, in per cent. Above 100 % more is released than comes in.',
    },
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
    about: {
      vi: 'Lưu lượng nước về hồ lớn nhất trong các lần đo từ 0 giờ đến 24 giờ: đỉnh lũ về hồ của ngày.',
      en: 'The largest inflow measured in the day: the peak of a flood that reached the reservoir.',
    },
    unit: 'm3/s',
    source: 'reservoir',
    ...only(max('inflow_m3s')),
    window: day,
    scopes: ofDevice,
  }),
  indicator({
    id: 'reservoir_spill_max_1d',
    title: { vi: 'Lưu lượng xả tràn lớn nhất trong ngày', en: 'Largest spill of the day' },
    about: {
      vi: 'Lưu lượng xả qua đập tràn lớn nhất trong các lần đo từ 0 giờ đến 24 giờ. Hạ du cần biết số này.',
      en: 'The largest release over the spillway measured in the day. It is what matters to those downstream.',
    },
    unit: 'm3/s',
    source: 'reservoir',
    ...only(max('spill_m3s')),
    window: day,
    scopes: ofDevice,
  }),
  indicator({
    id: 'reservoir_volume',
    title: { vi: 'Dung tích trữ của hồ', en: 'Stored volume' },
    about: {
      vi: 'Lượng nước đang trữ trong hồ theo báo cáo gần nhất, có giá trị 30 phút. Của nhiều hồ: cộng lại.',
      en: 'Water stored in the reservoir, as last reported within 30 minutes. Of several reservoirs: all together.',
    },
    unit: 'm3',
    source: 'reservoir',
    ...only(totalOfLast('volume_m3', hold)),
    window: lastHour,
    scopes: everywhere,
  }),
  indicator({
    id: 'reservoir_filling',
    title: { vi: 'Tỷ lệ dung tích trữ của hồ', en: 'Stored volume, share of the capacity' },
    about: {
      vi: 'Lượng nước đang trữ chia cho dung tích toàn bộ của hồ, theo báo cáo gần nhất, tính bằng phần trăm.',
      en: 'Water stored divided by the whole capacity of the reservoir, as last reported, in per cent.',
    },
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
    about: {
      vi: 'Trung bình lượng nước chảy qua trạm thủy văn mỗi giây, trên các lần đo trong 1 giờ gần nhất.',
      en: 'Mean of the water that passes the gauge each second, over the measurements of the last hour.',
    },
    unit: 'm3/s',
    source: 'river',
    ...only(mean('flow_m3s')),
    window: lastHour,
    scopes: ofDevice,
  }),
  indicator({
    id: 'river_flow_max_1d',
    title: { vi: 'Lưu lượng sông lớn nhất trong ngày', en: 'Largest river flow of the day' },
    about: {
      vi: 'Lưu lượng lớn nhất đo được tại trạm thủy văn từ 0 giờ đến 24 giờ: đỉnh lũ của ngày.',
      en: 'The largest flow measured at the gauge in the day: the peak of a flood.',
    },
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
    title: { vi: `Điện áp ắc quy thấp nhất, ${vi}`, en: `Lowest battery voltage of the day, ${en}` },
    about: {
      vi: `Điện áp ắc quy thấp nhất đo được trong ngày tại ${vi}. Dưới 11,5 V trạm sắp ngừng gửi số liệu.`,
      en: `Lowest battery voltage of the ${en} in the day. Below 11.5 V a gauge is about to fall silent.`,
    },
    unit: 'V',
    source,
    ...only(min('battery_v')),
    window: day,
    scopes: everywhere,
    levels: { direction: 'below', attention: 12, warning: 11.8, critical: 11.5 },
    unconfirmed: unconfirmed.batteryLimits,
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
  reference: 'Quyết định 1460/QĐ-TCMT; chỉ số lấy theo công bố',
  unconfirmed: unconfirmed.namesAndColours,
} as const

const surfaceWater = 'QCVN 08:2023/BTNMT, nước mặt, mức A, B, C'
const quality = (
  metric: MetricOf<'water_quality', 'number'>,
  id: string,
  [vi, en]: readonly [vi: string, en: string],
  unit: string,
  note: Words,
) => ({
  id: `water_${id}`,
  title: { vi: `${vi} trung bình 2 giờ`, en: `${en}, 2 h mean` },
  about: {
    vi: `Trung bình ${uncapital(vi)} của nước mặt, trên các lần đo trong 2 giờ gần nhất. ${note.vi}`,
    en: `Mean ${uncapital(en)} of surface water over the measurements of the last 2 hours. ${note.en}`,
  },
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
    about: {
      vi: 'Chỉ số chất lượng nước VN_WQI thấp nhất mà các trạm công bố trong 2 giờ gần nhất, thang 100. Từ 76 là tốt, đến 25 là kém.',
      en: 'Lowest water-quality index VN_WQI that the stations published in the last 2 hours, of 100. From 76 up it is good, at 25 and below very poor.',
    },
    ...wqi,
    ...only(min('wqi')),
    window: lastTwoHours,
  }),
  indicator({
    id: 'water_wqi_min_1d',
    title: { vi: 'VN_WQI thấp nhất trong ngày', en: 'VN_WQI, lowest of the day' },
    about: {
      vi: 'Chỉ số chất lượng nước VN_WQI thấp nhất mà các trạm công bố trong ngày, thang 100. Từ 76 là tốt, đến 25 là kém.',
      en: 'Lowest water-quality index VN_WQI that the stations published in the day, of 100. From 76 up it is good, at 25 and below very poor.',
    },
    ...wqi,
    ...only(min('wqi')),
    window: day,
  }),
  indicator({
    ...quality('dissolved_oxygen_mgl', 'oxygen_2h', ['Oxy hòa tan', 'Dissolved oxygen'], 'mg/L', {
      vi: 'Thủy sinh cần oxy hòa tan trong nước: dưới 4 mg/L cá có thể chết.',
      en: 'What lives in water needs the oxygen: below 4 mg/L fish may die.',
    }),
    levels: { direction: 'below', attention: 6, warning: 5, critical: 4 },
    reference: surfaceWater,
    unconfirmed: unconfirmed.unreadLimits,
  }),
  indicator({
    id: 'water_ph_min_1d',
    title: { vi: 'Độ pH thấp nhất trong ngày', en: 'Lowest pH of the day' },
    about: {
      vi: 'Độ pH thấp nhất đo được trong ngày. Nước mặt bình thường có pH từ 6,5 đến 8,5; thấp hơn là nước nhiễm chua.',
      en: 'Lowest pH measured in the day. Surface water normally has 6.5 to 8.5; lower is acid.',
    },
    unit: '[pH]',
    source: 'water_quality',
    ...only(min('ph')),
    window: day,
    scopes: everywhere,
    levels: { direction: 'below', attention: 6.5, warning: 6 },
    reference: surfaceWater,
    unconfirmed: unconfirmed.unreadLimits,
  }),
  indicator({
    id: 'water_ph_max_1d',
    title: { vi: 'Độ pH cao nhất trong ngày', en: 'Highest pH of the day' },
    about: {
      vi: 'Độ pH cao nhất đo được trong ngày. Nước mặt bình thường có pH từ 6,5 đến 8,5; cao hơn là nước nhiễm kiềm.',
      en: 'Highest pH measured in the day. Surface water normally has 6.5 to 8.5; higher is alkaline.',
    },
    unit: '[pH]',
    source: 'water_quality',
    ...only(max('ph')),
    window: day,
    scopes: everywhere,
    levels: { direction: 'above', attention: 8.5, warning: 9 },
    reference: surfaceWater,
    unconfirmed: unconfirmed.unreadLimits,
  }),
  indicator(
    quality('turbidity_ntu', 'turbidity_2h', ['Độ đục', 'Turbidity'], '{NTU}', {
      vi: 'Nước càng đục càng nhiều bùn, cặn lơ lửng, thường tăng sau mưa lớn.',
      en: 'The more turbid, the more mud is suspended in the water, mostly after heavy rain.',
    }),
  ),
  indicator({
    ...quality('ammonium_mgl', 'ammonium_2h', ['Amoni (NH₄⁺)', 'Ammonium (NH₄⁺)'], 'mg/L', {
      vi: 'Amoni cao là dấu hiệu của nước thải sinh hoạt, chăn nuôi hoặc phân bón.',
      en: 'Much ammonium is a sign of sewage, manure or fertiliser.',
    }),
    levels: { direction: 'above', attention: 0.3, warning: 0.9 },
    reference: 'QCVN 08-MT:2015/BTNMT, nước mặt, cột A và B1',
    unconfirmed: unconfirmed.unreadLimits,
  }),
  indicator({
    ...quality('cod_mgl', 'cod_2h', ['Nhu cầu oxy hóa học (COD)', 'Chemical oxygen demand (COD)'], 'mg/L', {
      vi: 'Lượng oxy cần để oxy hóa chất hữu cơ trong nước: càng cao, nước càng ô nhiễm.',
      en: 'The oxygen that it takes to oxidise what is in the water: the more, the more polluted it is.',
    }),
    levels: { direction: 'above', attention: 10, warning: 15, critical: 20 },
    reference: surfaceWater,
    unconfirmed: unconfirmed.unreadLimits,
  }),
  indicator(
    quality('temperature_c', 'temperature_2h', ['Nhiệt độ nước', 'Water temperature'], 'Cel', {
      vi: 'Nước càng ấm càng giữ được ít oxy.',
      en: 'The warmer the water, the less oxygen it holds.',
    }),
  ),
]

const soil: readonly Indicator[] = [
  indicator({
    id: 'soil_moisture_2h',
    title: { vi: 'Độ ẩm đất trung bình 2 giờ', en: 'Soil moisture, 2 h mean' },
    about: {
      vi: 'Trung bình tỷ lệ nước trong đất, trên các lần đo trong 2 giờ gần nhất. Đất no nước dễ sạt lở.',
      en: 'Mean share of water in the soil, over the measurements of the last 2 hours. Soaked slopes slide more easily.',
    },
    unit: '%',
    source: 'soil',
    ...only(mean('moisture_percent')),
    window: lastTwoHours,
    scopes: everywhere,
  }),
  indicator({
    id: 'soil_temperature_2h',
    title: { vi: 'Nhiệt độ đất trung bình 2 giờ', en: 'Soil temperature, 2 h mean' },
    about: {
      vi: 'Trung bình nhiệt độ đất, trên các lần đo trong 2 giờ gần nhất.',
      en: 'Mean temperature of the soil, over the measurements of the last 2 hours.',
    },
    unit: 'Cel',
    source: 'soil',
    ...only(mean('temperature_c')),
    window: lastTwoHours,
    scopes: everywhere,
  }),
  indicator({
    id: 'soil_ph_1d',
    title: { vi: 'Độ pH của đất, trung bình ngày', en: 'pH of the soil, mean of the day' },
    about: {
      vi: 'Trung bình độ pH của đất, trên các lần đo trong ngày. Dưới 7 là đất chua, trên 7 là đất kiềm.',
      en: 'Mean pH of the soil, over the measurements of the day. Below 7 it is acid, above 7 alkaline.',
    },
    unit: '[pH]',
    source: 'soil',
    ...only(mean('ph')),
    window: day,
    scopes: everywhere,
  }),
  indicator({
    id: 'soil_tilt_range_24h',
    title: { vi: 'Biên độ nghiêng của đất, 24 giờ', en: 'Range of the tilt, 24 h' },
    about: {
      vi: 'Độ nghiêng lớn nhất trừ độ nghiêng nhỏ nhất của cảm biến trong 24 giờ gần nhất. Tăng lên là mái dốc đang dịch chuyển, có thể sạt lở.',
      en: 'Largest less smallest tilt of the sensor in the last 24 hours. As it grows, the slope is moving and may slide.',
    },
    unit: 'deg',
    source: 'soil',
    aggregates: { most: max('tilt_deg'), least: min('tilt_deg') },
    window: lastDay,
    scopes: ofDevice,
    levels: { direction: 'above', attention: 0.5, warning: 1, critical: 3 },
    unconfirmed: unconfirmed.slopeLimits,
    formula: 'max(tilt_deg) − min(tilt_deg)',
    value: ({ most, least }) => most - least,
  }),
  indicator({
    id: 'soil_pore_pressure_2h',
    title: { vi: 'Áp lực nước lỗ rỗng trung bình 2 giờ', en: 'Pore-water pressure, 2 h mean' },
    about: {
      vi: 'Trung bình áp lực của nước trong các lỗ rỗng của đất, trên các lần đo trong 2 giờ gần nhất. Áp lực cao làm mái dốc kém ổn định.',
      en: 'Mean pressure of the water between the grains of soil, over the last 2 hours. High pressure makes a slope less stable.',
    },
    unit: 'kPa',
    source: 'soil',
    ...only(mean('pore_pressure_kpa')),
    window: lastTwoHours,
    scopes: ofDevice,
  }),
  indicator({
    id: 'soil_pore_pressure_trend_24h',
    title: { vi: 'Tốc độ tăng áp lực nước lỗ rỗng, 24 giờ', en: 'Change of the pore-water pressure, 24 h' },
    about: {
      vi: 'Áp lực nước lỗ rỗng tăng bao nhiêu mỗi giờ: lần đo cuối trừ lần đo đầu trong 24 giờ gần nhất, chia cho thời gian giữa hai lần. Số âm là giảm.',
      en: 'How much the pore-water pressure rises an hour: the last less the first measurement in the last 24 hours, by the time between them. Negative: it falls.',
    },
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
