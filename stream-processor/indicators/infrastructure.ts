import type { CaseIndicator } from './case-indicator.ts'
import type { Indicator } from './indicator.ts'

/** Power and network of the sites. */
export const infrastructureIndicators: readonly (Indicator | CaseIndicator)[] = []
