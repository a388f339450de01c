import type { CaseIndicator } from './case-indicator.ts'
import type { Indicator } from './indicator.ts'

/** The yearly socio-economic targets. */
export const socioEconomicIndicators: readonly (Indicator | CaseIndicator)[] = []
