import { counterOf } from '../counter.ts'
import { eventAt } from '../events.ts'
import { hourMs, hourOf } from '../local-time.ts'
import type { Model } from '../model.ts'
import { keyOf, poisson, uniform } from '../noise.ts'
import { round } from '../numbers.ts'
import { forKinds, sensor } from '../sources.ts'
import { mmPerTip, weatherAt } from '../weather.ts'

/** Share of the half hours of a fire in which the detector of a post sees smoke; without one, smoke would be a false alarm. */
const smokeShareInFire = 0.3
const smokeMs = hourMs / 2

/** A post of forest rangers. */
export const forestPostModel: Model = {
  name: 'forest_post',
  sources: forKinds(['forest_post'], (site, world) => {
    const key = keyOf(world.seed, 'forest-post', site.site)
    const weather = weatherAt(site, world)
    const isFire = (ts: number) => eventAt(world, 'forest_fire_week', site, ts) !== undefined
    const hourly = (name: string, mean: (ts: number) => number) => {
      const own = keyOf(key, name)
      return counterOf(60, (ts) => poisson(own, Math.floor(ts / hourMs), mean(ts)))
    }
    const isDaytime = (ts: number) => hourOf(ts) >= 6 && hourOf(ts) < 17
    const patrols = hourly('patrols', (ts) => (isDaytime(ts) ? 0.25 : 0.02))
    const violations = hourly('violations', (ts) => (isDaytime(ts) ? 0.004 : 0.002))
    const hotspots = hourly('hotspots', (ts) => (isFire(ts) && isDaytime(ts) ? 0.4 : isFire(ts) ? 0.08 : 0.0008))
    return [
      sensor(site, world, {
        type: 'forest_post',
        device: 'forest-post',
        cadence_s: 600,
        sticks: true,
        measure: (ts, since) => ({
          temperature_c: round(weather.temperature(ts) - 0.8, 1),
          humidity_percent: round(Math.min(100, weather.humidity(ts) + 2), 1),
          wind_kmh: round(weather.windKmh(ts), 1),
          rain_mm: round(weather.tips.between(since, ts) * mmPerTip, 1),
          smoke: isFire(ts) && uniform(key, Math.floor(ts / smokeMs)) < smokeShareInFire,
          patrols: patrols.between(since, ts),
          violations: violations.between(since, ts),
          hotspots: hotspots.between(since, ts),
        }),
      }),
    ]
  }),
}
