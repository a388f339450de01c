import { bell, hourMs, hourOf, minuteMs } from '../local-time.ts'
import { choice, type Key, keyOf, poisson, uniform, wave } from '../noise.ts'
import { clamp, ramp } from '../numbers.ts'
import type { Weather } from '../weather.ts'
import { daylight } from './daylight.ts'

/** How a camera sees at night: by street lamps, by its own infrared lamp, or hardly at all. */
export type NightLight = 'lamps' | 'infrared' | 'none'

/** What a camera looks at, as far as it does not change. */
export interface Street {
  readonly seed: number
  readonly night: NightLight
  /** Vehicles in a picture at the busiest hour, on average. */
  readonly traffic: number
  /** Whether every second lamp goes out at eleven in the evening. */
  readonly savesLight: boolean
  readonly weather: Pick<Weather, 'rainRate' | 'humidity' | 'windKmh'>
}

/** Something in the picture, in shares of its width and height. */
export interface Thing {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
  /** How bright it is, from 0 to 1. */
  readonly luma: number
}

/** What surrounds a camera at one moment. Shares are from 0 to 1. */
export interface Surroundings {
  /** Light of the sky, after clouds. */
  readonly sky: number
  /** The shadow of a cloud, from its left edge on, in shares of the width. */
  readonly shadeFrom: number
  readonly shade: number
  /** Contrast that is lost at the horizon. */
  readonly fog: number
  readonly rain: number
  /** How far wind bends the trees, as a share of the width. */
  readonly sway: number
  /** Of the lamps, those with even and with odd numbers. */
  readonly lamps: readonly [even: number, odd: number]
  readonly infrared: number
  /** Vehicles with their place; the lights of those that drive at night. */
  readonly vehicles: readonly Thing[]
  readonly headlights: readonly Thing[]
  /** Insects before the infrared lamp, near and out of focus. */
  readonly insects: readonly Thing[]
}

/** Lamps are lit, and infrared is on, in the darker half of the twilight. */
const dusk = 0.5
const lateHour = 23
const earlyHour = 5
/** Rain at which the picture is full of streaks, in mm/h. */
const heavyRain = 20
/** Humidity from which fog forms in still air, in %. */
const fogHumidity = 90
/** Things of one kind in a picture. */
const maxThings = 8
/** A parked vehicle stays for so long, in ms. */
const parkedMs = 3 * hourMs

/** What surrounds a camera at a time: a pure function of the street and the time. */
export function surroundingsAt({ seed, night, traffic, savesLight, weather }: Street, ts: number): Surroundings {
  const key = keyOf(seed, 'surroundings')
  const minute = Math.floor(ts / minuteMs)
  const rain = clamp(weather.rainRate(ts) / heavyRain, 0, 1)
  const clouds = clamp(
    0.35 + 0.5 * wave(key, ts, 3 * hourMs) + 0.25 * wave(keyOf(key, 'cloud'), ts, 9 * minuteMs) + rain,
    0,
    1,
  )
  const flashes = rain > 0.3 && uniform(keyOf(key, 'flash'), minute) < 0.02
  const sky = flashes ? 1 : twilight(daylight(ts)) * (1 - 0.8 * clouds)
  const isDark = daylight(ts) < dusk
  const isLate = hourOf(ts) >= lateHour || hourOf(ts) < earlyHour
  const lit = night === 'lamps' && isDark ? 1 : 0
  const passing = vehiclesAt(keyOf(key, 'vehicle'), minute, traffic * busyness(ts))
  const parked = uniform(keyOf(key, 'parks'), Math.floor(ts / parkedMs)) < 0.5
  return {
    sky,
    shadeFrom: 0.5 + 0.7 * wave(keyOf(key, 'shadow'), ts, 14 * minuteMs),
    shade: isDark ? 0 : 0.5 * (1 - Math.abs(2 * clouds - 1)),
    fog: fogAt(key, weather, ts),
    rain,
    sway: (clamp(weather.windKmh(ts) / 40, 0, 1) * wave(keyOf(key, 'sway'), ts, 4_000)) / 60,
    lamps: [lit, savesLight && isLate ? 0 : lit],
    infrared: night === 'infrared' && isDark ? 1 : 0,
    vehicles: [...(parked ? [parkedAt(key, Math.floor(ts / parkedMs))] : []), ...(isDark ? [] : passing)],
    headlights: isDark ? passing : [],
    insects: night === 'infrared' && isDark && rain === 0 ? insectsAt(keyOf(key, 'insect'), minute) : [],
  }
}

/** It gets dark by the same factor each minute, a thousand in all. */
const twilight = (light: number): number => (1_000 ** light - 1) / 999

/** Morning and evening are busy; in the small hours hardly anything drives. */
function busyness(ts: number): number {
  const hour = hourOf(ts)
  return 0.02 + 0.5 * bell(hour, 12, 6) + bell(hour, 7, 1.5) + bell(hour, 17.5, 2)
}

/** Radiation fog: damp and still air, towards the morning, and not on each day. It comes and goes within minutes. */
function fogAt(key: Key, weather: Street['weather'], ts: number): number {
  const damp = ramp(weather.humidity(ts), fogHumidity, 99)
  const still = 1 - ramp(weather.windKmh(ts), 6, 16)
  const drifts = 0.75 + 0.35 * wave(keyOf(key, 'fog'), ts, 17 * minuteMs)
  return clamp(1.6 * damp * still * bell(hourOf(ts), 5.5, 3) * drifts, 0, 0.97)
}

function vehiclesAt(key: Key, minute: number, mean: number): Thing[] {
  const own = keyOf(key, String(minute))
  return Array.from({ length: Math.min(maxThings, poisson(key, minute, mean)) }, (_, n) => {
    const size = 0.05 + 0.12 * uniform(own, 4 * n)
    return {
      x: uniform(own, 4 * n + 1),
      y: 0.66 + 0.22 * uniform(own, 4 * n + 2),
      width: size,
      height: size * 0.8,
      luma: uniform(own, 4 * n + 3),
    }
  })
}

function parkedAt(key: Key, turn: number): Thing {
  const own = keyOf(key, 'parked', String(turn))
  return { x: uniform(own, 0), y: 0.68, width: 0.14, height: 0.11, luma: uniform(own, 1) }
}

/** In most minutes none; those that pass near the lens are large and bright. */
function insectsAt(key: Key, minute: number): Thing[] {
  if (uniform(key, minute) < 0.6) return []
  const own = keyOf(key, String(minute))
  return Array.from({ length: 1 + choice(own, 0, 4) }, (_, n) => {
    const size = 0.01 + 0.12 * uniform(own, 4 * n + 1) ** 3
    return { x: uniform(own, 4 * n + 2), y: uniform(own, 4 * n + 3), width: 2 * size, height: size, luma: 1 }
  })
}
