import type { Site } from '@ioc/contract/district/sites.ts'
import { eventAt } from './events.ts'
import { minuteMs } from './local-time.ts'
import type { World } from './model.ts'
import { keyOf, uniform } from './noise.ts'

export interface Power {
  readonly mains: boolean
  /** Of the battery, 0 to 100. */
  readonly battery: number
  /** How long a full battery runs the site, in minutes. */
  readonly fullMinutes: number
  readonly network: boolean
}

/** The transmitter that sites are connected through has a battery, too: it lasts about an hour. */
const networkMinutes = 60

/** Power of a site. Without mains its battery falls, and the network goes. */
export function powerAt(site: Site, world: World, ts: number): Power {
  const key = keyOf(world.seed, 'power', site.site)
  const fullMinutes = Math.round(150 + 200 * uniform(key, 0))
  const cut = eventAt(world, 'power_cut', site, ts)
  if (!cut) return { mains: true, battery: 100, fullMinutes, network: true }
  const minutes = (ts - cut.from) / minuteMs
  const battery = Math.max(0, 100 * (1 - minutes / fullMinutes))
  const network = battery > 0 && minutes < networkMinutes * (0.7 + 0.6 * uniform(key, 1))
  return { mains: false, battery, fullMinutes, network }
}
