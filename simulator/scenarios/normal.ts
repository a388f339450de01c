import { dayMs, hourMs, minuteMs } from '../local-time.ts'
import type { Scenario, ScenarioEvent } from './scenario.ts'

/** The events come again every four weeks: for so many rounds before the beginning and after it. */
const roundMs = 28 * dayMs
const rounds = { before: 3, after: 26 }

/** An ordinary month: what happens in every district now and then, and nothing large. */
export const normal: Scenario = {
  title: { vi: 'Ngày thường', en: 'Ordinary days' },
  age_ms: 0,
  course_ms: 7 * dayMs,
  events: (begin) =>
    Array.from({ length: rounds.before + 1 + rounds.after }, (_, index) =>
      roundOf(begin + (index - rounds.before) * roundMs),
    ).flat(),
}

function roundOf(begin: number): ScenarioEvent[] {
  const between = (day: number, hour: number, duration: number) => {
    const from = begin + day * dayMs + hour * hourMs
    return { from, to: from + duration }
  }
  return [
    // An agent goes away for a quarter of an hour soon after the beginning, and comes back with what it kept.
    { kind: 'offline_backfill', ...between(0, 0.25, 15 * minuteMs), site: 'ubnd-quang-lap' },
    { kind: 'dead_camera', ...between(0, 1, 6 * hourMs), site: 'cam-da-ron-01' },
    { kind: 'tourist_weekend', ...between(5, 0, 2.5 * dayMs) },
    { kind: 'stuck_sensor', ...between(9, 3, 10 * hourMs), site: 'khong-khi-dran' },
    { kind: 'power_cut', ...between(13, 2, 2 * hourMs), area: '24955' },
    { kind: 'smog_night', ...between(18, 10, 14 * hourMs), area: '24931' },
    { kind: 'flu_outbreak', ...between(20, 0, 5 * dayMs), site: 'th-lac-lam' },
  ]
}
