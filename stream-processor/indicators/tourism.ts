import type { CaseIndicator } from './case-indicator.ts'
import type { Indicator } from './indicator.ts'

/** Lodging: rooms, guests, registrations. */
export const tourismIndicators: readonly (Indicator | CaseIndicator)[] = []
