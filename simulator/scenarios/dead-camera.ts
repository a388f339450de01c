import { dayMs, hourMs } from '../local-time.ts'
import type { Scenario } from './scenario.ts'

const poleSite = 'cam-dran-01'

/** A camera that gives no picture; its pole and the others go on. */
export const deadCamera: Scenario = {
  title: { vi: 'Camera hỏng', en: 'Dead camera' },
  age_ms: hourMs,
  course_ms: dayMs,
  events: (begin) => [{ kind: 'dead_camera', from: begin, to: begin + dayMs, site: poleSite }],
}
