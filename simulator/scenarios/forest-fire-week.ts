import { dayMs } from '../local-time.ts'
import type { Scenario } from './scenario.ts'

/** A dry and hot week, in which the danger of fire rises from day to day. */
export const forestFireWeek: Scenario = {
  title: { vi: 'Tuần nguy cơ cháy rừng', en: 'Forest-fire week' },
  age_ms: 5 * dayMs,
  course_ms: 7 * dayMs,
  events: (begin) => [{ kind: 'forest_fire_week', from: begin, to: begin + 7 * dayMs }],
}
