import { localOffsetMs } from '../engine/windows/ends.ts'

/** A time in Asia/Ho_Chi_Minh, to the second, or to the millisecond where it has some: `2026-11-24 17:00:00`. */
export function sayTime(ms: number): string {
  return new Date(ms - localOffsetMs).toISOString().replace('T', ' ').replace('Z', '').replace('.000', '')
}

export function sayTimes(from: number, to: number): string {
  return `from ${sayTime(from)} to ${sayTime(to)}`
}

/** In UTC, as ISO 8601 writes it. */
export function sayUtc(ms: number): string {
  return new Date(ms).toISOString().replace('.000', '')
}

/** Milliseconds since 1970, or ISO 8601; without a time zone it is the time in Asia/Ho_Chi_Minh. NaN: neither. */
export function parseTime(text: string): number {
  if (/^\d+$/.test(text)) return Number(text)
  const [, day, time = 'T00:00', zone = '+07:00'] =
    /^(\d{4}-\d\d-\d\d)([T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?)?(Z|[+-]\d\d:?\d\d)?$/.exec(text) ?? []
  return Date.parse(`${day}${time.replace(' ', 'T')}${zone}`)
}
