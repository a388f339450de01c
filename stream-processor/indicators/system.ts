import { max, mean } from '../engine/aggregates/aggregates.ts'
import { indicator } from './indicator.ts'

const oneMinute = { kind: 'sliding', size_s: 60, every_s: 10 } as const
const fiveMinutes = { kind: 'sliding', size_s: 300, every_s: 10 } as const
const busy = { direction: 'above', attention: 70, warning: 85, critical: 95 } as const

/** Indicators of machines. Limits are those that the operators of the centre start from. */
export const systemIndicators = [
  indicator({
    id: 'system_cpu_1m',
    title: { vi: 'CPU trung bình 1 phút', en: 'CPU, 1 min mean' },
    unit: '%',
    source: 'system',
    aggregates: { value: mean('cpu_percent') },
    window: oneMinute,
    scopes: ['device', 'site', 'area', 'district'],
    levels: busy,
    value: ({ value }) => value,
  }),
  indicator({
    id: 'system_cpu_5m',
    title: { vi: 'CPU trung bình 5 phút', en: 'CPU, 5 min mean' },
    unit: '%',
    source: 'system',
    aggregates: { value: mean('cpu_percent') },
    window: fiveMinutes,
    scopes: ['device', 'site', 'area', 'district'],
    levels: busy,
    value: ({ value }) => value,
  }),
  indicator({
    id: 'system_memory_5m',
    title: { vi: 'Bộ nhớ cao nhất 5 phút', en: 'Memory, 5 min max' },
    unit: '%',
    source: 'system',
    aggregates: { value: max('memory_used_percent') },
    window: fiveMinutes,
    scopes: ['device', 'site', 'area', 'district'],
    levels: busy,
    value: ({ value }) => value,
  }),
  indicator({
    id: 'system_disk',
    title: { vi: 'Ổ đĩa đầy nhất', en: 'Fullest disk' },
    unit: '%',
    source: 'system',
    aggregates: { value: max('disk_used_percent') },
    window: fiveMinutes,
    scopes: ['device', 'site', 'area', 'district'],
    levels: { direction: 'above', attention: 80, warning: 90, critical: 97 },
    value: ({ value }) => value,
  }),
  indicator({
    id: 'system_net_rx_1m',
    title: { vi: 'Tốc độ nhận trung bình 1 phút', en: 'Network received, 1 min mean' },
    unit: 'By/s',
    source: 'system',
    aggregates: { value: mean('net_rx_bytes_per_s') },
    window: oneMinute,
    scopes: ['device'],
    value: ({ value }) => value,
  }),
  indicator({
    id: 'system_net_tx_1m',
    title: { vi: 'Tốc độ gửi trung bình 1 phút', en: 'Network sent, 1 min mean' },
    unit: 'By/s',
    source: 'system',
    aggregates: { value: mean('net_tx_bytes_per_s') },
    window: oneMinute,
    scopes: ['device'],
    value: ({ value }) => value,
  }),
]
