import { dayMs, hourMs } from '../local-time.ts'
import type { Model } from '../model.ts'
import { keyOf, uniform, wave } from '../noise.ts'
import { clamp, memo, round } from '../numbers.ts'
import { forKinds, sensor } from '../sources.ts'
import { weatherAt } from '../weather.ts'

/** Hours of rain that the soil remembers, and after which two thirds of it are gone. */
const maxHours = 240
const drainedHours = 70

/** A slope: rain wets it, it dries in days, and it moves a little when it is wet. */
export const soilModel: Model = {
  name: 'soil',
  sources: forKinds(['soil_station'], (site, world) => {
    const key = keyOf(world.seed, 'soil', site.site)
    const weather = weatherAt(site, world)
    const rainOfHour = memo((hour) => weather.rainRate((hour + 0.5) * hourMs))
    const stored = memo((hour) => {
      let sum = 0
      for (let ago = 1; ago <= maxHours; ago++) sum += rainOfHour(hour - ago) * Math.exp(-ago / drainedHours)
      return sum
    })
    const dry = 17 + 6 * uniform(key, 0)
    return [
      sensor(site, world, {
        type: 'soil',
        device: 'soil',
        cadence_s: 1800,
        sticks: true,
        measure(ts) {
          const hour = Math.floor(ts / hourMs)
          const rain = stored(hour) + (stored(hour + 1) - stored(hour)) * (ts / hourMs - hour)
          const wet = 1 - Math.exp(-rain / 45)
          return {
            moisture_percent: round(clamp(dry + 30 * wet + 0.8 * wave(key, ts, 9 * hourMs), 5, 60), 1),
            temperature_c: round(0.45 * weather.temperature(ts - 4 * hourMs) + 12.4, 1),
            ph: round(5.6 + 0.6 * uniform(key, 1) + 0.08 * wave(key, ts, 6 * dayMs), 2),
            tilt_deg: round(0.4 + 0.3 * wet ** 3 + 0.04 * wave(key, ts, 20 * dayMs), 2),
            pore_pressure_kpa: round(-6 + 24 * wet ** 2 + 0.6 * wave(key, ts, 5 * hourMs), 1),
          }
        },
      }),
    ]
  }),
}
