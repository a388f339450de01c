import { displayZone } from '@ioc/contract/display-zone.ts'

const dayMinutes = 1440
const minuteMs = 60_000

/**
 * Ms until the time of the day that a window such as `00:00-04:00` names, 0 within it. A window may span midnight; one
 * that begins where it ends is the whole day.
 */
export function untilWindowMs(window: string, now: number): number {
  const [from = 0, to = 0] = window.split('-').map(minutesOf)
  const minute = minuteOfDay(now)
  if (from === to) return 0
  const isWithin = from < to ? minute >= from && minute < to : minute >= from || minute < to
  return isWithin ? 0 : ((from - minute + dayMinutes) % dayMinutes) * minuteMs - (now % minuteMs)
}

function minutesOf(time: string): number {
  const [hours = 0, minutes = 0] = time.split(':').map(Number)
  return hours * 60 + minutes
}

function minuteOfDay(now: number): number {
  const text = new Date(now).toLocaleTimeString('en-GB', { timeZone: displayZone, hour: '2-digit', minute: '2-digit' })
  return minutesOf(text)
}
