import type { CaseIndicator } from './case-indicator.ts'
import type { Indicator } from './indicator.ts'

/** Official documents and their exchange. */
export const documentIndicators: readonly (Indicator | CaseIndicator)[] = []
