import type { CaseIndicator } from './case-indicator.ts'
import type { Indicator } from './indicator.ts'

/** Forest fire and protection of the forest. */
export const forestIndicators: readonly (Indicator | CaseIndicator)[] = []
