import type { CaseIndicator } from './case-indicator.ts'
import type { Indicator } from './indicator.ts'

/** Schools: classes, pupils, attendance. */
export const educationIndicators: readonly (Indicator | CaseIndicator)[] = []
