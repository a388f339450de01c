import { IocError } from '@ioc/contract/errors.ts'
import type { Scope } from '@ioc/contract/messages/live.ts'
import type { Engine } from '../engine/engine.ts'
import type { IndicatorStream } from '../engine/indicator-stream.ts'
import { type Place, placeId } from '../engine/place.ts'
import type { Reader, WindowGroup } from '../engine/plan.ts'
import type { CaseIndicator } from '../indicators/case-indicator.ts'
import type { Indicator } from '../indicators/indicator.ts'
import { nearest } from './near.ts'

/** Keys or groups that an error lists. */
const maxListed = 10

export interface Asked {
  readonly key: string
  readonly scope?: Scope | undefined
  readonly group?: string | undefined
}

/** Where an indicator is computed for a place, and by what. */
export interface Owner {
  readonly stream: IndicatorStream
  readonly series: number
  readonly group: WindowGroup
  readonly reader: Reader
}

/**
 * The place that is asked for; without a scope, the first of the indicator's that knows the key.
 * @throws IocError NOTHING_TO_EXPLAIN saying what there is
 */
export function findPlace(
  engines: readonly Engine[],
  indicator: Indicator | CaseIndicator,
  { key, scope, group }: Asked,
): Place {
  if (scope !== undefined && !indicator.scopes.includes(scope)) {
    throw nothingToExplain(`${indicator.id} has no scope ${scope}; its scopes: ${indicator.scopes.join(', ')}`)
  }
  const scopes = scope === undefined ? indicator.scopes : [scope]
  const all = scopes.flatMap((each) => placesOf(engines, indicator, each))
  const found = all.filter((place) => place.key === key)
  if (found.length === 0) throw nothingToExplain(`${indicator.id} has no key ${key}. ${list('Keys', key, keysOf(all))}`)
  const place = found.find((one) => one.group === group)
  if (place) return place
  const groups = found.flatMap((one) => (one.group === undefined ? [] : [one.group]))
  if (groups.length === 0) throw nothingToExplain(`${indicator.id} has no groups: omit the group`)
  throw nothingToExplain(`${indicator.id} of ${key} is grouped. ${list('Groups', group ?? '', groups)}`)
}

/** Where a measured indicator is computed for a place, in each partition that knows it. */
export function ownersOf(engines: readonly Engine[], indicator: Indicator, place: Place): readonly Owner[] {
  return engines.flatMap(({ windows }) =>
    windows.streams.flatMap((stream) => {
      if (stream.plan.scope !== place.scope) return []
      const group = stream.plan.groups.find(({ readers }) => readers.some((reader) => reader.indicator === indicator))
      const reader = group?.readers.find((one) => one.indicator === indicator)
      const series = stream.windows.findSeries(place)
      return group && reader && series !== undefined ? [{ stream, series, group, reader }] : []
    }),
  )
}

function placesOf(engines: readonly Engine[], indicator: Indicator | CaseIndicator, scope: Scope): readonly Place[] {
  if (indicator.kind === 'cases') {
    const all = engines.flatMap(({ cases }) => cases.current())
    const places = all.filter((one) => one.indicator === indicator && one.place.scope === scope)
    return [...new Map(places.map(({ place }) => [placeId(place), place])).values()]
  }
  if (indicator.kind === 'derived') {
    return Object.values(indicator.inputs).flatMap((input) => placesOf(engines, input.indicator, scope))
  }
  const streams = engines.flatMap(({ windows }) => windows.streams)
  const readers = streams.filter(
    ({ plan }) =>
      plan.scope === scope && plan.groups.some((group) => group.readers.some((one) => one.indicator === indicator)),
  )
  return [
    ...new Map(
      readers
        .flatMap((stream) => stream.windows.places.filter((place) => place !== undefined))
        .map((place) => [placeId(place), place]),
    ).values(),
  ]
}

function keysOf(places: readonly Place[]): readonly string[] {
  return [...new Set(places.map(({ key }) => key))]
}

function list(what: string, word: string, names: readonly string[]): string {
  if (names.length === 0) return `${what}: none yet`
  const near = nearest(word, names)
  const shown = [...new Set([...near, ...names])].slice(0, maxListed)
  const more = new Set(names).size - shown.length
  return `${what}: ${shown.join(', ')}${more > 0 ? `, and ${more} more` : ''}`
}

export function nothingToExplain(message: string): IocError {
  return new IocError('NOTHING_TO_EXPLAIN', message)
}
