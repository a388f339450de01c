import { bell, dayMs, hourMs, hourOf } from '../local-time.ts'
import type { Model } from '../model.ts'
import { keyOf, uniform, wave } from '../noise.ts'
import { clamp, round } from '../numbers.ts'
import { forKinds, sensor } from '../sources.ts'
import { fullLevel, reservoirOf, riverFlow, volumeAtFull } from '../water.ts'
import { weatherAt } from '../weather.ts'

/** The reservoir, as its operator reports it. */
export const reservoirModel: Model = {
  name: 'reservoir',
  sources: forKinds(['reservoir'], (site, world) => {
    const reservoir = reservoirOf(world)
    return [
      sensor(site, world, {
        type: 'reservoir',
        device: 'reservoir',
        cadence_s: 600,
        sticks: true,
        measure: (ts) => ({
          level_m: round(reservoir.level(ts), 3),
          inflow_m3s: round(reservoir.inflow(ts), 1),
          spill_m3s: round(reservoir.spill(ts), 1),
          turbine_m3s: round(reservoir.turbine(ts), 1),
          volume_m3: round(reservoir.volume(ts), -3),
          capacity_m3: volumeAtFull,
          normal_level_m: fullLevel,
        }),
      }),
    ]
  }),
}

/** A gauging station: m above the zero of its gauge, below 3 m in an ordinary rainy season, 5 to 6 m in the flood. */
export const riverModel: Model = {
  name: 'river',
  sources: forKinds(['river_station'], (site, world) => {
    const key = keyOf(world.seed, 'river', site.site)
    const metres = 0.115 * (0.9 + 0.3 * uniform(key, 0))
    return [
      sensor(site, world, {
        type: 'river',
        device: 'river',
        cadence_s: 600,
        sticks: true,
        measure(ts) {
          const flow = riverFlow(site, world, ts) * (1 + 0.03 * wave(key, ts, 2 * hourMs))
          return {
            level_m: round(0.2 + metres * flow ** 0.58 + 0.01 * wave(key, ts, hourMs), 2),
            flow_m3s: round(flow, 1),
            battery_v: round(12.6 + 0.8 * bell(hourOf(ts), 13, 4) + 0.1 * wave(key, ts, dayMs), 2),
          }
        },
      }),
    ]
  }),
}

/** Surface water: rain washes soil and fertilizer of the fields into it. */
export const waterQualityModel: Model = {
  name: 'water_quality',
  sources: forKinds(['water_station'], (site, world) => {
    const key = keyOf(world.seed, 'water-quality', site.site)
    const weather = weatherAt(site, world)
    const burden = 0.7 + 0.6 * uniform(key, 0)
    return [
      sensor(site, world, {
        type: 'water_quality',
        device: 'water',
        cadence_s: 1800,
        sticks: true,
        measure(ts) {
          const muddy = Math.min(1.5, reservoirOf(world).runoffPerKm2(ts) * 12)
          const noise = (index: number) => wave(keyOf(key, `${index}`), ts, 7 * hourMs)
          const slow = wave(key, ts, 4 * dayMs)
          return {
            wqi: round(clamp(84 - 14 * muddy - 9 * (burden - 0.7) + 4 * slow + 2 * noise(1), 12, 100)),
            ph: round(7.1 - 0.25 * muddy + 0.15 * slow + 0.05 * noise(2), 2),
            dissolved_oxygen_mgl: round(
              clamp(6.9 - 0.9 * muddy + 0.5 * bell(hourOf(ts), 14, 5) + 0.2 * noise(3), 1, 12),
              2,
            ),
            turbidity_ntu: round(Math.max(1, 14 + 170 * muddy + 5 * noise(4)), 1),
            ammonium_mgl: round(Math.max(0.01, 0.16 * burden + 0.28 * muddy + 0.05 * noise(5)), 3),
            // After ordinary rain below 15 mg/L, the limit of class B.
            cod_mgl: round(Math.max(1, 6 * burden + 4 * muddy + noise(6)), 1),
            temperature_c: round(0.65 * weather.temperature(ts - 3 * hourMs) + 7.2, 1),
          }
        },
      }),
    ]
  }),
}
