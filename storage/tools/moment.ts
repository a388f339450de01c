import { IocError } from '@ioc/contract/errors.ts'

const unitMs: Readonly<Record<string, number>> = {
  s: 1e3,
  m: 60e3,
  h: 3_600e3,
  d: 86_400e3,
  w: 604_800e3,
  y: 31_536_000e3,
}

/**
 * A time as people give it, in ns: RFC 3339, local date and time (`2026-01-31`, `2026-01-31T08:00`), or so long ago
 * (`-7d`).
 * @throws IocError OPTION_INVALID
 */
export function parseMoment(text: string, nowMs: number): bigint {
  const ago = /^-(\d+)([smhdwy])$/.exec(text)
  // A date alone would be taken for UTC.
  const ms = ago
    ? nowMs - Number(ago[1]) * (unitMs[ago[2] ?? ''] ?? Number.NaN)
    : Date.parse(/^\d{4}-\d\d-\d\d$/.test(text) ? `${text}T00:00` : text)
  if (!Number.isFinite(ms) || (!ago && !/^\d{4}-\d\d-\d\d/.test(text))) {
    throw new IocError('OPTION_INVALID', `${text} is no time: say 2026-01-31, 2026-01-31T08:00+07:00, or -7d`)
  }
  return BigInt(Math.round(ms)) * 1_000_000n
}

/** How long a span such as `90d` is, in ns; undefined for text that is none. */
export function parseSpan(text: string): bigint | undefined {
  const [, count, unit = ''] = /^(\d+)([smhdwy])$/.exec(text) ?? []
  const each = unitMs[unit]
  return count === undefined || each === undefined ? undefined : BigInt(count) * BigInt(each) * 1_000_000n
}
