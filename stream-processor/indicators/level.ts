import type { Level, Levels } from '@ioc/contract/messages/live.ts'

/** How far a value is from normal, by an indicator's limits. A value on a limit has reached it. */
export function levelOf(value: number, levels: Levels | undefined): Level {
  if (!levels) return 0
  const reached = (limit: number | undefined): boolean =>
    limit !== undefined && (levels.direction === 'above' ? value >= limit : value <= limit)
  if (reached(levels.critical)) return 3
  if (reached(levels.warning)) return 2
  return reached(levels.attention) ? 1 : 0
}
