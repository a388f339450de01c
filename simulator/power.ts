import type { Site } from '@ioc/contract/district/sites.ts'
import { eventAt } from './events.ts'
import { minuteMs } from './local-time.ts'
import type { World } from './model.ts'
import { keyOf, uniform } from './noise.ts'
import type { ScenarioEvent } from './scenarios/scenario.ts'

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
/** An empty battery is full again so long after the mains are back, in minutes. */
const chargeMinutes = 240
/** How exactly the end of the last cut is looked for, in minutes. */
const stepMinutes = 30

/** Power of a site. Without mains its battery falls, and the network goes; with them it charges again. */
export function powerAt(site: Site, world: World, ts: number): Power {
  const key = keyOf(world.seed, 'power', site.site)
  const fullMinutes = Math.round(150 + 200 * uniform(key, 0))
  /** Of the battery, so long after the mains went. */
  const left = (minutes: number) => Math.max(0, 100 * (1 - minutes / fullMinutes))
  const cut = lastCut(site, world, ts)
  if (!cut) return { mains: true, battery: 100, fullMinutes, network: true }
  const minutes = (ts - cut.from) / minuteMs
  if (ts > cut.to) {
    const charged = (100 * (ts - cut.to)) / minuteMs / chargeMinutes
    const battery = Math.min(100, left((cut.to - cut.from) / minuteMs) + charged)
    return { mains: true, battery, fullMinutes, network: true }
  }
  const battery = left(minutes)
  const network = battery > 0 && minutes < networkMinutes * (0.7 + 0.6 * uniform(key, 1))
  return { mains: false, battery, fullMinutes, network }
}

/** The cut that is on, or the one from which batteries are still charging. */
function lastCut(site: Site, world: World, ts: number): ScenarioEvent | undefined {
  for (let ago = 0; ago <= chargeMinutes; ago += stepMinutes) {
    const cut = eventAt(world, 'power_cut', site, ts - ago * minuteMs)
    if (cut) return cut
  }
  return undefined
}
