import type { CaseIndicator } from './case-indicator.ts'
import type { Indicator } from './indicator.ts'

/** Land files, planning, violations. */
export const landIndicators: readonly (Indicator | CaseIndicator)[] = []
