import { cameraHealth } from '../camera-health.ts'
import { counterOf } from '../counter.ts'
import { eventAt } from '../events.ts'
import { dayOf, hourMs, hourOf, minuteMs, weekdayOf } from '../local-time.ts'
import type { Model } from '../model.ts'
import { choice, keyOf, poisson, wave } from '../noise.ts'
import { clamp, round } from '../numbers.ts'
import { smokeOf } from '../smoke.ts'
import { forKinds, isDue, sensor } from '../sources.ts'
import { weatherAt } from '../weather.ts'

/** It turns through places that it watches, and stays at each for some minutes. */
const places = 8
const stayMs = 5 * minuteMs
/** What it says beside its state, it says every ten minutes. */
const reportMs = 10 * minuteMs

/** A camera on a high point. */
export const highCameraModel: Model = {
  name: 'high_camera',
  sources: forKinds(['high_camera'], (site, world) => {
    const key = keyOf(world.seed, 'high-camera', site.site)
    const weather = weatherAt(site, world)
    const hourly = (name: string, mean: (ts: number) => number) => {
      const own = keyOf(key, name)
      return counterOf(60, (ts) => poisson(own, Math.floor(ts / hourMs), mean(ts)))
    }
    const intrusions = hourly('intrusions', (ts) => (hourOf(ts) < 5 || hourOf(ts) >= 21 ? 0.05 : 0.01))
    const crowds = hourly('crowds', (ts) => {
      const hour = hourOf(ts)
      return hour >= 6 && hour < 10 ? (weekdayOf(dayOf(ts)) === 7 ? 0.25 : 0.06) : hour >= 16 && hour < 21 ? 0.08 : 0
    })
    const smokes = hourly('smokes', (ts) => (eventAt(world, 'forest_fire_week', site, ts) ? 0.35 : 0.002))
    return [
      sensor(site, world, {
        type: 'high_camera',
        device: 'high-camera',
        cadence_s: 60,
        // Less than its state holds.
        fill_cadence_s: 240,
        measure(ts, since) {
          const { state, recording } = cameraHealth(site, world, ts)
          if (state === 'offline') return { state, recording }
          const haze = 0.4 * smokeOf(site, world, ts) + 6 * weather.rainRate(ts)
          const fog = Math.max(0, weather.humidity(ts) - 92)
          const visibility_km = round(clamp(18 - 0.15 * haze - 1.2 * fog + 2 * wave(key, ts, 2 * hourMs), 0.3, 25), 1)
          if (!isDue(since, ts, reportMs)) return { state, recording, visibility_km }
          const place = Math.floor(ts / stayMs) % places
          // It says how many alarms there were at the end of each ten minutes.
          const [from, to] = [since, ts].map((time) => Math.floor(time / reportMs) * reportMs) as [number, number]
          return {
            state,
            recording,
            visibility_km,
            pan_deg: place * 45 - 180,
            tilt_deg: -4 - choice(key, place, 12),
            zoom: 1 + choice(key, place + places, 20),
            intrusions: intrusions.between(from, to),
            crowds: crowds.between(from, to),
            smokes: smokes.between(from, to),
          }
        },
      }),
    ]
  }),
}
