import { displayOffset } from '@ioc/runtime/display-time.ts'

/** What `parseTime` reads, for messages. */
export const timeForms = '2026-01-31, 2026-01-31T08:00 in Vietnam, 2026-01-31T08:00Z, now, -90m, -7d, or ms since 1970'

const unitMs: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1e3,
  m: 60e3,
  h: 3_600e3,
  d: 86_400e3,
  w: 604_800e3,
  y: 31_536_000e3,
}

/** The end of the year 9999, in ms: a larger number is no time in ms. */
const maxTimeMs = 253_402_300_799_999

/**
 * A time as people write it, in ms since 1970; `undefined` for what is none. It is RFC 3339, of which the zone
 * (Asia/Ho_Chi_Minh), the seconds and the time of day may be left out; `now`; a span before now, as `-7d` or `now-7d`; or
 * milliseconds since 1970.
 */
export function parseTime(text: string, nowMs: number): number | undefined {
  const trimmed = text.trim()
  if (/^\d+$/.test(trimmed)) return Number(trimmed) <= maxTimeMs ? Number(trimmed) : undefined
  if (trimmed === 'now') return nowMs
  const [, sign, count, unit = ''] = /^(?:now\s*)?([+-])\s*(\d+)(ms|[smhdwy])$/.exec(trimmed) ?? []
  if (count !== undefined) return nowMs + (sign === '-' ? -1 : 1) * Number(count) * (unitMs[unit] ?? Number.NaN)
  return parseDate(trimmed)
}

const date = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d)(:\d\d(?:\.\d+)?)?)?\s?(Z|[+-]\d\d:?\d\d)?$/i

function parseDate(text: string): number | undefined {
  const [, day, time = '00:00', seconds = ':00', zone = displayOffset] = date.exec(text) ?? []
  if (day === undefined) return undefined
  // JavaScript takes 31 February for 3 March.
  const midnight = new Date(`${day}T00:00:00Z`)
  if (Number.isNaN(midnight.getTime()) || midnight.toISOString().slice(0, 10) !== day) return undefined
  const ms = Date.parse(`${day}T${time}${seconds}${zone.toUpperCase().replace(/^([+-]\d\d)(\d\d)$/, '$1:$2')}`)
  return Number.isNaN(ms) ? undefined : ms
}
