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
import { unconfirmed } from './unconfirmed.ts'

/** A site has one such device: its values are those of the site. */
const wide: readonly Scope[] = ['site', 'area', 'district']

/** Of a single site it is seen in its state. */
const overSites: readonly Scope[] = ['area', 'district']

/** How long a state is taken to last when nobody says more: three cadences. */
const hold = { hold_s: 180 }

const power: readonly Indicator[] = [
  ...availability(
    'site_power',
    'power_mains',
    ['Tỷ lệ thời gian có điện lưới', 'Share of time on mains'],
    { vi: 'điểm có điện lưới', en: 'the site was on mains' },
    {
      metric: 'mains',
      good: true,
      hold,
      scopes: wide,
      hour: lastHour,
    },
  ),
  indicator({
    id: 'power_outages_1d',
    title: { vi: 'Số lần mất điện lưới trong ngày', en: 'Power cuts of the day' },
    about: {
      vi: 'Đếm số lần điểm chuyển từ có điện lưới sang mất điện lưới trong ngày. Của nhiều điểm: cộng lại.',
      en: 'Counts how often the site lost its mains in the day. Of several sites: all together.',
    },
    unit: '{time}',
    source: 'site_power',
    ...only(entriesInto('mains', false, hold)),
    window: day,
    scopes: wide,
  }),
  indicator({
    id: 'power_outage_time_1d',
    title: { vi: 'Thời gian mất điện lưới trong ngày', en: 'Time without mains, of the day' },
    about: {
      vi: 'Số giờ trong ngày điểm không có điện lưới, phải chạy ắc quy hoặc ngừng. Của nhiều điểm: cộng lại.',
      en: 'Hours of the day in which the site had no mains and ran on its battery, or not at all. Of several sites: all together.',
    },
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
    about: {
      vi: 'Đếm số điểm mà trạng thái mới nhất, trong vòng 15 phút, là mất điện lưới.',
      en: 'Counts the sites whose latest state, of the last 15 minutes, is without mains.',
    },
    unit: '{site}',
    source: 'site_power',
    ...only(devicesInState('mains', false, holdNow)),
    window: now,
    scopes: overSites,
    levels: { direction: 'above', attention: 1 },
    unconfirmed: unconfirmed.anyNeedsAttention,
  }),
  indicator({
    id: 'power_voltage_min_1h',
    title: { vi: 'Điện áp lưới thấp nhất 1 giờ', en: 'Mains voltage, lowest of 1 h' },
    about: {
      vi: 'Điện áp lưới thấp nhất đo được trong giờ, chỉ tính lúc có điện. Lưới 220 V được phép thấp hơn tối đa 5 %, tức 209 V.',
      en: 'Lowest mains voltage measured in the hour, while there were mains. A grid of 220 V may be 5 % lower, that is, 209 V.',
    },
    unit: 'V',
    source: 'site_power',
    ...only(min('mains_v')),
    where: ({ mains }) => mains === true,
    formula: 'min(mains_v) while mains are present',
    window: hour,
    scopes: wide,
    levels: { direction: 'below', attention: 209, warning: 198 },
    reference: 'Quy định hệ thống điện phân phối: 220 V, thấp hơn tối đa 5 % và 10 %',
    unconfirmed: unconfirmed.unreadLimits,
  }),
  indicator({
    id: 'power_battery_min_1h',
    title: { vi: 'Dung lượng ắc quy thấp nhất 1 giờ', en: 'Battery charge, lowest of 1 h' },
    about: {
      vi: 'Mức điện còn lại thấp nhất của ắc quy dự phòng đo được trong giờ, so với khi đầy.',
      en: 'Lowest charge of the back-up battery measured in the hour, of its full charge.',
    },
    unit: '%',
    source: 'site_power',
    ...only(min('battery_percent')),
    window: hour,
    scopes: wide,
    levels: { direction: 'below', attention: 50, warning: 30, critical: 15 },
    unconfirmed: unconfirmed.startingLevels,
  }),
  indicator({
    id: 'power_battery_time_min_1h',
    title: { vi: 'Thời gian ắc quy còn lại thấp nhất, 1 giờ', en: 'Battery time left, least of 1 h' },
    about: {
      vi: 'Số phút ít nhất mà ắc quy dự phòng còn cấp điện được, theo các lần đo trong giờ. Hết thời gian này điểm sẽ ngừng.',
      en: 'Fewest minutes for which the back-up battery would still last, by the measurements of the hour. After that the site goes off.',
    },
    unit: 'min',
    source: 'site_power',
    ...only(min('battery_minutes')),
    window: hour,
    scopes: wide,
    levels: { direction: 'below', attention: 60, warning: 30, critical: 10 },
    unconfirmed: unconfirmed.startingLevels,
  }),
  indicator({
    id: 'power_load',
    title: { vi: 'Công suất tiêu thụ', en: 'Load' },
    about: {
      vi: 'Công suất điện điểm đang tiêu thụ theo lần đo mới nhất. Của nhiều điểm: cộng lại.',
      en: 'Power that the site draws, as last measured. Of several sites: all together.',
    },
    unit: 'W',
    source: 'site_power',
    ...only(totalOfLast('load_w', holdNow)),
    window: now,
    scopes: wide,
  }),
]

