import type { VehicleClass } from '@ioc/contract/device-types/traffic.ts'
import type { Parameters } from '@ioc/contract/district/parameters.ts'
import type { Band, Scope } from '@ioc/contract/messages/live.ts'
import { count, increase, mean, quantile, sum, weightedSum } from '../engine/aggregates/aggregates.ts'
import { derived, history, type Indicator, indicator, latest } from './indicator.ts'
import { only } from './only.ts'
import { day, everywhere, hour, localHour, ofDevice } from './periods.ts'
import { unconfirmed } from './unconfirmed.ts'
import { capital, during, reasons, sayNumber, sayNumbers, type Words } from './words.ts'

const quarter = { kind: 'sliding', size_s: 900, every_s: 450 } as const
const fiveMinutes = { kind: 'sliding', size_s: 300, every_s: 150 } as const
/** Nights of a week: one of them may be foggy, or have road works. */
const week = { kind: 'sliding', size_s: 7 * 86_400, every_s: 3600 } as const
const quartersPerHour = 4
const hoursOfDay = 24

/** How long a counter that says nothing is taken to stand still: ten of its cadences. */
const hold = { hold_s: 600 }

/** A vehicle passes many counters of an area: it is counted for a counter, and for a site, whose counters are its lanes. */
const counted: readonly Scope[] = ['device', 'site']

/** The levels of service A to F. */
const serviceLevels: readonly Band[] = [
  { to: 1, title: { vi: 'A Thông thoáng', en: 'A Free flow' }, colour: [0, 150, 60] },
  { to: 2, title: { vi: 'B Khá thông thoáng', en: 'B Reasonably free flow' }, colour: [130, 200, 60] },
  { to: 3, title: { vi: 'C Ổn định', en: 'C Stable flow' }, colour: [255, 220, 0] },
  { to: 4, title: { vi: 'D Gần mất ổn định', en: 'D Approaching unstable flow' }, colour: [255, 160, 0] },
  { to: 5, title: { vi: 'E Không ổn định', en: 'E Unstable flow' }, colour: [255, 90, 0] },
  { to: 6, title: { vi: 'F Ùn tắc', en: 'F Congestion' }, colour: [220, 0, 0] },
]

/**
 * The level of service, 1 (A) to 6 (F).
 * @param share speed ÷ free-flow speed, in per cent
 * @param limits above which each of the levels A to E is, in per cent
 */
export function serviceLevelOf(share: number, limits: readonly number[]): number {
  return 1 + limits.filter((limit) => share <= limit).length
}

const countedVehicles = (suffix: '1h' | '1d', window: typeof hour | typeof day, vi: string, en: string) =>
  indicator({
    id: `traffic_vehicles_${suffix}`,
    title: { vi: `Số xe theo loại, ${vi}`, en: `Vehicles by class, ${en}` },
    about: {
      vi: `Số xe đi qua điểm đếm ${during(window).vi}, tính riêng cho từng loại xe, theo mức tăng của bộ đếm cộng dồn.`,
      en: `Vehicles that passed the counter ${during(window).en}, separately for each class, by how much its running total grew.`,
    },
    unit: '1',
    source: 'traffic',
    by: 'vehicle_class',
    aggregates: { value: increase('vehicles_total', hold) },
    window,
    accumulates: true,
    scopes: counted,
    value: ({ value }) => value,
  })

