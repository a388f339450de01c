import type { CaseIndicator } from './case-indicator.ts'
import type { Indicator } from './indicator.ts'

/** Rivers, the reservoir, surface water and soil. */
export const waterIndicators: readonly (Indicator | CaseIndicator)[] = []
