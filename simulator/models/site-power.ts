import { hourMs, minuteMs } from '../local-time.ts'
import type { Model } from '../model.ts'
import { keyOf, uniform, wave } from '../noise.ts'
import { round } from '../numbers.ts'
import { powerAt } from '../power.ts'
import { forKinds, isFifth, sensor } from '../sources.ts'

/** Power and network of sites in the field, and of those that must not fail. */
export const sitePowerModel: Model = {
  name: 'site_power',
  sources: forKinds(
    [
      ...(['commune_office', 'one_stop', 'health_centre', 'clinic', 'camera_pole', 'high_camera'] as const),
      ...(['weather_station', 'air_station', 'rain_gauge', 'river_station', 'reservoir', 'water_station'] as const),
      ...(['soil_station', 'forest_post', 'market'] as const),
    ],
    (site, world) => {
      const key = keyOf(world.seed, 'site-power', site.site)
      const load = 12 + 60 * uniform(key, 0)
      const distance = 8 + 20 * uniform(key, 1)
      return [
        sensor(site, world, {
          type: 'site_power',
          device: 'power',
          cadence_s: 60,
          fill_cadence_s: 900,
          measure(ts, since) {
            const power = powerAt(site, world, ts)
            return {
              mains: power.mains,
              battery_percent: round(power.battery, 1),
              network: power.network,
              // Without mains, all of it is watched.
              ...((isFifth(since, ts) || !power.mains) && {
                mains_v: power.mains ? round(224 + 5 * wave(key, ts, hourMs) + 2 * wave(key, ts, 4 * minuteMs), 1) : 0,
                battery_minutes: round((power.fullMinutes * power.battery) / 100),
                load_w: power.battery > 0 ? round(load * (1 + 0.1 * wave(key, ts, 20 * minuteMs)), 1) : 0,
                loss_percent: power.network ? round(Math.max(0, 0.5 + 0.8 * wave(key, ts, 11 * minuteMs)), 2) : 100,
                // What does not answer has no latency.
                ...(power.network && { latency_ms: round(distance * (1.1 + 0.4 * wave(key, ts, 6 * minuteMs)), 1) }),
              }),
            }
          },
        }),
      ]
    },
  ),
}