/** Counts of vehicles and their speeds, `q = N · 3600 ÷ Δt`. */
const countsAndSpeeds = ({ passenger_car_units: carUnits }: Parameters): readonly Indicator[] => [
  indicator({
    id: 'traffic_flow_15m',
    title: { vi: 'Lưu lượng xe 15 phút', en: 'Flow, 15 min' },
    about: {
      vi: 'Số xe đi qua điểm đếm trong 15 phút gần nhất nhân 4, tức số xe nếu cả giờ đều như vậy.',
      en: 'Vehicles that passed the counter in the last 15 minutes times 4: what an hour like them would bring.',
    },
    unit: '1/h',
    source: 'traffic',
    aggregates: { vehicles: sum('vehicles') },
    window: quarter,
    scopes: counted,
    formula: 'sum(vehicles) · 3600 ÷ 900',
    value: ({ vehicles }) => vehicles * quartersPerHour,
  }),
  indicator({
    id: 'traffic_class_flow_15m',
    title: { vi: 'Lưu lượng theo loại xe 15 phút', en: 'Flow by class, 15 min' },
    about: {
      vi: 'Số xe đi qua điểm đếm trong 15 phút gần nhất nhân 4, tính riêng cho từng loại xe.',
      en: 'Vehicles that passed the counter in the last 15 minutes times 4, separately for each class.',
    },
    unit: '1/h',
    source: 'traffic',
    by: 'vehicle_class',
    aggregates: { vehicles: sum('vehicles') },
    window: quarter,
    scopes: ofDevice,
    formula: 'sum(vehicles) · 3600 ÷ 900 of each class',
    value: ({ vehicles }) => vehicles * quartersPerHour,
  }),
  indicator({
    id: 'traffic_pcu_15m',
    title: { vi: 'Lưu lượng quy đổi xe con 15 phút', en: 'Flow in passenger-car units, 15 min' },
    about: {
      vi: 'Số xe trong 15 phút gần nhất, mỗi xe nhân hệ số quy đổi ra xe con (xe máy nhỏ hơn 1, xe tải lớn hơn 1), rồi nhân 4 thành lưu lượng một giờ.',
      en: 'Vehicles of the last 15 minutes, each as so many passenger cars (a motorbike less than one, a truck more), times 4 for an hour.',
    },
    unit: '{PCU}/h',
    source: 'traffic',
    aggregates: { units: weightedSum('vehicles', 'vehicle_class', carUnits.value) },
    window: quarter,
    scopes: counted,
    formula: `Σ vehicles · units of the class · 3600 ÷ 900; units: ${Object.entries(carUnits.value)
      .map(([name, units]) => `${name} ${units}`)
      .join(', ')}`,
    reference: 'TCVN 4054:2005',
    parameters: [carUnits],
    unconfirmed: unconfirmed.vehicleClasses,
    value: ({ units }) => units * quartersPerHour,
  }),
  speed,
  indicator({
    id: 'traffic_speed_p85_15m',
    title: { vi: 'Tốc độ V85, 15 phút', en: 'V85 speed, 15 min' },
    about: {
      vi: 'Tốc độ mà 85 % số lần đo trong 15 phút gần nhất không vượt quá. Dùng để xem xe chạy nhanh đến đâu và đặt biển hạn chế tốc độ.',
      en: 'The speed that 85 % of the measurements of the last 15 minutes do not exceed. It shows how fast people drive, and where limits are needed.',
    },
    unit: 'km/h',
    source: 'traffic',
    aggregates: { value: quantile('speed_kmh', 0.85) },
    window: quarter,
    scopes: everywhere,
    value: ({ value }) => value,
  }),
  indicator({
    id: 'traffic_occupancy_15m',
    title: { vi: 'Độ chiếm dụng trung bình 15 phút', en: 'Occupancy, 15 min mean' },
    about: {
      vi: 'Trung bình tỷ lệ thời gian có xe nằm trên vùng đo, trong 15 phút gần nhất. Càng cao, đường càng gần ùn tắc.',
      en: 'Mean share of time in which a vehicle stood over the detector, in the last 15 minutes. The higher, the closer to congestion.',
    },
    unit: '%',
    source: 'traffic',
    aggregates: { value: mean('occupancy_percent') },
    window: quarter,
    scopes: everywhere,
    value: ({ value }) => value,
  }),
  countedVehicles('1h', hour, '1 giờ', '1 h'),
  countedVehicles('1d', day, 'trong ngày', 'of the day'),
]

const speed = indicator({
  id: 'traffic_speed_15m',
  title: { vi: 'Tốc độ trung bình 15 phút', en: 'Speed, 15 min mean' },
  about: {
    vi: 'Trung bình tốc độ xe của các lần đo trong 15 phút gần nhất.',
    en: 'Mean speed of the vehicles over the measurements of the last 15 minutes.',
  },
  unit: 'km/h',
  source: 'traffic',
  ...only(mean('speed_kmh')),
  window: quarter,
  scopes: everywhere,
})

const hourlySpeed = indicator({
  id: 'traffic_speed_1h',
  title: { vi: 'Tốc độ trung bình 1 giờ', en: 'Speed, 1 h mean' },
  about: {
    vi: 'Trung bình tốc độ xe của các lần đo trong giờ. Dùng để tính mức phục vụ của đường.',
    en: 'Mean speed of the vehicles over the measurements of the hour. The level of service is computed from it.',
  },
  unit: 'km/h',
  source: 'traffic',
  ...only(mean('speed_kmh')),
  window: hour,
  scopes: everywhere,
})

