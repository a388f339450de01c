import { dayMs } from '../local-time.ts'
import type { Scenario } from './scenario.ts'

/** Full lodgings and busy roads for two and a half days. */
export const touristWeekend: Scenario = {
  title: { vi: 'Cuối tuần đông khách', en: 'Tourist weekend' },
  age_ms: dayMs,
  course_ms: 3 * dayMs,
  events: (begin) => [{ kind: 'tourist_weekend', from: begin, to: begin + 2.5 * dayMs }],
}
