import type { CaseFigures } from './case-indicator.ts'
import type { Levels } from './indicator.ts'
import { percentOf } from './ratios.ts'
import { unconfirmed } from './unconfirmed.ts'
import { reasons } from './words.ts'

/** Formulas of figures of cases, and what indicators of cases share. */

export const places = ['site', 'area', 'district'] as const
/** Shared by what is grouped: every value of the attribute has each of these keys. */
export const groupedPlaces = ['site', 'district'] as const

const dayMs = 86_400_000
const days = (ms: number | undefined): number | undefined => (ms === undefined ? undefined : ms / dayMs)

export const received = ({ received: count }: CaseFigures) => count
export const resolved = ({ closed }: CaseFigures) => closed
export const inProcess = ({ backlog }: CaseFigures) => backlog
export const overdue = ({ overdue: count }: CaseFigures) => count
export const resolvedLate = ({ closed, closedOnTime }: CaseFigures) => closed - closedOnTime
/** All that were closed or should have been. */
export const dueOrResolved = ({ closed, overdue: pending }: CaseFigures) => closed + pending
/** All that were late: closed after the due time, or open after it. */
export const late = ({ closed, closedOnTime, overdue: pending }: CaseFigures) => closed - closedOnTime + pending
export const onTimePercent = (figures: CaseFigures) => percentOf(figures.closedOnTime, dueOrResolved(figures))
export const handlingMeanDays = ({ handlingMeanMs }: CaseFigures) => days(handlingMeanMs)
export const handlingMedianDays = ({ handlingQuantileMs }: CaseFigures) => days(handlingQuantileMs(0.5))
export const handlingP95Days = ({ handlingQuantileMs }: CaseFigures) => days(handlingQuantileMs(0.95))

/**
 * One late case of twenty is a share of 5 %. On the first days of a month there are fewer, and what is overdue from the month
 * before is all that there is: its share on time would be 0.
 */
export const minClosedOfShare = 20
export const onTimeFormula = '100 × closed on or before due ÷ (closed + overdue at the end)'
export const onTimeUnconfirmed = reasons(unconfirmed.onTimeFormula, unconfirmed.startingLevels)
export const punctual = { direction: 'below', attention: 98, warning: 95, critical: 90 } as const satisfies Levels

/** A share of cases: 0 where no case of the window meets the condition, none where there is no case at all. */
export const shareOf = ({
  part: [part = 0],
  all: [all],
}: Readonly<Record<'part' | 'all', readonly (number | undefined)[]>>) =>
  all === undefined ? undefined : percentOf(part, all)
