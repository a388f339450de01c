import { IocError } from '@ioc/contract/errors.ts'
import { displayOffset, displayOffsetMs } from '@ioc/runtime/display-time.ts'

export interface TimeRange {
  /** In ms since 1970, UTC. */
  readonly from: number
  readonly to: number
}

const dayMs = 86_400_000
/** Units of fixed length, in ms. Asia/Ho_Chi_Minh has no summer time: its days are all as long. */
const lengths = { s: 1_000, m: 60_000, h: 3_600_000, d: dayMs, w: 7 * dayMs } as const
/** Months of the others. */
const months = { M: 1, Q: 3, y: 12 } as const
type Unit = keyof typeof lengths | keyof typeof months

const relative = /^now(?:[+-]\d{1,6}[smhdwMQy]|\/[smhdwMQy])*$/
/** The longest range that one request may ask for, in ms. */
const maxRangeMs = 20 * 366 * dayMs
/** How far from 1970 a time may be, in ms: the store counts nanoseconds in 64 bits. */
const maxTimeMs = 9.2e12

/**
 * Reads a time range as Grafana writes it: `now-6h`, `now/d`, `now-1d/d`, milliseconds, or ISO 8601. Days, weeks (from
 * Monday), months, quarters and years are those of Asia/Ho_Chi_Minh, and so is a time without an offset.
 * @throws IocError PAYLOAD_INVALID
 */
export function parseRange(from: string, to: string, now: number): TimeRange {
  const range = { from: parseTime(from, 'from', now), to: parseTime(to, 'to', now) }
  if (range.from >= range.to) throw new IocError('PAYLOAD_INVALID', 'from is not before to')
  if (range.to - range.from > maxRangeMs)
    throw new IocError('PAYLOAD_INVALID', 'the time range is longer than 20 years')
  return range
}

/** Whether a time moves with the clock. */
export const isRelative = (text: string): boolean => text.startsWith('now')

function parseTime(text: string, name: 'from' | 'to', now: number): number {
  const ts = isRelative(text) ? parseRelative(text, name, now) : parseAbsolute(text)
  if (ts !== undefined && Math.abs(ts) <= maxTimeMs) return ts
  throw new IocError('PAYLOAD_INVALID', `${name} is not a time: use now-6h, now/d, milliseconds since 1970 or ISO 8601`)
}

function parseAbsolute(text: string): number | undefined {
  if (/^-?\d{1,14}$/.test(text)) return Number(text)
  const [, day, time = '00:00:00', zone = displayOffset] =
    /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?)(Z|[+-]\d\d:\d\d)?)?$/.exec(text) ?? []
  const ts = Date.parse(`${day}T${time}${zone}`)
  return Number.isNaN(ts) ? undefined : ts
}

function parseRelative(text: string, name: 'from' | 'to', now: number): number | undefined {
  if (!relative.test(text)) return undefined
  let ts = now
  for (const [, sign, count, unit] of text.matchAll(/([+\-/])(\d*)([smhdwMQy])/g)) {
    const of = unit as Unit
    if (sign !== '/') ts = add(ts, (sign === '-' ? -1 : 1) * Number(count), of)
    else if (name === 'from') ts = startOf(ts, of)
    // The last moment of it, as Grafana has it.
    else ts = add(startOf(ts, of), 1, of) - 1
  }
  return ts
}

/** Adds units; of months, the day stays, or is the last one of a shorter month. */
function add(ts: number, count: number, unit: Unit): number {
  if (isFixed(unit)) return ts + count * lengths[unit]
  const date = new Date(ts + displayOffsetMs)
  const day = date.getUTCDate()
  date.setUTCDate(1)
  date.setUTCMonth(date.getUTCMonth() + count * months[unit])
  const last = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate()
  date.setUTCDate(Math.min(day, last))
  return date.getTime() - displayOffsetMs
}

function startOf(ts: number, unit: Unit): number {
  const local = ts + displayOffsetMs
  // 1970 began on a Thursday.
  if (unit === 'w') return Math.floor((local + 3 * dayMs) / lengths.w) * lengths.w - 3 * dayMs - displayOffsetMs
  if (isFixed(unit)) return Math.floor(local / lengths[unit]) * lengths[unit] - displayOffsetMs
  const date = new Date(local)
  const month = Math.floor(date.getUTCMonth() / months[unit]) * months[unit]
  return Date.UTC(date.getUTCFullYear(), month) - displayOffsetMs
}

const isFixed = (unit: Unit): unit is keyof typeof lengths => unit in lengths

/** Widths that a value of `$__interval` may have, in seconds, those of Grafana. */
const niceIntervals_s = [
  ...[1, 2, 5, 10, 15, 20, 30, 60, 120, 300, 600, 900, 1_200, 1_800, 3_600, 7_200, 10_800, 21_600, 43_200],
  ...[86_400, 7 * 86_400, 30 * 86_400, 365 * 86_400],
]

/** The interval of a panel's queries, in ms: at most one point for each pixel, and none shorter than the panel says. */
export function intervalMs({ from, to }: TimeRange, width: number, minimum: string | undefined): number {
  const least_s = Math.max((to - from) / 1000 / width, durationMs(minimum ?? '1s') / 1000)
  const nice = niceIntervals_s.find((interval) => interval >= least_s) ?? niceIntervals_s.at(-1) ?? 1
  return nice * 1000
}

/** A duration of a board, as `10s` or `>1m`. @throws IocError PAYLOAD_INVALID */
export function durationMs(text: string): number {
  const [, count, unit] = /^>?(\d{1,9})(ms|[smhdw])$/.exec(text) ?? []
  if (count === undefined) throw new IocError('PAYLOAD_INVALID', `${text} is not a duration such as 10s or 1h`)
  return Number(count) * (unit === 'ms' ? 1 : lengths[unit as keyof typeof lengths])
}

/** Writes an interval as InfluxQL reads it. */
export const influxDuration = (ms: number): string => (ms % 1000 === 0 ? `${ms / 1000}s` : `${ms}ms`)
