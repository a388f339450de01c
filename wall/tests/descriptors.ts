import type { IndicatorDescriptor } from '@ioc/contract/messages/live.ts'

/** Indicators as the processor would publish them, for the tests of the page. */
export const cpuDescriptor = {
  id: 'system_cpu_1m',
  title: { vi: 'CPU trung bình 1 phút', en: 'CPU, 1 min mean' },
  unit: '%',
  source: 'system',
  window: { kind: 'sliding', size_s: 60, every_s: 10 },
  scopes: ['device', 'site', 'district'],
  levels: { direction: 'above', attention: 70, warning: 85, critical: 95 },
  formula: 'mean(cpu_percent) over 1 min',
  about: { vi: 'Mức sử dụng CPU của máy trong một phút.', en: 'Use of the CPU over one minute.' },
} as const satisfies IndicatorDescriptor

export const vehicleDescriptor = {
  ...cpuDescriptor,
  id: 'vehicles_1h',
  title: { vi: 'Lượt xe', en: 'Vehicles' },
  unit: '1',
  source: 'traffic',
  scopes: ['site', 'area', 'district'],
  by: 'kind',
} as const satisfies IndicatorDescriptor

export const airDescriptor = {
  ...cpuDescriptor,
  id: 'air_vn_aqi_1h',
  title: { vi: 'VN_AQI giờ', en: 'VN_AQI, hourly' },
  unit: '1',
  source: 'air_quality',
  scopes: ['site', 'area', 'district'],
  levels: { direction: 'above', attention: 101 },
  bands: [
    { to: 100, title: { vi: 'Trung bình', en: 'Moderate' }, colour: [255, 255, 0] },
    { to: 150, title: { vi: 'Kém', en: 'Unhealthy for sensitive groups' }, colour: [255, 126, 0] },
  ],
} as const satisfies IndicatorDescriptor
