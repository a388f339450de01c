import Type from 'typebox'

/** A year, a quarter or a month, as `2026`, `2026-Q4` or `2026-11`. YAML reads a year as a number. */
export const PeriodName = Type.Union(
  [Type.Integer({ minimum: 1900, maximum: 2999 }), Type.String({ pattern: '^[12]\\d{3}(-(Q[1-4]|0[1-9]|1[0-2]))?$' })],
  { description: 'a period: a year as 2026, a quarter as 2026-Q4, or a month as 2026-11' },
)

/** Days in Asia/Ho_Chi_Minh, the first included, the one after the last not, as `2026-11-01`. */
export interface Days {
  readonly from: string
  readonly to: string
}

/** The days of a year, quarter, month or day; `undefined` where the text names none. */
export function daysOf(period: string): Days | undefined {
  const found = /^(\d{4})(?:-(?:Q([1-4])|(\d\d)(?:-(\d\d))?))?$/.exec(period)
  if (!found) return undefined
  const [, year, quarter, month, day] = found.map((part) => (part === undefined ? undefined : Number(part)))
  if (year === undefined) return undefined
  const start = (of: number, at = 1) => new Date(Date.UTC(year, of - 1, at)).toISOString().slice(0, 10)
  if (day !== undefined && month !== undefined) {
    const from = start(month, day)
    return from === period ? { from, to: start(month, day + 1) } : undefined
  }
  if (month !== undefined) return month >= 1 && month <= 12 ? { from: start(month), to: start(month + 1) } : undefined
  if (quarter !== undefined) return { from: start(3 * quarter - 2), to: start(3 * quarter + 1) }
  return { from: start(1), to: start(13) }
}
