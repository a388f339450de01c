import type { CaseIndicator } from './case-indicator.ts'
import type { Indicator } from './indicator.ts'

/** Beds, visits and notifiable diseases. */
export const healthIndicators: readonly (Indicator | CaseIndicator)[] = []
