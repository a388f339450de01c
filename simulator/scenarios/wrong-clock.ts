import { hourMs, minuteMs } from '../local-time.ts'
import type { Scenario } from './scenario.ts'

const stationSite = 'khi-tuong-dran'

/** An agent whose clock is three hours ahead: the centre places its records by their age. */
export const wrongClock: Scenario = {
  title: { vi: 'Trạm sai giờ', en: 'Agent with a wrong clock' },
  age_ms: 0,
  course_ms: 6 * hourMs,
  events: (begin) => [{ kind: 'wrong_clock', from: begin + 2 * minuteMs, to: begin + 6 * hourMs, site: stationSite }],
}
