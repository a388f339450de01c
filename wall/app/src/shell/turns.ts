import { startOf } from '../../../shared/time-range.ts'

/** When a wall loads the page again, after midnight of its clock: 03:30. */
const nightReloadMs = 3.5 * 3_600_000
const dayMs = 86_400_000

/** Of boards and their indicators: whether there is a value to show. A board without indicators shows what is always there. */
export function boardsWithData(
  uids: readonly string[],
  indicatorsOf: ReadonlyMap<string, readonly string[]>,
  ids: ReadonlySet<string>,
): string[] {
  return uids.filter((uid) => {
    const own = indicatorsOf.get(uid)
    return own !== undefined && (own.length === 0 || own.some((id) => ids.has(id)))
  })
}

/** The board after the present one; one that is in no list is a detour, after which the list goes on. */
export function nextBoard(uids: readonly string[], withData: readonly string[], current: string): string | undefined {
  const start = uids.indexOf(current)
  for (let step = 1; step <= uids.length; step++) {
    const uid = uids[(start + step + uids.length) % uids.length]
    if (uid !== undefined && uid !== current && withData.includes(uid)) return uid
  }
  return undefined
}

/** Where a part of a board begins and ends, in px from the top of the page. */
export interface Extent {
  readonly top: number
  readonly bottom: number
}

/**
 * Where the next screen of a board begins, in px from the top of the page: at the first part that is not shown whole, or
 * within it where it is longer than a screen. undefined: the screen shows the last part.
 */
export function nextScreen(parts: readonly Extent[], screen: Extent): number | undefined {
  // Positions on a screen are no whole pixels.
  const tolerance = 1
  const below = parts.filter(({ bottom }) => bottom > screen.bottom + tolerance)
  if (below.length === 0) return undefined
  const first = Math.min(...below.map(({ top }) => top))
  return first > screen.top + tolerance ? first : screen.bottom
}

/** The next time at which a wall loads the page again. */
export function nightAfter(ts: number): number {
  const today = startOf(ts, 'd') + nightReloadMs
  return today > ts ? today : today + dayMs
}
