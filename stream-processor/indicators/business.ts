import type { CaseIndicator } from './case-indicator.ts'
import type { Indicator } from './indicator.ts'

/** The register of business households. */
export const businessIndicators: readonly (Indicator | CaseIndicator)[] = []
