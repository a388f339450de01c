import { displayOffsetMs } from '@ioc/runtime/display-time.ts'

/**
 * Times as Grafana writes them in URLs: `now`, `now-6h`, `now/d`, `now-1M/M`, milliseconds since 1970, or an ISO 8601
 * time. Days, weeks, months and years are those of the district's clocks, Asia/Ho_Chi_Minh.
 */
export interface RawRange {
  readonly from: string
  readonly to: string
}

/** In ms since 1970, UTC. */
export interface TimeRange {
  readonly from: number
  readonly to: number
}

const units = ['s', 'm', 'h', 'd', 'w', 'M', 'Q', 'y'] as const
export type TimeUnit = (typeof units)[number]

/** Units of fixed length; months, quarters and years are counted in the calendar. */
const unitMs = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 7 * 86_400_000 } as const
const unitMonths = { M: 1, Q: 3, y: 12 } as const

/** The latest time that a `Date` can hold. */
const maxTime = 8.64e15
const relative = /^now((?:[+-]\d{1,6}[smhdwMQy])*)(?:\/([smhdwMQy]))?$/
const isoTime = /^\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?)?(?:Z|[+-]\d\d:\d\d)?$/

/** A time in ms; `end` takes the last moment of a rounded unit, or of a date
 * without a time, as the end of a range does. `undefined`: not a time. */
export function parseTime(text: string, now: number, end = false): number | undefined {
  if (/^-?\d{1,16}$/.test(text)) return within(Number(text))
  const match = relative.exec(text)
  if (!match) return parseIso(text, end)
  let time = now
  for (const [, sign, count, unit] of (match[1] ?? '').matchAll(/([+-])(\d+)([smhdwMQy])/g)) {
    time = addUnits(time, (sign === '-' ? -1 : 1) * Number(count), unit as TimeUnit)
  }
  const rounding = match[2] as TimeUnit | undefined
  if (!rounding) return within(time)
  const start = startOf(time, rounding)
  return within(end ? addUnits(start, 1, rounding) - 1 : start)
}

/** Whether a time moves with the clock. */
export const isRelative = (text: string): boolean => text.startsWith('now')

/** The range of the board, unless the panel has one of its own, which goes before a relative one as in Grafana. */
export function panelRange(timeFrom: string | undefined, { from, to }: RawRange): RawRange {
  if (timeFrom === undefined || timeFrom === '' || !isRelative(from)) return { from, to }
  return isRelative(timeFrom) ? { from: timeFrom, to: timeFrom } : { from: `now-${timeFrom}`, to: 'now' }
}

/** Whether a range that ends so moves with the clock and includes the present: live values belong to no other one. */
export function includesPresent(to: string, now: number): boolean {
  return isRelative(to) && (parseTime(to, now, true) ?? 0) >= now
}

/** Both ends in ms; `undefined` where one is no time, or the range is empty. */
export function resolveRange({ from, to }: RawRange, now: number): TimeRange | undefined {
  const start = parseTime(from, now)
  const stop = parseTime(to, now, true)
  return start === undefined || stop === undefined || start >= stop ? undefined : { from: start, to: stop }
}

/** The first moment of the unit that a time is in. Weeks begin on Monday. */
export function startOf(time: number, unit: TimeUnit): number {
  const local = new Date(time + displayOffsetMs)
  switch (unit) {
    case 's':
    case 'm':
    case 'h':
    case 'd':
      return Math.floor((time + displayOffsetMs) / unitMs[unit]) * unitMs[unit] - displayOffsetMs
    case 'w':
      return startOf(time - ((local.getUTCDay() + 6) % 7) * unitMs.d, 'd')
    case 'M':
    case 'Q':
    case 'y': {
      const month = local.getUTCMonth()
      return Date.UTC(local.getUTCFullYear(), month - (month % unitMonths[unit])) - displayOffsetMs
    }
    default:
      return unit satisfies never
  }
}

function addUnits(time: number, count: number, unit: TimeUnit): number {
  switch (unit) {
    case 's':
    case 'm':
    case 'h':
    case 'd':
    case 'w':
      return time + count * unitMs[unit]
    case 'M':
    case 'Q':
    case 'y': {
      const local = new Date(time + displayOffsetMs)
      const day = local.getUTCDate()
      local.setUTCDate(1)
      local.setUTCMonth(local.getUTCMonth() + count * unitMonths[unit])
      // A month back from the 31st is the last day of a shorter month.
      const days = new Date(Date.UTC(local.getUTCFullYear(), local.getUTCMonth() + 1, 0)).getUTCDate()
      local.setUTCDate(Math.min(day, days))
      return local.getTime() - displayOffsetMs
    }
    default:
      return unit satisfies never
  }
}

function parseIso(text: string, end: boolean): number | undefined {
  if (!isoTime.test(text)) return undefined
  const [date = '', clock] = text.replace(' ', 'T').split('T')
  const zoned = /(Z|[+-]\d\d:\d\d)$/.test(clock ?? '')
  const time = Date.parse(clock === undefined ? `${date}T00:00Z` : `${date}T${clock}${zoned ? '' : 'Z'}`)
  if (Number.isNaN(time)) return undefined
  if (clock === undefined && end) return within(time - displayOffsetMs + unitMs.d - 1)
  return within(zoned ? time : time - displayOffsetMs)
}

const within = (time: number): number | undefined => (Math.abs(time) <= maxTime ? time : undefined)
