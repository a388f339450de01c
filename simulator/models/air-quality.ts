import { bell, hourMs, hourOf, minuteMs } from '../local-time.ts'
import type { Model } from '../model.ts'
import { keyOf, uniform, wave } from '../noise.ts'
import { clamp, round } from '../numbers.ts'
import { smokeOf } from '../smoke.ts'
import { forKinds, sensor } from '../sources.ts'
import { weatherAt } from '../weather.ts'

/** Air of a valley: traffic and cooking fires in the morning and in the evening, washed by rain, blown away by wind. */
export const airQualityModel: Model = {
  name: 'air_quality',
  sources: forKinds(['air_station'], (site, world) => {
    const key = keyOf(world.seed, 'air', site.site)
    const weather = weatherAt(site, world)
    const townShare = 0.8 + 0.5 * uniform(key, 0)
    return [
      sensor(site, world, {
        type: 'air_quality',
        device: 'air',
        cadence_s: 60,
        fill_cadence_s: 600,
        sticks: true,
        measure(ts) {
          const hour = hourOf(ts)
          const peaks = bell(hour, 7, 1.8) + 1.1 * bell(hour, 18.5, 2.5)
          const wind = clamp(1.5 - weather.windKmh(ts) / 18, 0.45, 1.5)
          const washed = 1 / (1 + 0.35 * weather.rainRate(ts))
          const still = wind * washed * townShare
          const humid = (weather.humidity(ts) - 60) / 100
          const noise = (index: number) => 1 + 0.14 * wave(keyOf(key, `${index}`), ts, 40 * minuteMs)
          const smoke = smokeOf(site, world, ts)
          const sun = bell(hour, 13.5, 4) * clamp(1.2 - humid * 1.4, 0.3, 1)
          return {
            pm25: round(11 * still * (0.75 + 0.75 * peaks) * noise(1) + smoke, 1),
            pm10: round(21 * still * (0.75 + 0.7 * peaks) * noise(2) + smoke * 1.35, 1),
            no2: round(9 * still * (0.5 + 1.3 * peaks) * noise(3) + smoke * 0.12, 1),
            so2: round(5 * still * (0.8 + 0.3 * peaks) * noise(4), 1),
            co: round(420 * still * (0.7 + 0.8 * peaks) * noise(5) + smoke * 9),
            o3: round((24 + 62 * sun) * noise(6), 1),
            temperature_c: round(weather.temperature(ts), 1),
            humidity_percent: round(weather.humidity(ts), 1),
            pressure_hpa: round(weather.pressureHpa(ts) + 0.1 * wave(key, ts, hourMs), 1),
          }
        },
      }),
    ]
  }),
}
