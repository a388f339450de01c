import type { Site } from '@ioc/contract/district/sites.ts'
import { type Counter, counterOf } from './counter.ts'
import { eventAt } from './events.ts'
import { bell, dayMs, dayOf, hourMs, hourOf, minuteMs, seasonal, startOf } from './local-time.ts'
import type { World } from './model.ts'
import { type Key, keyOf, uniform, wave } from './noise.ts'
import { clamp, memo, once, ramp } from './numbers.ts'

/** Monthly means at 1,000 m above the sea: °C, %, km/h, rain in mm, and the share of days with an afternoon of rain. */
const temperatures = [18.8, 20, 21.4, 22.4, 22.6, 22.2, 21.8, 21.6, 21.5, 21, 20.3, 19.2]
const humidities = [75, 72, 73, 78, 84, 86, 87, 88, 88, 87, 83, 79]
const winds = [12, 12, 11, 9, 7, 8, 9, 9, 7, 8, 11, 13]
const rains = [6, 12, 45, 120, 200, 170, 190, 210, 280, 250, 110, 35]
const rainyShares = [0.06, 0.08, 0.2, 0.42, 0.65, 0.65, 0.7, 0.74, 0.78, 0.7, 0.42, 0.18]
/** hPa, at 1,000 m. */
const pressure = 905

/** The rain of one shower. */
interface Shower {
  readonly from: number
  readonly hours: number
  readonly mm: number
}

/** Showers of a day: of an afternoon, as of convection, and more rarely of a night. */
function showersOf(key: Key, day: number): readonly Shower[] {
  const noon = startOf(day) + 12 * hourMs
  const share = clamp(seasonal(rainyShares, noon) * (1 + 0.6 * wave(key, noon, 4 * dayMs)), 0, 0.95)
  const meanMm = seasonal(rains, noon) / 30 / Math.max(seasonal(rainyShares, noon) * 1.25, 0.05)
  const drawn = (index: number) => uniform(key, day * 10 + index)
  const shower = (index: number, chance: number, earliest: number, span: number): readonly Shower[] =>
    drawn(index) >= chance
      ? []
      : [
          {
            from: startOf(day) + (earliest + span * drawn(index + 1)) * hourMs,
            hours: 0.7 + 3 * drawn(index + 2),
            mm: -Math.log(1 - drawn(index + 3)) * meanMm,
          },
        ]
  return [...shower(0, share, 12.5, 4.5), ...shower(4, share * 0.25, 19, 7)]
}

/** mm/h of a shower: its rain rises and falls as half a sine. */
function intensity({ from, hours, mm }: Shower, ts: number): number {
  const part = (ts - from) / (hours * hourMs)
  return part <= 0 || part >= 1 ? 0 : ((mm / hours) * Math.PI * Math.sin(Math.PI * part)) / 2
}

/** Hours for which it pours in a flood, and mm/h: some 140 mm, most of them before the reservoir's inflow is at its peak. */
const pourHours = 18
const pourMmPerHour = 8.5

/** The weather at a site: that of the district, with differences of its own. */
export interface Weather {
  temperature(ts: number): number
  humidity(ts: number): number
  windKmh(ts: number): number
  pressureHpa(ts: number): number
  /** mm/h. */
  rainRate(ts: number): number
  /** Tips of a bucket of 0.2 mm. */
  readonly tips: Counter
}

export const mmPerTip = 0.2

/** One object for each site of a world: models of a site share what it has computed. */
const weathersOf = once((_: World) => new Map<string, Weather>())

export function weatherAt(site: Site, world: World): Weather {
  const known = weathersOf(world)
  const weather = known.get(site.site) ?? weatherOf(site, world)
  known.set(site.site, weather)
  return weather
}

function weatherOf(site: Site, world: World): Weather {
  const district = keyOf(world.seed, 'weather')
  const rainKey = keyOf(world.seed, 'rain')
  const own = keyOf(world.seed, 'weather', site.site)
  const offset = 2 * uniform(own, 0) - 1
  const shiftMs = (uniform(own, 1) - 0.5) * 40 * minuteMs
  const showers = memo((day) => {
    const factor = 0.6 + 0.8 * uniform(own, day)
    return showersOf(rainKey, day).map((one) => ({ ...one, from: one.from + shiftMs, mm: one.mm * factor }))
  })
  const isFire = (ts: number) => eventAt(world, 'forest_fire_week', site, ts) !== undefined

  const rainRate = (ts: number): number => {
    if (isFire(ts)) return 0
    let rate = 0
    const day = dayOf(ts)
    for (const one of showers(day)) rate += intensity(one, ts)
    for (const one of showers(day - 1)) rate += intensity(one, ts)
    const flood = eventAt(world, 'flood', site, ts)
    if (flood) {
      const hours = (ts - flood.from) / hourMs
      const pours = ramp(hours, 0, 1) * (1 - ramp(hours, pourHours - 2, pourHours))
      rate += pours * pourMmPerHour * (1 + 0.4 * wave(own, ts, hourMs))
    }
    return rate
  }

  /** 0 on a dry day to 1 on a wet one, without steps at midnight. */
  const wetness = (ts: number) => clamp(seasonal(rainyShares, ts) + 0.4 * wave(rainKey, ts, 4 * dayMs), 0, 1)

  const warmth = (ts: number) => {
    const swing = 5 - 2 * wetness(ts)
    const course = swing * Math.cos(((hourOf(ts) - 13.5) / 24) * 2 * Math.PI)
    return course + 1.2 * wave(district, ts, 3 * dayMs) + 0.4 * wave(own, ts, 5 * hourMs)
  }

  return {
    rainRate,
    tips: counterOf(10, (ts) => rainRate(ts + 5 * minuteMs) / 6 / mmPerTip),
    temperature(ts) {
      const heat = isFire(ts) ? 3 + 2 * bell(hourOf(ts), 13.5, 4) : 0
      return seasonal(temperatures, ts) + offset * 0.6 + warmth(ts) + heat - Math.min(3, rainRate(ts) * 0.4)
    },
    humidity(ts) {
      const dried = isFire(ts) ? 28 : 0
      const rain = Math.min(14, rainRate(ts) * 4)
      const noise = 3 * wave(own, ts, 3 * hourMs)
      return clamp(seasonal(humidities, ts) - 3 * warmth(ts) + rain + noise - dried, 12, 100)
    },
    windKmh(ts) {
      const blow = isFire(ts) ? 12 : 0
      const course = 0.55 + 0.9 * bell(hourOf(ts), 14, 5)
      const gust = 1 + 0.35 * wave(district, ts, 6 * hourMs) + 0.25 * wave(own, ts, 20 * minuteMs)
      return Math.max(0, (seasonal(winds, ts) + blow) * course * gust)
    },
    pressureHpa(ts) {
      const tide = 1.3 * Math.cos(((hourOf(ts) - 10) / 12) * 2 * Math.PI)
      return pressure + 4 * offset + tide + 2.5 * wave(keyOf(world.seed, 'pressure'), ts, 5 * dayMs)
    },
  }
}

/** A place that stands for the whole catchment. */
const catchment: Site = { site: 'catchment', area: 'catchment' }

/** The weather of the district as a whole: an event of a part of it does not reach it. */
export function districtWeather(world: World): Weather {
  return weatherAt(catchment, world)
}
