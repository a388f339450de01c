import { startOf } from './time-range.ts'

const dayMs = 86_400_000
const workBeginsMs = 8 * 3_600_000

/** 08:00 of the next working day (Monday to Friday) after `now`, in Vietnam time: this morning where it is earlier than that. */
export function nextWorkingDay(now: number): number {
  for (let midnight = startOf(now, 'd'); ; midnight += dayMs) {
    const begins = midnight + workBeginsMs
    if (begins > now && startOf(midnight, 'w') + 5 * dayMs > midnight) return begins
  }
}
