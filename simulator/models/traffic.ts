import { counterOf } from '../counter.ts'
import { eventAt } from '../events.ts'
import { bell, dayOf, hourMs, hourOf, minuteMs, weekdayOf } from '../local-time.ts'
import type { Model } from '../model.ts'
import { keyOf, poisson, uniform, wave } from '../noise.ts'
import { clamp, memo, round } from '../numbers.ts'
import { officeOf } from '../office.ts'
import { peopleNear, unitOf } from '../population.ts'
import { forKinds, sensor } from '../sources.ts'
import { weatherAt } from '../weather.ts'

/** Share of the vehicles, how much slower than cars they are in km/h, and how much more of them a weekend of tourists brings. */
const classes = [
  { name: 'motorbike', share: 0.74, slower: 6, tourists: 1.25 },
  { name: 'car', share: 0.17, slower: 0, tourists: 1.9 },
  { name: 'truck', share: 0.07, slower: 9, tourists: 1 },
  { name: 'bus', share: 0.02, slower: 5, tourists: 2 },
] as const

/** Places on the national road 27, which has more traffic, and buses. */
const onMainRoad = ['thanh-my', 'lac-lam', 'lac-xuan', 'dran']
/** Share of the people around that pass in an hour of the day's peak. */
const peakShare = 0.045

/**
 * A counter of vehicles on the first pole of a place; the other poles only watch. On its first class it also says how
 * occupied the road is.
 */
export const trafficModel: Model = {
  name: 'traffic',
  sources: forKinds(['camera_pole'], (site, world) => {
    if (Number(/\d+$/.exec(site.site)?.[0] ?? 1) > 1) return []
    const key = keyOf(world.seed, 'traffic', site.site)
    const office = officeOf(world.calendar)
    const weather = weatherAt(site, world)
    const isMain = onMainRoad.includes(unitOf(site) ?? '')
    const peak = peopleNear(site) * peakShare * (isMain ? 1.4 : 0.8) * (0.85 + 0.3 * uniform(key, 0))
    const freeSpeed = (isMain ? 52 : 44) + 6 * uniform(key, 1)

    /** Vehicles an hour at a minute, without what an event adds. */
    const demand = memo((minute) => {
      const ts = minute * minuteMs
      const hour = hourOf(ts)
      const day = dayOf(ts)
      const commute = office.isWorking(day) ? 1 : 0.55
      const market = weekdayOf(day) === 7 ? 0.55 : 0.3
      const course =
        0.03 +
        commute * (bell(hour, 7, 1.2) + bell(hour, 16.8, 1.5)) +
        market * bell(hour, 8.5, 2) +
        0.42 * bell(hour, 13, 5.5)
      const rain = 1 - Math.min(0.3, weather.rainRate(ts) * 0.05)
      return peak * course * rain * (1 + 0.15 * wave(key, ts, 25 * minuteMs))
    })
    const counted = (isMain ? classes : classes.slice(0, 3)).map(({ name, share, slower, tourists }) => {
      const own = keyOf(key, name)
      const perMinute = (ts: number) => {
        const more = eventAt(world, 'tourist_weekend', site, ts) ? tourists : 1
        return (demand(Math.floor(ts / minuteMs)) * share * more) / 60
      }
      return {
        name,
        slower,
        own,
        counter: counterOf(1, (ts) => poisson(own, Math.floor(ts / minuteMs), perMinute(ts))),
      }
    })
    return [
      sensor(site, world, {
        type: 'traffic',
        device: 'traffic',
        cadence_s: 60,
        fill_cadence_s: 900,
        measure(ts, since) {
          const seen = counted.map((one) => ({ ...one, vehicles: one.counter.between(since, ts) }))
          const perHour = (seen.reduce((sum, { vehicles }) => sum + vehicles, 0) * hourMs) / (ts - since)
          const wet = Math.min(9, weather.rainRate(ts) * 1.5)
          // Some 2,400 motorbikes and cars an hour fill a lane each way.
          const slowed = freeSpeed * (1 - 0.45 * Math.min(1, (perHour / 2400) ** 2)) - wet
          return seen.map(({ name, slower, own, counter, vehicles }, index) => ({
            vehicle_class: name,
            vehicles_total: counter.at(ts),
            vehicles,
            // No vehicle has no speed.
            ...(vehicles > 0 && {
              speed_kmh: round(clamp(slowed - slower + 3 * wave(own, ts, 9 * minuteMs), 6, 110), 1),
            }),
            ...(index === 0 && { occupancy_percent: round(clamp((perHour / 2400) * 38, 0, 100), 1) }),
          }))
        },
      }),
    ]
  }),
}
