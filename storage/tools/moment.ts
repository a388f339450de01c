const unitMs: Readonly<Record<string, number>> = {
  s: 1e3,
  m: 60e3,
  h: 3_600e3,
  d: 86_400e3,
  w: 604_800e3,
  y: 31_536_000e3,
}

/** How long a span such as `90d` is, in ns; undefined for text that is none. */
export function parseSpan(text: string): bigint | undefined {
  const [, count, unit = ''] = /^(\d+)([smhdwy])$/.exec(text) ?? []
  const each = unitMs[unit]
  return count === undefined || each === undefined ? undefined : BigInt(count) * BigInt(each) * 1_000_000n
}
