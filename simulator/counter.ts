import { minuteMs, startOfWeek, weekOf } from './local-time.ts'

const weekMinutes = 7 * 24 * 60

/**
 * A counter that rises with time. It restarts each Monday at 00:00, as that of a device that rebooted.
 * What it counts is a pure function of time, so that its value at a time is one, too.
 */
export interface Counter {
  /** Since it restarted. */
  at(ts: number): number
  /** Counted in `(from, to]`. */
  between(from: number, to: number): number
}

/**
 * @param slotMinutes the week divides into slots of this length
 * @param amount what is counted in the slot that begins at a time; within it, evenly
 */
export function counterOf(slotMinutes: number, amount: (ts: number) => number): Counter {
  const slotMs = slotMinutes * minuteMs
  /** Sums up to the beginning of each slot, of the last weeks that were asked for. */
  const weeks = new Map<number, number[]>()
  const maxWeeks = 2

  const at = (week: number, ts: number): number => {
    const from = startOfWeek(week)
    let sums = weeks.get(week)
    if (!sums) {
      sums = [0]
      if (weeks.size >= maxWeeks) weeks.delete(weeks.keys().next().value as number)
      weeks.set(week, sums)
    }
    const place = (ts - from) / slotMs
    const slot = Math.floor(place)
    // Only as far as it is asked for: a slot after that may never come about.
    for (let next = sums.length; next <= Math.ceil(place); next++) {
      sums.push((sums[next - 1] ?? 0) + amount(from + (next - 1) * slotMs))
    }
    const sum = sums[slot] ?? 0
    return Math.floor(sum + ((sums[slot + 1] ?? sum) - sum) * (place - slot) + 1e-9)
  }
  const whole = (week: number) => at(week, startOfWeek(week) + weekMinutes * minuteMs)

  return {
    at: (ts) => at(weekOf(ts), ts),
    between(from, to) {
      const first = weekOf(from)
      const last = weekOf(to)
      let sum = at(last, to) - (first === last ? at(first, from) : 0)
      if (first < last) sum += whole(first) - at(first, from)
      for (let week = first + 1; week < last; week++) sum += whole(week)
      return sum
    },
  }
}
