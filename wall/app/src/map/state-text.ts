import { formatNumber } from '../format.ts'
import { sayLevel } from '../words.ts'
import type { MapPlace } from './places.ts'
import { mapWord } from './words.ts'

/** What is not as it should be at a place, in words; empty where all is well. */
export function stateOf(place: MapPlace): string {
  const words = [
    ...(place.level > 0 ? [sayLevel(place.level)] : []),
    ...(place.silent ? [mapWord('silent')] : []),
    ...(place.someSilent ? [someSilentText(place.someSilent)] : []),
    ...(place.note === undefined ? [] : [place.note]),
  ]
  return words.join(' · ')
}

const someSilentText = ({ silent, all }: NonNullable<MapPlace['someSilent']>): string =>
  `${formatNumber(silent)}/${formatNumber(all)} ${mapWord('someSilent')}`