/** Whether it is night, of hours that may go over midnight. */
const atNight =
  ([from = 0, to = 0]: readonly number[]) =>
  (_: unknown, ts: number) =>
    (localHour(ts) - from + hoursOfDay) % hoursOfDay < (to - from + hoursOfDay) % hoursOfDay

const freeFlowOf = ({ free_flow_percentile: percentile, free_flow_night: night }: Parameters) =>
  indicator({
    id: 'traffic_free_flow_7d',
    title: { vi: 'Tốc độ dòng tự do', en: 'Free-flow speed' },
    about: {
      vi: `Tốc độ khi đường vắng: ${sayNumber(percentile.value).vi} % số lần đo từ ${night.value.join(' đến ')} giờ của 7 đêm gần nhất không vượt quá tốc độ này.`,
      en: `The speed on a free road: ${sayNumber(percentile.value).en} % of what was measured from ${night.value.join(':00 to ')}:00 in the last 7 nights does not exceed it.`,
    },
    unit: 'km/h',
    source: 'traffic',
    ...only(quantile('speed_kmh', percentile.value / 100)),
    formula: `quantile(speed_kmh, ${percentile.value / 100}) of what was measured from ${night.value.join(':00 to ')}:00 on the last 7 days`,
    where: atNight(night.value),
    window: week,
    scopes: ofDevice,
    reference: 'HCM 2010',
    parameters: [percentile, night],
  })

const perHour = indicator({
  id: 'traffic_flow_1h',
  title: { vi: 'Lưu lượng xe 1 giờ', en: 'Flow, 1 h' },
  about: {
    vi: 'Cộng số xe đi qua điểm đếm trong từng giờ.',
    en: 'Adds up the vehicles that passed the counter in each hour.',
  },
  unit: '1/h',
  source: 'traffic',
  ...only(sum('vehicles')),
  window: hour,
  accumulates: true,
  scopes: counted,
})

/** How well traffic flows: the speed against that of a free road. */
const service = (parameters: Parameters): readonly Indicator[] => {
  const { service_level_limits: limits } = parameters
  const freeFlow = freeFlowOf(parameters)
  return [
    hourlySpeed,
    freeFlow,
    derived({
      id: 'traffic_service_level_1h',
      title: { vi: 'Mức phục vụ của đường (A–F)', en: 'Level of service (A–F)' },
      about: {
        vi: `Tốc độ trung bình giờ chia cho tốc độ dòng tự do: trên ${sayNumbers(limits.value, '; ').vi} % lần lượt là mức A, B, C, D, E; thấp hơn là mức F, ùn tắc.`,
        en: `Mean speed of the hour divided by the free-flow speed: above ${sayNumbers(limits.value).en} % it is A, B, C, D, E in turn; else F, congestion.`,
      },
      unit: '1',
      window: hour,
      scopes: ofDevice,
      levels: { direction: 'above', attention: 4, warning: 5, critical: 6 },
      bands: serviceLevels,
      formula: `1 + number of the limits ${limits.value.join(', ')} % that speed ÷ free-flow speed does not exceed`,
      reference: 'HCM 2010',
      parameters: [limits],
      unconfirmed: unconfirmed.colours,
      inputs: { speed: latest(hourlySpeed), free: latest(freeFlow) },
      value: ({ speed: [now], free: [free] }) =>
        now === undefined || free === undefined ? undefined : serviceLevelOf((100 * now) / free, limits.value),
    }),
    derived({
      id: 'traffic_travel_time_index_1h',
      title: { vi: 'Chỉ số thời gian đi lại', en: 'Travel-time index' },
      about: {
        vi: 'Tốc độ dòng tự do chia cho tốc độ trung bình trong giờ. Bằng 1 là thông thoáng; bằng 2 là đi lâu gấp đôi lúc đường vắng.',
        en: 'Free-flow speed divided by the mean speed of the hour. At 1 the road is free; at 2 a journey takes twice as long.',
      },
      unit: '1',
      window: hour,
      scopes: ofDevice,
      formula: 'free-flow speed ÷ speed',
      reference: 'HCM 2010',
      unconfirmed: unconfirmed.definition,
      inputs: { speed: latest(hourlySpeed), free: latest(freeFlow) },
      value: ({ speed: [now], free: [free] }) =>
        now === undefined || free === undefined || now === 0 ? undefined : free / now,
    }),
  ]
}

