import { findDeviceType } from '@ioc/contract/device-types/table.ts'
import type { IndicatorDescriptor, Level, Levels } from '@ioc/contract/messages/live.ts'
import type { District } from '@ioc/runtime/district/district.ts'
import type { Place } from '../engine/place.ts'
import { lengthMs } from '../engine/windows/ends.ts'
import type { CaseIndicator } from './case-indicator.ts'
import type { MeasuredIndicator } from './indicator.ts'

/**
 * Share of a window that must be filled before its value has a level: of its length, and of the measurements expected by
 * the cadence of its type.
 */
const minFilledShare = 0.5
/**
 * Measurements that are enough for any window: fewer could all be one outlier. Not more, because a device that reports
 * less often than its type does would never have a level.
 */
const maxRequiredSamples = 3

/** The levels of an indicator that are in force at a place: the district's for just that place, else the declared ones. */
export type LevelsAt = (
  indicator: Pick<IndicatorDescriptor, 'id' | 'levels'>,
  place: Pick<Place, 'scope' | 'key' | 'group'>,
) => Levels | undefined

/** Where a district sets no levels of its own. */
export const declaredLevels: LevelsAt = ({ levels }) => levels

/** The levels in force under a district. */
export const levelsOf =
  ({ levelsAt }: Pick<District, 'levelsAt'>): LevelsAt =>
  ({ id, levels }, { scope, key, group }) =>
    levelsAt(id, scope, key, group) ?? levels

/** How far a value is from normal, by an indicator's limits. A value on a limit has reached it. */
export function levelOf(value: number, levels: Levels | undefined): Level {
  if (!levels) return 0
  const reached = (limit: number | undefined): boolean =>
    limit !== undefined && (levels.direction === 'above' ? value >= limit : value <= limit)
  if (reached(levels.critical)) return 3
  if (reached(levels.warning)) return 2
  return reached(levels.attention) ? 1 : 0
}

/**
 * The level of a measured value: 0 until its window is filled.
 * @param measuredMs from the first measurement of the series to the end of the window, or to its newest measurement
 * @param levels those in force at the place
 */
export function measuredLevelOf(
  indicator: MeasuredIndicator,
  value: number,
  samples: number,
  measuredMs: number,
  levels: Levels | undefined = indicator.levels,
): Level {
  const level = levelOf(value, levels)
  return level === 0 || (samples >= requiredSamples(indicator) && measuredMs >= requiredMs(indicator)) ? level : 0
}

/** The level of a value of cases: 0 until enough of them were closed in its window. */
export function caseLevelOf(
  { minClosed = 0 }: Pick<CaseIndicator, 'minClosed'>,
  value: number,
  closed: number,
  levels: Levels | undefined,
): Level {
  return closed < minClosed ? 0 : levelOf(value, levels)
}

/** Measurements that a window needs before its value has a level. */
export function requiredSamples({ minSamples, source, window }: MeasuredIndicator): number {
  if (minSamples !== undefined) return minSamples
  const expected = lengthMs(window) / (1000 * (findDeviceType(source)?.cadence_s ?? Number.POSITIVE_INFINITY))
  return Math.max(1, Math.min(maxRequiredSamples, Math.ceil(expected * minFilledShare)))
}

/**
 * How long a series must have been measured before its values have a level, in ms: half of the window. 0 where one
 * measurement is enough. A month, a quarter and a year have the length of the longest one.
 */
export function requiredMs(indicator: MeasuredIndicator): number {
  return requiredSamples(indicator) === 1 ? 0 : lengthMs(indicator.window) * minFilledShare
}
