import { dayMs } from '../local-time.ts'
import type { Scenario } from './scenario.ts'

const schoolSite = 'thcs-dran'

/** Pupils of a school fall ill, and stay at home. */
export const fluOutbreak: Scenario = {
  title: { vi: 'Dịch cúm ở trường học', en: 'Outbreak of flu at a school' },
  age_ms: 7 * dayMs,
  course_ms: 14 * dayMs,
  events: (begin) => [{ kind: 'flu_outbreak', from: begin, to: begin + 14 * dayMs, site: schoolSite }],
}
