import { dayMs, minuteMs } from '../local-time.ts'
import type { Scenario } from './scenario.ts'

/** An office, whose computer and power supply report every minute: a site with daily reports alone is not missed in two days. */
const officeSite = 'ubnd-ka-do'

/** An agent without a connection for two days, which then sends what it kept. */
export const offlineBackfill: Scenario = {
  title: { vi: 'Gửi bù sau hai ngày mất kết nối', en: 'Backfill after two days offline' },
  age_ms: 2 * dayMs - 10 * minuteMs,
  course_ms: 3 * dayMs,
  events: (begin) => [{ kind: 'offline_backfill', from: begin, to: begin + 2 * dayMs, site: officeSite }],
}
