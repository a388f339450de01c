import { dayMs } from '../local-time.ts'
import type { Scenario } from './scenario.ts'

/** Dossiers of one commune are handled more slowly than they come in. */
export const oneStopBacklog: Scenario = {
  title: { vi: 'Ùn ứ hồ sơ một cửa', en: 'One-stop backlog' },
  age_ms: 7 * dayMs,
  course_ms: 14 * dayMs,
  events: (begin) => [{ kind: 'one_stop_backlog', from: begin, to: begin + 14 * dayMs, area: '24943' }],
}
