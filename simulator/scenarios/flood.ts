import { dayMs, dayOf, hourMs, startOf } from '../local-time.ts'
import type { Scenario } from './scenario.ts'

/** The flood comes at 22:00 of the second day, and is highest twelve hours later. */
const arrivesMs = dayMs + 22 * hourMs

/**
 * The flood of November 2025 at the Đơn Dương reservoir (Đa Nhim): `simulator/water.ts` has its levels and flows. It begins a
 * day and a half before the peak, so that the rise is seen.
 */
export const flood: Scenario = {
  title: { vi: 'Lũ về hồ Đơn Dương', en: 'Flood of the Đơn Dương reservoir' },
  age_ms: 2 * dayMs + 8 * hourMs,
  course_ms: 9 * dayMs,
  // From a midnight, so that its hours are those of the day.
  events: (begin) => {
    const from = startOf(dayOf(begin)) + arrivesMs
    return [{ kind: 'flood', from, to: from + 6 * dayMs }]
  },
}
