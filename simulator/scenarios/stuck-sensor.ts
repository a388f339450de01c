import { dayMs, hourMs } from '../local-time.ts'
import type { Scenario } from './scenario.ts'

const stationSite = 'khong-khi-lac-lam'

/** A sensor that repeats its last value under new times. */
export const stuckSensor: Scenario = {
  title: { vi: 'Cảm biến bị kẹt', en: 'Stuck sensor' },
  age_ms: 6 * hourMs,
  course_ms: 2 * dayMs,
  events: (begin) => [{ kind: 'stuck_sensor', from: begin, to: begin + 2 * dayMs, site: stationSite }],
}
