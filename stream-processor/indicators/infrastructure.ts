import type { Scope } from '@ioc/contract/messages/live.ts'
import {
  devicesInState,
  entriesInto,
  mean,
  min,
  quantile,
  timeInState,
  totalOfLast,
} from '../engine/aggregates/aggregates.ts'
import { availability } from './availability.ts'
import { type Indicator, indicator } from './indicator.ts'
import { only } from './only.ts'
import { day, holdNow, hour, lastHour, now } from './periods.ts'

/** A site has one such device: its values are those of the site. */
const wide: readonly Scope[] = ['site', 'area', 'district']

/** Of a single site it is seen in its state. */
const overSites: readonly Scope[] = ['area', 'district']

/** How long a state is taken to last when nobody says more: three cadences. */
const hold = { hold_s: 180 }

const power: readonly Indicator[] = [
  ...availability('site_power', 'power_mains', ['Tỷ lệ thời gian có điện lưới', 'Share of time on mains'], {
    metric: 'mains',
    good: true,
    hold,
    scopes: wide,
    hour: lastHour,
  }),
  indicator({
    id: 'power_outages_1d',
    title: { vi: 'Số lần mất điện lưới trong ngày', en: 'Power cuts of the day' },
    unit: '{time}',
    source: 'site_power',
    ...only(entriesInto('mains', false, hold)),
    window: day,
    scopes: wide,
  }),
  indicator({
    id: 'power_outage_time_1d',
    title: { vi: 'Thời gian mất điện lưới trong ngày', en: 'Time without mains, of the day' },
    unit: 'h',
    source: 'site_power',
    ...only(timeInState('mains', false, hold), 1 / 3600),
    formula: 'time without mains ÷ 3600; a state holds for 180 s; wider scopes sum up their sites',
    window: day,
    scopes: wide,
  }),
  indicator({
    id: 'power_off_now',
    title: { vi: 'Số điểm đang mất điện lưới', en: 'Sites without mains now' },
    unit: '{site}',
    source: 'site_power',
    ...only(devicesInState('mains', false, holdNow)),
    window: now,
    scopes: overSites,
    levels: { direction: 'above', attention: 1 },
    unconfirmed: 'the limit: any site without mains needs attention',
  }),
  indicator({
    id: 'power_voltage_min_1h',
    title: { vi: 'Điện áp lưới thấp nhất 1 giờ', en: 'Mains voltage, lowest of 1 h' },
    unit: 'V',
    source: 'site_power',
    ...only(min('mains_v')),
    where: ({ mains }) => mains === true,
    formula: 'min(mains_v) while mains are present',
    window: hour,
    scopes: wide,
    levels: { direction: 'below', attention: 209, warning: 198 },
    reference: '220 V less 5 % and 10 %, as the rules for distribution grids allow',
    unconfirmed: 'the limits: not read in the rules',
  }),
  indicator({
    id: 'power_battery_min_1h',
    title: { vi: 'Dung lượng ắc quy thấp nhất 1 giờ', en: 'Battery charge, lowest of 1 h' },
    unit: '%',
    source: 'site_power',
    ...only(min('battery_percent')),
    window: hour,
    scopes: wide,
    levels: { direction: 'below', attention: 50, warning: 30, critical: 15 },
    unconfirmed: 'the limits',
  }),
  indicator({
    id: 'power_battery_time_min_1h',
    title: { vi: 'Thời gian ắc quy còn chạy được ít nhất, 1 giờ', en: 'Battery time left, least of 1 h' },
    unit: 'min',
    source: 'site_power',
    ...only(min('battery_minutes')),
    window: hour,
    scopes: wide,
    levels: { direction: 'below', attention: 60, warning: 30, critical: 10 },
    unconfirmed: 'the limits',
  }),
  indicator({
    id: 'power_load',
    title: { vi: 'Công suất tiêu thụ', en: 'Load' },
    unit: 'W',
    source: 'site_power',
    ...only(totalOfLast('load_w', holdNow)),
    window: now,
    scopes: wide,
  }),
]

const network: readonly Indicator[] = [
  ...availability('site_power', 'network_up', ['Tỷ lệ thời gian có mạng', 'Share of time with network'], {
    metric: 'network',
    good: true,
    hold,
    scopes: wide,
    hour: lastHour,
  }),
  indicator({
    id: 'network_outages_1d',
    title: { vi: 'Số lần mất mạng trong ngày', en: 'Network outages of the day' },
    unit: '{time}',
    source: 'site_power',
    ...only(entriesInto('network', false, hold)),
    window: day,
    scopes: wide,
  }),
  indicator({
    id: 'network_down_now',
    title: { vi: 'Số điểm đang mất mạng', en: 'Sites without network now' },
    unit: '{site}',
    source: 'site_power',
    ...only(devicesInState('network', false, holdNow)),
    window: now,
    scopes: overSites,
    levels: { direction: 'above', attention: 1 },
    unconfirmed: 'the limit: any site without network needs attention',
  }),
  indicator({
    id: 'network_latency_p95_1h',
    title: { vi: 'Độ trễ mạng, phân vị 95, 1 giờ', en: 'Network latency, 95th percentile of 1 h' },
    unit: 'ms',
    source: 'site_power',
    ...only(quantile('latency_ms', 0.95)),
    window: hour,
    scopes: wide,
    levels: { direction: 'above', attention: 150, warning: 400, critical: 1000 },
    reference: 'ITU-T G.114: up to 150 ms for most uses, up to 400 ms acceptable; one way',
    unconfirmed: 'the limits, which are taken for the way there and back',
  }),
  indicator({
    id: 'network_loss_1h',
    title: { vi: 'Tỷ lệ mất gói trung bình 1 giờ', en: 'Packet loss, 1 h mean' },
    unit: '%',
    source: 'site_power',
    ...only(mean('loss_percent')),
    window: hour,
    scopes: wide,
    levels: { direction: 'above', attention: 1, warning: 3, critical: 10 },
    unconfirmed: 'the limits',
  }),
]

/** Power and network of the sites. */
export const infrastructureIndicators: readonly Indicator[] = [...power, ...network]
