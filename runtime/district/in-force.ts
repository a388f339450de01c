import type { Area } from '@ioc/contract/district/areas.ts'
import { displayOffsetMs } from '../display-time.ts'

const dayMs = 86_400_000

/** The day of Asia/Ho_Chi_Minh at `ts`, in ms since 1970, UTC, as `2025-07-01`. */
export function localDay(ts: number): string {
  return new Date(ts + displayOffsetMs).toISOString().slice(0, 10)
}

export function dayAfter(day: string): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + dayMs).toISOString().slice(0, 10)
}

export function isInForce({ valid_from, valid_to }: Area, day: string): boolean {
  return (valid_from === null || valid_from <= day) && (valid_to === null || day <= valid_to)
}

/**
 * The area in force on `day` that a code stands for: the one that has the code, else the successor of the last one that
 * had it, or of that one's. `undefined` for a code that stands for none.
 */
export function areaOn(areas: readonly Area[], code: string, day: string): Area | undefined {
  const withCode = (wanted: string, on: string) => areas.find((area) => area.code === wanted && isInForce(area, on))
  let area = withCode(code, day) ?? lastBefore(areas, code, day)
  // A successor ends later than its predecessor, so that this comes to an end.
  while (area && !isInForce(area, day)) {
    const { valid_to, successor } = area
    area = valid_to === null || successor === null ? undefined : withCode(successor, dayAfter(valid_to))
  }
  return area
}

/** The last area with a code whose time ended before `day`. */
function lastBefore(areas: readonly Area[], code: string, day: string): Area | undefined {
  let last: Area | undefined
  for (const area of areas) {
    if (area.code !== code || area.valid_to === null || area.valid_to >= day) continue
    if (!last || area.valid_to > (last.valid_to ?? '')) last = area
  }
  return last
}
