import { describe, expect, it } from 'vitest'
import { includesPresent, panelRange, parseTime, resolveRange, startOf } from './time-range.ts'

/** Monday, 30 November 2026, 09:15:20 in Đơn Dương. */
const now = Date.parse('2026-11-30T09:15:20+07:00')
const at = (text: string) => Date.parse(`${text}+07:00`)

describe('times as Grafana writes them', () => {
  it.each([
    ['now', now, now],
    ['now-6h', now - 6 * 3_600_000, now - 6 * 3_600_000],
    ['now-1d+30m', now - 86_400_000 + 1_800_000, now - 86_400_000 + 1_800_000],
    ['now/d', at('2026-11-30T00:00:00'), at('2026-11-30T23:59:59.999')],
    ['now-1d/d', at('2026-11-29T00:00:00'), at('2026-11-29T23:59:59.999')],
    ['now/w', at('2026-11-30T00:00:00'), at('2026-12-06T23:59:59.999')],
    ['now-1w/w', at('2026-11-23T00:00:00'), at('2026-11-29T23:59:59.999')],
    ['now/M', at('2026-11-01T00:00:00'), at('2026-11-30T23:59:59.999')],
    ['now-1M/M', at('2026-10-01T00:00:00'), at('2026-10-31T23:59:59.999')],
    ['now/Q', at('2026-10-01T00:00:00'), at('2026-12-31T23:59:59.999')],
    ['now/y', at('2026-01-01T00:00:00'), at('2026-12-31T23:59:59.999')],
    ['now/h', at('2026-11-30T09:00:00'), at('2026-11-30T09:59:59.999')],
    ['1796004920000', 1_796_004_920_000, 1_796_004_920_000],
    ['2026-11-29', at('2026-11-29T00:00:00'), at('2026-11-29T23:59:59.999')],
    ['2026-11-29 14:05', at('2026-11-29T14:05:00'), at('2026-11-29T14:05:00')],
    ['2026-11-29T07:05:00Z', at('2026-11-29T14:05:00'), at('2026-11-29T14:05:00')],
    ['2026-11-29T14:05:00+07:00', at('2026-11-29T14:05:00'), at('2026-11-29T14:05:00')],
  ])('reads %s at either end of a range', (text, start, end) => {
    expect(parseTime(text, now)).toBe(start)
    expect(parseTime(text, now, true)).toBe(end)
  })

  it.each(['', 'now-6', 'now-6x', 'now-6H', 'yesterday', '2026-13-01', '99999999999999999', "now' OR 1=1", 'now/'])(
    'rejects %j',
    (text) => {
      expect(parseTime(text, now)).toBeUndefined()
    },
  )

  it('takes the last day where a month is shorter', () => {
    expect(parseTime('now-1M', at('2026-03-31T08:00:00'))).toBe(at('2026-02-28T08:00:00'))
    expect(parseTime('now-1y', at('2028-02-29T08:00:00'))).toBe(at('2027-02-28T08:00:00'))
  })

  it('begins days in Đơn Dương, not in UTC', () => {
    expect(startOf(at('2026-11-30T03:00:00'), 'd')).toBe(at('2026-11-30T00:00:00'))
    expect(startOf(at('2026-12-01T00:30:00'), 'M')).toBe(at('2026-12-01T00:00:00'))
  })

  it('has no empty range', () => {
    expect(resolveRange({ from: 'now-6h', to: 'now' }, now)).toEqual({ from: now - 6 * 3_600_000, to: now })
    expect(resolveRange({ from: 'now', to: 'now-6h' }, now)).toBeUndefined()
    expect(resolveRange({ from: 'x', to: 'now' }, now)).toBeUndefined()
  })
})

describe('the range of a panel', () => {
  it.each([
    [undefined, 'now-6h', { from: 'now-6h', to: 'now' }],
    ['30d', 'now-6h', { from: 'now-30d', to: 'now' }],
    ['now/d', 'now-6h', { from: 'now/d', to: 'now/d' }],
    ['30d', '1764460800000', { from: '1764460800000', to: 'now' }],
  ])('with its own one of %s, from %s', (timeFrom, from, expected) => {
    expect(panelRange(timeFrom, { from, to: 'now' })).toEqual(expected)
  })

  it.each([
    ['now', true],
    ['now/d', true],
    ['now+1h', true],
    ['now-1h', false],
    ['now-1d/d', false],
    [String(now - 60_000), false],
    [String(now + 60_000), false],
  ])('that ends at %s includes the present: %s', (to, expected) => {
    expect(includesPresent(to, now)).toBe(expected)
  })
})
