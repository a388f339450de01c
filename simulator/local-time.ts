import { displayOffsetMs } from '@ioc/runtime/display-time.ts'

export const minuteMs = 60_000
export const hourMs = 3_600_000
export const dayMs = 86_400_000

/** Number of a day of the display zone, counted from 1 January 1970. */
export function dayOf(ts: number): number {
  return Math.floor((ts + displayOffsetMs) / dayMs)
}

/** When a day begins, in ms since 1970, UTC. */
export function startOf(day: number): number {
  return day * dayMs - displayOffsetMs
}

/** Hour of the day, with its fraction. */
export function hourOf(ts: number): number {
  return (ts - startOf(dayOf(ts))) / hourMs
}

/** 1 Monday to 7 Sunday. */
export function weekdayOf(day: number): number {
  return ((((day + 3) % 7) + 7) % 7) + 1
}

/** Number of the week, which begins on Monday. */
export function weekOf(ts: number): number {
  return Math.floor((dayOf(ts) + 3) / 7)
}

export function startOfWeek(week: number): number {
  return startOf(week * 7 - 3)
}

/** As `261124`, for the numbers of files. */
export function dayCode(day: number): string {
  return new Date(day * dayMs).toISOString().slice(2, 10).replaceAll('-', '')
}

/** 0 on 1 January to 1 on 31 December. */
export function yearPart(ts: number): number {
  const day = dayOf(ts)
  const from = Date.UTC(new Date(day * dayMs).getUTCFullYear(), 0, 1) / dayMs
  return (day - from) / 366
}

/** A yearly course through twelve values, each at the middle of its month. */
export function seasonal(months: readonly number[], ts: number): number {
  const at = yearPart(ts) * 12 - 0.5 + 12
  const before = Math.floor(at)
  const from = months[before % 12] ?? 0
  return from + ((months[(before + 1) % 12] ?? 0) - from) * (at - before)
}

/** Height of a bell around an hour of the day, 0 to 1. */
export function bell(hour: number, at: number, width: number): number {
  const apart = Math.abs(hour - at)
  const part = Math.min(apart, 24 - apart) / width
  return Math.exp(-part * part)
}
