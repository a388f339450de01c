import type { Site } from '@ioc/contract/district/sites.ts'
import { eventAt } from './events.ts'
import { hourMs } from './local-time.ts'
import type { World } from './model.ts'
import { keyOf, wave } from './noise.ts'
import { ramp } from './numbers.ts'

/** Smoke and smog of an event in the air of a site, as µg/m³ of PM2.5. */
export function smokeOf(site: Site, world: World, ts: number): number {
  const key = keyOf(world.seed, 'smoke', site.site)
  let smoke = 0
  const smog = eventAt(world, 'smog_night', site, ts)
  if (smog) {
    const span = smog.to - smog.from
    const rises = ramp(ts, smog.from, smog.from + span / 3) * (1 - ramp(ts, smog.to - span / 4, smog.to))
    smoke += 130 * rises * (1 + 0.12 * wave(key, ts, hourMs))
  }
  const fire = eventAt(world, 'forest_fire_week', site, ts)
  if (fire) smoke += ramp(ts, fire.from, fire.from + 12 * hourMs) * (28 + 24 * wave(key, ts, 5 * hourMs))
  return smoke
}