const network: readonly Indicator[] = [
  ...availability(
    'site_power',
    'network_up',
    ['Tỷ lệ thời gian có mạng', 'Share of time with network'],
    { vi: 'điểm có kết nối mạng', en: 'the site had network' },
    {
      metric: 'network',
      good: true,
      hold,
      scopes: wide,
      hour: lastHour,
    },
  ),
  indicator({
    id: 'network_outages_1d',
    title: { vi: 'Số lần mất mạng trong ngày', en: 'Network outages of the day' },
    about: {
      vi: 'Đếm số lần điểm chuyển từ có mạng sang mất mạng trong ngày. Của nhiều điểm: cộng lại.',
      en: 'Counts how often the site lost its network in the day. Of several sites: all together.',
    },
    unit: '{time}',
    source: 'site_power',
    ...only(entriesInto('network', false, hold)),
    window: day,
    scopes: wide,
  }),
  indicator({
    id: 'network_down_now',
    title: { vi: 'Số điểm đang mất mạng', en: 'Sites without network now' },
    about: {
      vi: 'Đếm số điểm mà trạng thái mới nhất, trong vòng 15 phút, là mất mạng.',
      en: 'Counts the sites whose latest state, of the last 15 minutes, is without network.',
    },
    unit: '{site}',
    source: 'site_power',
    ...only(devicesInState('network', false, holdNow)),
    window: now,
    scopes: overSites,
    levels: { direction: 'above', attention: 1 },
    unconfirmed: unconfirmed.anyNeedsAttention,
  }),
  indicator({
    id: 'network_latency_p95_1h',
    title: { vi: 'Độ trễ mạng của 95 % lần đo, 1 giờ', en: 'Network latency, 95th percentile of 1 h' },
    about: {
      vi: '95 % số lần đo thời gian gói tin đi và về trong giờ không quá số này. Trên 150 ms hình và tiếng bắt đầu trễ.',
      en: '95 % of the round trips measured in the hour took no longer. Above 150 ms picture and sound begin to lag.',
    },
    unit: 'ms',
    source: 'site_power',
    ...only(quantile('latency_ms', 0.95)),
    window: hour,
    scopes: wide,
    levels: { direction: 'above', attention: 150, warning: 400, critical: 1000 },
    reference: 'ITU-T G.114: up to 150 ms for most uses, up to 400 ms acceptable; one way',
    unconfirmed: unconfirmed.latencyLimits,
  }),
  indicator({
    id: 'network_loss_1h',
    title: { vi: 'Tỷ lệ mất gói trung bình 1 giờ', en: 'Packet loss, 1 h mean' },
    about: {
      vi: 'Trung bình tỷ lệ gói tin gửi đi mà không đến nơi, trên các lần đo trong giờ. Mất nhiều thì hình giật, số liệu đến chậm.',
      en: 'Mean share of packets that did not arrive, over the measurements of the hour. Losses make pictures jerk and data late.',
    },
    unit: '%',
    source: 'site_power',
    ...only(mean('loss_percent')),
    window: hour,
    scopes: wide,
    levels: { direction: 'above', attention: 1, warning: 3, critical: 10 },
    unconfirmed: unconfirmed.startingLevels,
  }),
]

/** Power and network of the sites. */
export const infrastructureIndicators: readonly Indicator[] = [...power, ...network]
