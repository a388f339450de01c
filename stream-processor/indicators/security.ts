import type { CaseIndicator } from './case-indicator.ts'
import type { Indicator } from './indicator.ts'

/** The high cameras. */
export const securityIndicators: readonly (Indicator | CaseIndicator)[] = []
