import type { Parameters } from '@ioc/contract/district/parameters.ts'
import type { Scope } from '@ioc/contract/messages/live.ts'
import { increase, mean, quantile, sum, weightedSum } from '../engine/aggregates/aggregates.ts'
import { indicator } from './indicator.ts'

const quarter = { kind: 'sliding', size_s: 900, every_s: 60 } as const
const hour = { kind: 'tumbling', size_s: 3600 } as const
const day = { kind: 'calendar', unit: 'day' } as const
const quartersPerHour = 4

/** How long a counter that says nothing is taken to stand still: ten of its cadences. */
const hold = { hold_s: 600 }

/** A vehicle passes many counters of an area: it is counted for a counter, and for a site, whose counters are its lanes. */
const counted: readonly Scope[] = ['device', 'site']
const everywhere: readonly Scope[] = ['device', 'site', 'area', 'district']

const countedVehicles = (suffix: '1h' | '1d', window: typeof hour | typeof day, vi: string, en: string) =>
  indicator({
    id: `traffic_vehicles_${suffix}`,
    title: { vi: `Số xe theo loại, ${vi}`, en: `Vehicles by class, ${en}` },
    unit: '1',
    source: 'traffic',
    by: 'vehicle_class',
    aggregates: { value: increase('vehicles_total', hold) },
    window,
    scopes: counted,
    value: ({ value }) => value,
  })

/** Road traffic, `q = N · 3600 ÷ Δt`. */
export const trafficIndicators = ({ passenger_car_units: carUnits }: Parameters) => [
  indicator({
    id: 'traffic_flow_15m',
    title: { vi: 'Lưu lượng xe 15 phút', en: 'Flow, 15 min' },
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
    unit: '1/h',
    source: 'traffic',
    by: 'vehicle_class',
    aggregates: { vehicles: sum('vehicles') },
    window: quarter,
    scopes: counted,
    formula: 'sum(vehicles) · 3600 ÷ 900 of each class',
    value: ({ vehicles }) => vehicles * quartersPerHour,
  }),
  indicator({
    id: 'traffic_pcu_15m',
    title: { vi: 'Lưu lượng quy đổi xe con 15 phút', en: 'Flow in passenger-car units, 15 min' },
    unit: '1/h',
    source: 'traffic',
    aggregates: { units: weightedSum('vehicles', 'vehicle_class', carUnits.value) },
    window: quarter,
    scopes: counted,
    formula: `Σ vehicles · units of the class · 3600 ÷ 900; units: ${Object.entries(carUnits.value)
      .map(([name, units]) => `${name} ${units}`)
      .join(', ')}`,
    reference: 'TCVN 4054:2005',
    parameters: [carUnits],
    unconfirmed: 'the mapping of counter classes to the classes of the standard',
    value: ({ units }) => units * quartersPerHour,
  }),
  indicator({
    id: 'traffic_speed_15m',
    title: { vi: 'Tốc độ trung bình 15 phút', en: 'Speed, 15 min mean' },
    unit: 'km/h',
    source: 'traffic',
    aggregates: { value: mean('speed_kmh') },
    window: quarter,
    scopes: everywhere,
    value: ({ value }) => value,
  }),
  indicator({
    id: 'traffic_speed_p85_15m',
    title: { vi: 'Tốc độ V85, 15 phút', en: 'V85 speed, 15 min' },
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
