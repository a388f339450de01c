import { type Aspect, isAbove, type Severity, type ThingId, thingId } from '@ioc/contract/messages/incidents.ts'
import type { Scope } from '@ioc/contract/messages/live.ts'
import { type IndicatorTopic, parseIndicatorThing } from '@ioc/contract/topics.ts'
import type { Graph } from './graph.ts'

/** From the narrowest to the widest. */
const widths: Readonly<Record<Scope, number>> = { device: 0, site: 1, area: 2, district: 3 }

/** A value that is beyond its limit, or was until a moment ago. */
export interface Beyond {
  readonly thing: ThingId
  readonly aspect: Aspect
  readonly severity: Severity
}

/**
 * Whether a value beyond its limit follows from one of the same indicator at a narrower place within it, which is at least as
 * severe: the area's value is high because that of one of its sites is.
 */
export function createScopes(all: readonly Beyond[], graph: Graph): (thing: ThingId, severity: Severity) => boolean {
  const byIndicator = Map.groupBy(
    all.flatMap(({ thing, aspect, severity }) => {
      const at = aspect === 'level' ? parseIndicatorThing(thing) : undefined
      return at ? [{ ...at, severity }] : []
    }),
    seriesOf,
  )
  const siteOf = ({ scope, key }: IndicatorTopic) => (scope === 'device' ? key.split('/', 1)[0] : key) ?? key
  const isWithin = (narrow: IndicatorTopic, wide: IndicatorTopic): boolean => {
    if (widths[narrow.scope] >= widths[wide.scope]) return false
    switch (wide.scope) {
      case 'district':
        return true
      case 'area':
        return graph.factsOf(thingId('site', siteOf(narrow))).area === wide.key
      case 'site':
        return siteOf(narrow) === wide.key
      case 'device':
        return false
      default:
        return wide.scope satisfies never
    }
  }
  return (thing, severity) => {
    const at = parseIndicatorThing(thing)
    const others = at ? (byIndicator.get(seriesOf(at)) ?? []) : []
    return at !== undefined && others.some((one) => isWithin(one, at) && !isAbove(severity, one.severity))
  }
}

const seriesOf = ({ id, group = '' }: IndicatorTopic): string => `${id} ${group}`
