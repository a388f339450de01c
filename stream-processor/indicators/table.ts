import { defaultParameters, type Parameters } from '@ioc/contract/district/parameters.ts'
import type { IndicatorDescriptor } from '@ioc/contract/messages/live.ts'
import type { ReferencesOf } from '@ioc/runtime/district/district.ts'
import { airIndicators } from './air/air.ts'
import { budgetIndicators } from './budget.ts'
import { businessIndicators } from './business.ts'
import { cameraIndicators } from './camera.ts'
import type { CaseIndicator } from './case-indicator.ts'
import { citizenReportIndicators } from './citizen-reports.ts'
import { type CompletenessIndicator, completenessIndicators } from './completeness.ts'
import { documentIndicators } from './documents.ts'
import { educationIndicators } from './education.ts'
import { forestIndicators } from './forest/forest.ts'
import { healthIndicators } from './health.ts'
import { type WatchIndicator, watchIndicators } from './incidents.ts'
import type { Indicator } from './indicator.ts'
import { infrastructureIndicators } from './infrastructure.ts'
import { landIndicators } from './land.ts'
import { publicServiceIndicators } from './public-services.ts'
import { securityIndicators } from './security.ts'
import { serviceIndexIndicators } from './service-index.ts'
import { socioEconomicIndicators } from './socio-economic.ts'
import { systemIndicators } from './system.ts'
import { tourismIndicators } from './tourism.ts'
import { trafficIndicators } from './traffic.ts'
import { waterIndicators } from './water.ts'
import { weatherIndicators } from './weather/weather.ts'

export interface Domain {
  readonly id: string
  readonly title: IndicatorDescriptor['title']
  readonly indicators: readonly (Indicator | CaseIndicator | CompletenessIndicator | WatchIndicator)[]
}

/**
 * Every domain with its indicators, as of the parameters of a district. A new indicator is a declaration in its domain's
 * file; a new domain is a file, and a line here.
 */
export function domainsOf(parameters: Parameters): readonly Domain[] {
  const domain = (id: string, vi: string, en: string, indicators: Domain['indicators']) => ({
    id,
    title: { vi, en },
    indicators,
  })
  const all = [
    domain('socio-economic', 'Kinh tế – xã hội', 'Socio-economic targets', socioEconomicIndicators),
    domain('public-services', 'Dịch vụ công', 'Public services', [
      ...publicServiceIndicators,
      ...serviceIndexIndicators,
    ]),
    domain('documents', 'Văn bản điện tử', 'Official documents', documentIndicators),
    domain('citizen-reports', 'Tương tác chính quyền – người dân', "Citizens' reports", citizenReportIndicators),
    domain('health', 'Y tế', 'Health', healthIndicators),
    domain('education', 'Giáo dục', 'Education', educationIndicators),
    domain('tourism', 'Du lịch – lưu trú', 'Tourism and lodging', tourismIndicators),
    domain('budget', 'Thu ngân sách và thuế', 'Budget and tax', budgetIndicators),
    domain('business', 'Hộ kinh doanh', 'Business households', businessIndicators),
    domain('land', 'Quy hoạch và đất đai', 'Planning and land', landIndicators),
    domain('air', 'Không khí', 'Air quality', airIndicators(parameters)),
    domain('weather', 'Thời tiết', 'Weather', weatherIndicators(parameters)),
    domain('water', 'Nước và đất', 'Water and soil', waterIndicators),
    domain('forest', 'Bảo vệ rừng', 'Forest', forestIndicators(parameters)),
    domain('traffic', 'Giao thông', 'Traffic', trafficIndicators(parameters)),
    domain('cameras', 'Camera', 'Cameras', cameraIndicators),
    domain('security', 'An ninh tầm cao', 'Security', securityIndicators),
    domain('infrastructure', 'Nguồn điện và mạng', 'Power and network', infrastructureIndicators),
    domain('machines', 'Máy chủ', 'Machines', systemIndicators),
    domain('incidents', 'Sự cố', 'Incidents', watchIndicators),
  ]
  const completeness = completenessIndicators(all, parameters)
  return [...all, domain('completeness', 'Đầy đủ dữ liệu', 'Completeness of the data', completeness)]
}

/** Every indicator of measurements, and those derived from them. */
export const measuredOf = (domains: readonly Domain[]): readonly Indicator[] =>
  domains.flatMap((domain) => domain.indicators).filter((one) => one.kind === 'measured' || one.kind === 'derived')

/** Every indicator of cases. */
export const casesOf = (domains: readonly Domain[]): readonly CaseIndicator[] =>
  domains.flatMap((domain) => domain.indicators).filter((one) => one.kind === 'cases')

/** Every indicator of the sources themselves. */
export const completenessOf = (domains: readonly Domain[]): readonly CompletenessIndicator[] =>
  domains.flatMap((domain) => domain.indicators).filter((one) => one.kind === 'completeness')

/** What the district's files may refer to. */
export const referencesOf: ReferencesOf = (parameters) => {
  const all = domainsOf(parameters)
  return { indicators: all.flatMap((domain) => domain.indicators), domains: all.map(({ id }) => id) }
}

/** As of the default parameters: what the documents and the boards speak of. */
export const domains = domainsOf(defaultParameters)
export const indicators = measuredOf(domains)
export const caseIndicators = casesOf(domains)
