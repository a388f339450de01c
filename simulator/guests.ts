import type { Site } from '@ioc/contract/district/sites.ts'
import { eventAt } from './events.ts'
import { hourMs, startOf, weekdayOf } from './local-time.ts'
import type { World } from './model.ts'
import { type Key, keyOf, poisson, uniform } from './noise.ts'
import { clamp } from './numbers.ts'
import { officeOf } from './office.ts'

/** A night at a place of lodging. */
export interface Night {
  readonly rooms: number
  readonly sold: number
  readonly arrivalsDomestic: number
  readonly arrivalsForeign: number
  readonly nightsDomestic: number
  readonly nightsForeign: number
  /** Of the arrivals, those that are not declared to the police. */
  readonly undeclared: number
}

/** Share of the rooms that is sold on the nights of Monday to Sunday. */
const weekShares = [0.34, 0.33, 0.36, 0.4, 0.58, 0.74, 0.5]
const holidayShare = 0.82
const touristShare = 0.96
const foreignShare = 0.09
const guestsPerRoom = 2.1
/** Nights that a guest stays, on average. */
const stay = 1.5
const undeclaredShare = 0.002

/** Whole numbers around `mean`, with a rest that is drawn. */
const drawn = (key: Key, index: number, mean: number) => Math.floor(mean + uniform(key, index))

export function nightAt(site: Site, world: World, day: number): Night {
  const key = keyOf(world.seed, 'lodging', site.site)
  const office = officeOf(world.calendar)
  const rooms = 8 + Math.floor(uniform(key, -1) * 28)
  const evening = startOf(day) + 20 * hourMs
  const isTouristNight = eventAt(world, 'tourist_weekend', site, evening) !== undefined
  const usual = office.isHoliday(day) ? holidayShare : (weekShares[weekdayOf(day) - 1] ?? 0)
  const index = day * 8
  const share = isTouristNight ? touristShare : usual * (0.75 + 0.5 * uniform(key, index))
  const sold = Math.round(clamp(share, 0, 1) * rooms)
  const guests = drawn(key, index + 1, sold * guestsPerRoom)
  const nightsForeign = Math.min(guests, poisson(key, index + 2, guests * foreignShare))
  const nightsDomestic = guests - nightsForeign
  const arrivalsForeign = Math.min(nightsForeign, drawn(key, index + 3, nightsForeign / stay))
  const arrivalsDomestic = Math.min(nightsDomestic, drawn(key, index + 4, nightsDomestic / stay))
  const arrivals = arrivalsForeign + arrivalsDomestic
  const undeclared = Math.min(arrivals, poisson(key, index + 5, arrivals * undeclaredShare))
  return { rooms, sold, arrivalsDomestic, arrivalsForeign, nightsDomestic, nightsForeign, undeclared }
}
