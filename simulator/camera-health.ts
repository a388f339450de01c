import type { Site } from '@ioc/contract/district/sites.ts'
import { eventAt } from './events.ts'
import { hourMs, minuteMs } from './local-time.ts'
import type { World } from './model.ts'
import { keyOf, uniform } from './noise.ts'
import { powerAt } from './power.ts'

export interface CameraHealth {
  readonly state: 'online' | 'degraded' | 'offline'
  readonly recording: boolean
}

const offlineShare = 0.0003
const degradedShare = 0.004
const unrecordedShare = 0.0002

/** How a camera is: now and then one is away, or bad, for part of an hour. */
export function cameraHealth(site: Site, world: World, ts: number): CameraHealth {
  const offline = { state: 'offline', recording: false } as const
  if (eventAt(world, 'dead_camera', site, ts) || !powerAt(site, world, ts).network) return offline
  const key = keyOf(world.seed, 'camera', site.site)
  const hour = Math.floor(ts / hourMs)
  const minute = (ts - hour * hourMs) / minuteMs
  const began = 40 * uniform(key, 2 * hour + 1)
  if (minute < began || minute > began + 18) return { state: 'online', recording: true }
  const drawn = uniform(key, 2 * hour)
  if (drawn < offlineShare) return offline
  if (drawn < offlineShare + degradedShare) return { state: 'degraded', recording: true }
  return { state: 'online', recording: drawn > offlineShare + degradedShare + unrecordedShare }
}
