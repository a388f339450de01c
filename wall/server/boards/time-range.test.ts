import { describe, expect, test } from 'vitest'
import { durationMs, intervalMs, parseRange, questionOf } from './time-range.ts'

/** Monday, 30 November 2026, 09:14:05 in Asia/Ho_Chi_Minh. */
const now = Date.parse('2026-11-30T09:14:05+07:00')
const local = (ms: number) => new Date(ms + 7 * 3_600_000).toISOString().replace('Z', '')

describe('a time range', () => {
  test.each<[from: string, to: string, expected: [string, string]]>([
    ['now-6h', 'now', ['2026-11-30T03:14:05.000', '2026-11-30T09:14:05.000']],
    ['now/d', 'now/d', ['2026-11-30T00:00:00.000', '2026-11-30T23:59:59.999']],
    ['now-1d/d', 'now-1d/d', ['2026-11-29T00:00:00.000', '2026-11-29T23:59:59.999']],
    ['now-1w/w', 'now/w', ['2026-11-23T00:00:00.000', '2026-12-06T23:59:59.999']],
    ['now/M', 'now', ['2026-11-01T00:00:00.000', '2026-11-30T09:14:05.000']],
    ['now-1M/M', 'now-1M/M', ['2026-10-01T00:00:00.000', '2026-10-31T23:59:59.999']],
    ['now-9M', 'now', ['2026-02-28T09:14:05.000', '2026-11-30T09:14:05.000']],
    ['now/Q', 'now/y', ['2026-10-01T00:00:00.000', '2026-12-31T23:59:59.999']],
    ['now-1h/h', 'now+30m', ['2026-11-30T08:00:00.000', '2026-11-30T09:44:05.000']],
    ['1796004845000', '1796004846000', ['2026-11-30T09:14:05.000', '2026-11-30T09:14:06.000']],
    ['2026-11-30', '2026-11-30 08:30:00', ['2026-11-30T00:00:00.000', '2026-11-30T08:30:00.000']],
    ['2026-11-30T00:00:00Z', '2026-11-30T08:30:00.500+07:00', ['2026-11-30T07:00:00.000', '2026-11-30T08:30:00.500']],
  ])('from %s to %s', (from, to, expected) => {
    const range = parseRange(from, to, now)
    expect([local(range.from), local(range.to)]).toEqual(expected)
  })

  test.each<[from: string, to: string, reason: RegExp]>([
    ['yesterday', 'now', /from is not a time/],
    ['now-6', 'now', /from is not a time/],
    ["now-1h' OR 1=1", 'now', /from is not a time/],
    ['now', '2026-13-01', /to is not a time/],
    ['now', 'now-1h', /not before/],
    ['now-50y', 'now', /20 years/],
    ['99999999999999999', 'now', /from is not a time/],
  ])('from %s to %s is refused', (from, to, reason) => {
    expect(() => parseRange(from, to, now)).toThrow(reason)
  })
})

describe('an interval', () => {
  const hour = 3_600_000
  test.each<[rangeMs: number, width: number, minimum: string | undefined, expected_s: number]>([
    [hour, 1_000, undefined, 5],
    [hour, 1_000, '10s', 10],
    [6 * hour, 1_000, '>1m', 60],
    [30 * 24 * hour, 1_000, '10s', 3_600],
    [30 * 24 * hour, 100, '1h', 43_200],
    [1_000, 8_000, undefined, 1],
  ])('of %i ms on %i px, at least %s, is %i s', (to, width, minimum, expected_s) => {
    expect(intervalMs({ from: 0, to }, width, minimum)).toBe(expected_s * 1000)
    expect(to / intervalMs({ from: 0, to }, width, minimum)).toBeLessThanOrEqual(width)
  })

  test('must be one', () => {
    expect(durationMs('250ms')).toBe(250)
    expect(() => durationMs('soon')).toThrow(/not a duration/)
  })
})

describe('a question', () => {
  const ask = (from: string, at: string) =>
    questionOf({ refresh: '30s' }, { from, to: 'now' }, 1_000, undefined, Date.parse(`2026-11-30T${at}+07:00`))

  test('is the same for all who ask within the time that its answer is kept', () => {
    expect(ask('now-6h', '09:14:05')).toEqual(ask('now-6h', '09:14:29'))
    expect(ask('now-6h', '09:14:05')).not.toEqual(ask('now-6h', '09:14:30'))
  })

  test('about today is answered just after midnight too', () => {
    const { range } = ask('now/d', '00:00:12')
    expect([local(range.from), local(range.to)]).toEqual(['2026-11-30T00:00:00.000', '2026-11-30T00:00:12.000'])
  })
})
