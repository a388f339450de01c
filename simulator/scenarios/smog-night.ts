import { dayMs, hourMs } from '../local-time.ts'
import type { Scenario } from './scenario.ts'

/** Smoke and a temperature inversion over the valley, for a night. */
export const smogNight: Scenario = {
  title: { vi: 'Đêm mù khói', en: 'Smog night' },
  age_ms: 4 * hourMs,
  course_ms: dayMs,
  events: (begin) => [{ kind: 'smog_night', from: begin, to: begin + 14 * hourMs, area: '24931' }],
}
