import { dayMs, hourMs, midnightBefore, type Scenario } from './scenario.ts'

/** A reading of the reservoir during the flood; `hour` counts from the beginning of the event. */
export interface FloodReading {
  readonly hour: number
  /** Level in m above the sea; only the last one was reported as "above". */
  readonly level_m: number
  /** m³/s */
  readonly inflow?: number
  readonly spill?: number
}

/**
 * What was reported of the Đơn Dương reservoir (Đa Nhim) in November 2025, with hours from the midnight before 15 November in
 * place of dates: on the 17th at 10:00 the spill was raised from 500 to 600 m³/s.
 */
export const floodReadings: readonly FloodReading[] = [
  { hour: 57.99, level_m: 1042.042, inflow: 1075.6, spill: 500 },
  { hour: 58, level_m: 1042.042, inflow: 1075.6, spill: 600 },
  { hour: 144, level_m: 1043 },
]

/** The flood of November 2025, from the rain before it until the water has fallen. */
export const flood: Scenario = {
  title: { vi: 'Lũ về hồ Đơn Dương', en: 'Flood of the Đơn Dương reservoir' },
  age_ms: 2 * dayMs + 8 * hourMs,
  course_ms: 9 * dayMs,
  // From a midnight, so that its hours are those of the day.
  events: (begin) => [{ kind: 'flood', from: midnightBefore(begin), to: midnightBefore(begin) + 9 * dayMs }],
}
