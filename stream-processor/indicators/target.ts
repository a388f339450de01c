import type { IndicatorDescriptor } from '@ioc/contract/messages/live.ts'
import type { District } from '@ioc/runtime/district/district.ts'
import { targetAt } from '@ioc/runtime/district/target-at.ts'
import type { Place } from '../engine/place.ts'

/** The target of an indicator at a place, for the window that ends at `ts`, in ms; undefined: there is none. */
export type TargetOf = (
  indicator: Pick<IndicatorDescriptor, 'id' | 'target'>,
  place: Pick<Place, 'scope' | 'key' | 'group'>,
  ts: number,
) => number | undefined

export const declaredTarget: TargetOf = ({ target }) => target

/** The targets of a district; where it has none for a place, the one that is declared. */
export function targetsOf({ described: { targets } }: Pick<District, 'described'>): TargetOf {
  const byIndicator = Map.groupBy(targets, ({ indicator }) => indicator)
  return ({ id, target }, place, ts) => {
    const own = byIndicator.get(id)
    // A window is stamped with its end: that of December with the first moment of January.
    return (own && targetAt(own, id, place, ts - 1)?.value) ?? target
  }
}
