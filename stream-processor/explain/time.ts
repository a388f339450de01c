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
