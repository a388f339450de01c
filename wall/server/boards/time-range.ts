import { IocError } from '@ioc/contract/errors.ts'
import type { Board } from '../../shared/boards/board.ts'
import { parseTime, type RawRange, resolveRange, type TimeRange } from '../../shared/time-range.ts'
import type { Macros } from './interpolate.ts'

/** The longest range that one request may ask for, in ms. */
const maxRangeMs = 20 * 366 * 86_400_000
/** How far from 1970 a time may be, in ms: the store counts nanoseconds in 64 bits. */
const maxTimeMs = 9.2e12

/**
 * Reads a time range as Grafana writes it.
 * @throws IocError PAYLOAD_INVALID
 */
export function parseRange(from: string, to: string, now: number): TimeRange {
  const [start, end] = [parseTime(from, now), parseTime(to, now, true)]
  for (const [name, ts] of Object.entries({ from: start, to: end })) {
    if (ts === undefined || Math.abs(ts) > maxTimeMs)
      throw new IocError(
        'PAYLOAD_INVALID',
        `${name} is not a time: use now-6h, now/d, milliseconds since 1970 or ISO 8601`,
      )
  }
  const range = { from: start as number, to: end as number }
  if (range.from >= range.to) throw new IocError('PAYLOAD_INVALID', 'from is not before to')
  if (range.to - range.from > maxRangeMs)
    throw new IocError('PAYLOAD_INVALID', 'the time range is longer than 20 years')
  return range
}

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

const unitMs = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 7 * 86_400_000 } as const

/** A duration of a board, as `10s` or `>1m`. @throws IocError PAYLOAD_INVALID */
export function durationMs(text: string): number {
  const [, count, unit] = /^>?(\d{1,9})(ms|[smhdw])$/.exec(text) ?? []
  if (count === undefined) throw new IocError('PAYLOAD_INVALID', `${text} is not a duration such as 10s or 1h`)
  return Number(count) * unitMs[unit as keyof typeof unitMs]
}

/** Writes an interval as InfluxQL reads it. */
const influxDuration = (ms: number): string => (ms % 1000 === 0 ? `${ms / 1000}s` : `${ms}ms`)

/** How old an answer may be, in ms: as long as the interval of the panel, within these. */
const minKeepMs = 5_000
const maxKeepMs = 30_000

/** How long an answer is kept: walls that ask within it ask the same question. */
function keepMsOf({ refresh }: Pick<Board, 'refresh'>, interval_ms: number): number {
  const refreshMs = refresh !== undefined && /^\d+(ms|[smhdw])$/.test(refresh) ? durationMs(refresh) : 0
  return Math.min(Math.max(interval_ms, minKeepMs, refreshMs), maxKeepMs)
}

/** What stands for the time range and the interval in a query. */
function macrosOf({ from, to }: TimeRange, interval_ms: number): Macros {
  const timeFilter = `time >= ${from}ms AND time <= ${to}ms`
  const interval = influxDuration(interval_ms)
  return {
    timeFilter,
    __timeFilter: timeFilter,
    interval,
    __interval: interval,
    __interval_ms: String(interval_ms),
    __from: String(from),
    __to: String(to),
    __range_s: String(Math.round((to - from) / 1000)),
  }
}

/** What the queries of a panel, or of the annotations, ask for. */
export interface Question {
  readonly range: TimeRange
  readonly interval_ms: number
  readonly keepMs: number
  readonly macros: Macros
}

/**
 * The question that a request asks: `now` is rounded down to the time that an answer is kept for, so that walls that ask
 * within it ask the same. Just after midnight that would leave nothing of `now/d` to `now`: it is then not rounded.
 * @throws IocError PAYLOAD_INVALID
 */
export function questionOf(
  board: Pick<Board, 'refresh'>,
  { from, to }: RawRange,
  width: number,
  minimum: string | undefined,
  now: number,
): Question {
  const exact = parseRange(from, to, now)
  const interval_ms = intervalMs(exact, width, minimum)
  const keepMs = keepMsOf(board, interval_ms)
  const range = resolveRange({ from, to }, Math.floor(now / keepMs) * keepMs) ?? exact
  return { range, interval_ms, keepMs, macros: macrosOf(range, interval_ms) }
}
