import type { CalendarUnit } from '@ioc/contract/messages/live.ts'
import type { CaseWindow } from '../../indicators/case-indicator.ts'

const dayMs = 86_400_000
/** Asia/Ho_Chi_Minh is UTC+7 all year, and has been since 1975. */
const localMs = 7 * 3_600_000

const unitMonths = { month: 1, quarter: 3, year: 12 } as const
/** The longest that a unit can be, in ms. */
const longestUnitMs = { day: dayMs, month: 31 * dayMs, quarter: 92 * dayMs, year: 366 * dayMs } as const

/** The first end of a window that is later than `t`, in ms. */
export function endAfter(window: CaseWindow, t: number): number {
  if (window.kind === 'calendar') return unitBoundary(window.unit, t, 1)
  const everyMs = everySeconds(window) * 1000
  return (Math.floor(t / everyMs) + 1) * everyMs
}

/** Where the window that ends at `end` starts, in ms. */
export function startOf(window: CaseWindow, end: number): number {
  return window.kind === 'calendar' ? unitBoundary(window.unit, end - 1, 0) : end - window.size_s * 1000
}

/** How long a window is at most, in ms. */
export function longestOf(window: CaseWindow): number {
  return window.kind === 'calendar' ? longestUnitMs[window.unit] : window.size_s * 1000
}

/** Panes `[originMs + p·stepMs, originMs + (p+1)·stepMs)`. */
export interface PaneGrid {
  readonly originMs: number
  readonly stepMs: number
}

/** The coarsest panes that every start and end of these windows falls between. */
export function gridOf(windows: readonly CaseWindow[]): PaneGrid {
  const calendar = windows.some(({ kind }) => kind === 'calendar')
  const lengths = windows.flatMap((window) =>
    window.kind === 'calendar'
      ? [dayMs]
      : // Its ends are counted from 1970 in UTC: beside a calendar the panes must meet both midnights.
        [window.size_s * 1000, everySeconds(window) * 1000, ...(calendar ? [localMs] : [])],
  )
  return { originMs: calendar ? -localMs : 0, stepMs: lengths.reduce(greatestCommonDivisor) }
}

function everySeconds(window: Exclude<CaseWindow, { kind: 'calendar' }>): number {
  return window.kind === 'sliding' ? window.every_s : window.size_s
}

/** The local midnight at which the unit that holds `t` starts, or `later` units after it, in ms. */
function unitBoundary(unit: CalendarUnit, t: number, later: 0 | 1): number {
  const local = t + localMs
  if (unit === 'day') return (Math.floor(local / dayMs) + later) * dayMs - localMs
  const date = new Date(local)
  const months = unitMonths[unit]
  const first = date.getUTCMonth() - (date.getUTCMonth() % months)
  return Date.UTC(date.getUTCFullYear(), first + later * months) - localMs
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b)
}
