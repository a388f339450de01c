import type { CaseIndicator } from './case-indicator.ts'
import type { Indicator } from './indicator.ts'

/** Budget revenue and tax arrears. */
export const budgetIndicators: readonly (Indicator | CaseIndicator)[] = []
