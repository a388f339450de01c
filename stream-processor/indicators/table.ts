import type { IndicatorDescriptor } from '@ioc/contract/messages/live.ts'
import { airIndicators } from './air/air.ts'
import { cameraIndicators } from './camera.ts'
import type { CaseIndicator } from './case-indicator.ts'
import type { Indicator } from './indicator.ts'
import { publicServiceIndicators } from './public-services.ts'
import { systemIndicators } from './system.ts'
import { trafficIndicators } from './traffic.ts'
import { weatherIndicators } from './weather/weather.ts'

export interface Domain {
  readonly title: IndicatorDescriptor['title']
  readonly indicators: readonly (Indicator | CaseIndicator)[]
}

/** A new indicator is a declaration in its domain's file; a new domain is a file, and a line here. */
export const domains: readonly Domain[] = [
  { title: { vi: 'Máy chủ', en: 'Machines' }, indicators: systemIndicators },
  { title: { vi: 'Không khí', en: 'Air quality' }, indicators: airIndicators },
  { title: { vi: 'Thời tiết', en: 'Weather' }, indicators: weatherIndicators },
  { title: { vi: 'Giao thông', en: 'Traffic' }, indicators: trafficIndicators },
  { title: { vi: 'Camera', en: 'Cameras' }, indicators: cameraIndicators },
  { title: { vi: 'Dịch vụ công', en: 'Public services' }, indicators: publicServiceIndicators },
]

const all = domains.flatMap((domain) => domain.indicators)

/** Every indicator of measurements, and those derived from them. */
export const indicators: readonly Indicator[] = all.filter((one) => one.kind !== 'cases')

/** Every indicator of cases. */
export const caseIndicators: readonly CaseIndicator[] = all.filter((one) => one.kind === 'cases')
