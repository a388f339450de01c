export { displayZone } from '@ioc/contract/display-zone.ts'

/** The offset from UTC, which has not changed since 1975. */
export const displayOffset = '+07:00'
export const displayOffsetMs = 7 * 3_600_000

/** A time in the display zone, to the second, or to the millisecond where it has some: `2026-11-24 17:00:00`. */
export function displayTime(ms: number): string {
  return utcTime(ms + displayOffsetMs)
}

/** The same in UTC. */
export function utcTime(ms: number): string {
  return new Date(ms).toISOString().replace('T', ' ').replace('Z', '').replace('.000', '')
}

/** As RFC 3339, to the second, with the offset of the display zone: `2026-11-24T17:00:00+07:00`. */
export function displayStamp(ms: number): string {
  return `${new Date(ms + displayOffsetMs).toISOString().slice(0, 19)}${displayOffset}`
}