/** The course of a day. */
const ofDay: readonly Indicator[] = [
  perHour,
  derived({
    id: 'traffic_peak_flow_1d',
    title: { vi: 'Lưu lượng giờ cao điểm trong ngày', en: 'Flow of the peak hour of the day' },
    about: {
      vi: 'Lưu lượng lớn nhất trong các lưu lượng từng giờ của ngày.',
      en: 'The largest of the hourly flows of the day.',
    },
    unit: '1/h',
    window: day,
    scopes: counted,
    formula: 'largest of the hourly flows of the day',
    inputs: { flows: history(perHour, hoursOfDay) },
    value: ({ flows }) => peakOf(flows)?.flow,
  }),
  derived({
    id: 'traffic_peak_hour_1d',
    title: { vi: 'Giờ cao điểm trong ngày', en: 'Peak hour of the day' },
    about: {
      vi: 'Giờ bắt đầu của giờ có lưu lượng xe lớn nhất trong ngày, từ 0 đến 23; nếu bằng nhau thì lấy giờ muộn hơn.',
      en: 'The hour of the day, 0 to 23, in which the largest of the hourly flows begins; of equal ones the later.',
    },
    unit: '1',
    window: day,
    scopes: counted,
    formula: 'the hour of the day, 0 to 23, in which the largest of the hourly flows begins; of equal ones the later',
    inputs: { flows: history(perHour, hoursOfDay) },
    value({ flows }) {
      const back = peakOf(flows)?.back
      return back === undefined ? undefined : hoursOfDay - 1 - back
    },
  }),
  derived({
    id: 'traffic_peak_share_1d',
    title: { vi: 'Tỷ trọng giờ cao điểm trong ngày', en: 'Share of the peak hour in the traffic of the day' },
    about: {
      vi: 'Lưu lượng của giờ cao điểm chia cho tổng số xe cả ngày, tính bằng phần trăm. Càng cao, giao thông càng dồn vào một giờ.',
      en: 'Flow of the peak hour divided by all vehicles of the day, in per cent. The higher, the more the traffic crowds into one hour.',
    },
    unit: '%',
    window: day,
    scopes: counted,
    formula: '100 · largest of the hourly flows ÷ their sum',
    inputs: { flows: history(perHour, hoursOfDay) },
    value({ flows }) {
      const total = flows.reduce<number>((all, flow = 0) => all + flow, 0)
      return total === 0 ? undefined : (100 * (peakOf(flows)?.flow ?? 0)) / total
    },
  }),
]

/** The largest of some flows, the newest first, and how many hours before the newest it was. */
function peakOf(flows: readonly (number | undefined)[]): { readonly flow: number; readonly back: number } | undefined {
  const known = flows.flatMap((flow, back) => (flow === undefined ? [] : [{ flow, back }]))
  return known.reduce<(typeof known)[number] | undefined>(
    (peak, one) => (peak === undefined || one.flow > peak.flow ? one : peak),
    undefined,
  )
}

const heavyClasses: readonly VehicleClass[] = ['truck', 'bus', 'heavy_truck', 'trailer']

/** The classes that the explanation of passenger-car units names. */
const namedClasses: Readonly<Record<string, Words>> = {
  bicycle: { vi: 'xe đạp', en: 'bicycle' },
  motorbike: { vi: 'xe máy', en: 'motorbike' },
  truck: { vi: 'xe tải', en: 'truck' },
}

function aboutUnits(units: Readonly<Record<string, number>>, when: Words): Words {
  const named = Object.entries(namedClasses).flatMap(([name, { vi, en }]) => {
    const value = units[name]
    return value === undefined ? [] : [{ vi: `${vi} ${sayNumber(value).vi}`, en: `${en} ${sayNumber(value).en}` }]
  })
  const { vi, en } = reasons(...named)
  return {
    vi: `Số xe đi qua điểm đếm ${when.vi}, mỗi xe nhân với hệ số quy đổi ra xe con của loại xe đó (${vi}).`,
    en: `Vehicles that passed the counter ${when.en}, each as so many passenger cars as its class counts for (${en}).`,
  }
}

