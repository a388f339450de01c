import { findDeviceType } from '@ioc/contract/device-types/table.ts'
import type { IndicatorDescriptor, Level, Levels } from '@ioc/contract/messages/live.ts'
import type { District } from '@ioc/runtime/district/district.ts'
import type { Place } from '../engine/place.ts'
import type { MeasuredIndicator } from './indicator.ts'

/** Share of the measurements expected by the cadence of its type that a window needs before its value has a level. */
const minFilledShare = 0.5
/**
 * Measurements that are enough for any window: fewer could all be one outlier. Not more, because a device that reports
 * less often than its type does would never have a level.
 */
const maxRequiredSamples = 3
const dayS = 86_400

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

/** The level of a measured value: 0 until its window has enough measurements. */
export function measuredLevelOf(
  indicator: MeasuredIndicator,
  value: number,
  samples: number,
  levels: Levels | undefined = indicator.levels,
): Level {
  const level = levelOf(value, levels)
  return level === 0 || samples >= requiredSamples(indicator) ? level : 0
}

/** Measurements that a window needs before its value has a level. */
export function requiredSamples({ minSamples, source, window }: MeasuredIndicator): number {
  if (minSamples !== undefined) return minSamples
  // A session has no length that could be filled.
  if (window.kind === 'session') return 1
  const sizeS = window.kind === 'calendar' ? dayS : window.size_s
  const expected = sizeS / (findDeviceType(source)?.cadence_s ?? sizeS)
  return Math.max(1, Math.min(maxRequiredSamples, Math.ceil(expected * minFilledShare)))
}
