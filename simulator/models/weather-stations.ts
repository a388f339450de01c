import { bell, dayMs, hourMs, hourOf } from '../local-time.ts'
import type { Model } from '../model.ts'
import { keyOf, wave } from '../noise.ts'
import { round } from '../numbers.ts'
import { forKinds, sensor } from '../sources.ts'
import { mmPerTip, weatherAt } from '../weather.ts'

/** A weather station. */
export const weatherModel: Model = {
  name: 'weather',
  sources: forKinds(['weather_station'], (site, world) => {
    const weather = weatherAt(site, world)
    return [
      sensor(site, world, {
        type: 'weather',
        device: 'weather',
        cadence_s: 600,
        sticks: true,
        measure: (ts, since) => ({
          temperature_c: round(weather.temperature(ts), 1),
          humidity_percent: round(weather.humidity(ts), 1),
          rain_mm: round(weather.tips.between(since, ts) * mmPerTip, 1),
          wind_kmh: round(weather.windKmh(ts), 1),
          pressure_hpa: round(weather.pressureHpa(ts), 1),
        }),
      }),
    ]
  }),
}

/** A rain gauge, which the sun charges. */
export const rainGaugeModel: Model = {
  name: 'rain_gauge',
  sources: forKinds(['rain_gauge'], (site, world) => {
    const weather = weatherAt(site, world)
    const key = keyOf(world.seed, 'rain-gauge', site.site)
    return [
      sensor(site, world, {
        type: 'rain_gauge',
        device: 'rain',
        cadence_s: 600,
        sticks: true,
        measure: (ts, since) => ({
          rain_mm: round(weather.tips.between(since, ts) * mmPerTip, 1),
          battery_v: round(
            12.5 + 0.9 * bell(hourOf(ts), 13, 4) + 0.15 * wave(key, ts, dayMs) + 0.03 * wave(key, ts, hourMs),
            2,
          ),
        }),
      }),
    ]
  }),
}