/** What drives, and how well it is measured. */
function composition({ passenger_car_units: carUnits }: Parameters): readonly Indicator[] {
  const units = (window: typeof hour | typeof day, suffix: '1h' | '1d') =>
    indicator({
      id: `traffic_pcu_${suffix}`,
      title: {
        vi: `Lưu lượng quy đổi xe con, ${suffix === '1h' ? '1 giờ' : 'trong ngày'}`,
        en: `Passenger-car units, ${suffix === '1h' ? '1 h' : 'of the day'}`,
      },
      about: aboutUnits(carUnits.value, during(window)),
      unit: suffix === '1h' ? '{PCU}/h' : '{PCU}',
      source: 'traffic',
      ...only(weightedSum('vehicles', 'vehicle_class', carUnits.value)),
      window,
      accumulates: true,
      scopes: counted,
      reference: 'TCVN 4054:2005',
      parameters: [carUnits],
      unconfirmed: unconfirmed.vehicleClasses,
    })
  const share = (id: string, [vi, en]: readonly [vi: string, en: string], which: Words, classes: readonly string[]) =>
    indicator({
      id: `traffic_${id}_share_1h`,
      title: { vi: `Tỷ lệ ${vi}, 1 giờ`, en: `Share of ${en}, 1 h` },
      about: {
        vi: `Số ${which.vi} chia cho tổng số xe các loại đi qua điểm đếm trong giờ, tính bằng phần trăm.`,
        en: `${capital(which.en)} divided by all vehicles that passed the counter in the hour, in per cent.`,
      },
      unit: '%',
      source: 'traffic',
      aggregates: {
        these: weightedSum('vehicles', 'vehicle_class', oneFor(classes, Object.keys(carUnits.value))),
        all: weightedSum('vehicles', 'vehicle_class', oneFor(Object.keys(carUnits.value), Object.keys(carUnits.value))),
      },
      window: hour,
      scopes: counted,
      formula: `100 · vehicles of the classes ${classes.join(', ')} ÷ vehicles of all classes of the standard`,
      value: ({ these, all }) => (all > 0 ? (100 * these) / all : undefined),
    })
  return [
    units(hour, '1h'),
    units(day, '1d'),
    share('motorbike', ['xe máy', 'motorbikes'], { vi: 'xe máy', en: 'motorbikes' }, ['motorbike']),
    share(
      'heavy',
      ['xe nặng', 'heavy vehicles'],
      { vi: 'xe tải, xe khách, xe tải nặng và xe kéo', en: 'trucks, buses, heavy trucks and trailers' },
      heavyClasses,
    ),
    indicator({
      id: 'traffic_per_minute_5m',
      title: { vi: 'Số xe mỗi phút, 5 phút', en: 'Vehicles a minute, 5 min' },
      about: {
        vi: 'Số xe đi qua điểm đếm trong 5 phút gần nhất chia cho 5.',
        en: 'Vehicles that passed the counter in the last 5 minutes divided by 5.',
      },
      unit: '1/min',
      source: 'traffic',
      aggregates: { vehicles: sum('vehicles') },
      window: fiveMinutes,
      scopes: ofDevice,
      formula: 'sum(vehicles) ÷ 5',
      value: ({ vehicles }) => vehicles / 5,
    }),
    indicator({
      id: 'traffic_speed_known_1h',
      title: { vi: 'Tỷ lệ bản ghi có tốc độ, 1 giờ', en: 'Share of records with a speed, 1 h' },
      about: {
        vi: 'Số bản ghi có tốc độ chia cho số bản ghi có xe trong giờ, tính bằng phần trăm. Thấp là máy đếm đo tốc độ kém.',
        en: 'Records with a speed divided by records with vehicles of the hour, in per cent. A low share means that the counter measures speeds badly.',
      },
      unit: '%',
      source: 'traffic',
      aggregates: { speeds: count('speed_kmh'), records: count('vehicles') },
      where: ({ vehicles = 0 }) => vehicles > 0,
      window: hour,
      scopes: everywhere,
      levels: { direction: 'below', attention: 90, warning: 75, critical: 50 },
      unconfirmed: unconfirmed.startingLevels,
      formula: '100 · count(speed_kmh) ÷ count(vehicles), of records with vehicles',
      value: ({ speeds, records }) => (100 * speeds) / records,
    }),
  ]
}

/** Weights by which some classes count once, and the others of all of them not at all. */
const oneFor = (classes: readonly string[], all: readonly string[]): Record<string, number> =>
  Object.fromEntries(all.map((name) => [name, classes.includes(name) ? 1 : 0]))

/** Road traffic. */
export const trafficIndicators = (parameters: Parameters): readonly Indicator[] => [
  ...countsAndSpeeds(parameters),
  ...service(parameters),
  ...ofDay,
  ...composition(parameters),
]
