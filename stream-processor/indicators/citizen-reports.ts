import type { CaseIndicator } from './case-indicator.ts'
import type { Indicator } from './indicator.ts'

/** Citizens' reports, the portal and ratings. */
export const citizenReportIndicators: readonly (Indicator | CaseIndicator)[] = []
