import { hourMs, minuteMs } from '../local-time.ts'
import type { Scenario } from './scenario.ts'

/** A commune without power: its agents run on batteries, and its network is down. */
export const powerCut: Scenario = {
  title: { vi: 'Mất điện một xã', en: 'Power cut of a commune' },
  age_ms: 0,
  course_ms: 6 * hourMs,
  events: (begin) => [{ kind: 'power_cut', from: begin + 2 * minuteMs, to: begin + 3 * hourMs, area: '24955' }],
}
