import type { CaseIndicator } from './case-indicator.ts'
import type { Indicator } from './indicator.ts'
import { publicServiceIndicators } from './public-services.ts'
import { systemIndicators } from './system.ts'

/** Every indicator. A new one is a declaration in its domain's file; a new domain is a file, and a line here. */
export const indicators: readonly Indicator[] = [...systemIndicators]

/** Every indicator of cases. */
export const caseIndicators: readonly CaseIndicator[] = [...publicServiceIndicators]
