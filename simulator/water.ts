import type { Site } from '@ioc/contract/district/sites.ts'
import { anywhere } from './events.ts'
import { dayMs, hourMs, hourOf, seasonal } from './local-time.ts'
import type { World } from './model.ts'
import { keyOf, wave } from './noise.ts'
import { clamp, lineThrough, memo, once, ramp } from './numbers.ts'
import { districtWeather } from './weather.ts'

/** The reservoir's level over the year, in m: it fills in the flood season and is low before. */
const levels = [1041, 1039.6, 1037.8, 1036, 1034.6, 1033.8, 1033.4, 1034.4, 1036.6, 1039.2, 1041.2, 1041.5]
/** What flows in without the rain of the last days, in m³/s. */
const baseflows = [14, 10, 8, 8, 12, 16, 20, 26, 34, 38, 30, 20]

/** A flood by the hours since it began. At `peakHours` it has the figures of 17 November 2025 at 10:00. */
const peakHours = 12
const floodInflow = [
  [0, 120],
  [6, 430],
  [peakHours, 1075.6],
  [18, 900],
  [30, 720],
  [60, 580],
  [108, 480],
  [156, 200],
] as const
/** Four days after the peak it is above 1,043 m. */
const floodLevel = [
  [0, 1041.6],
  [peakHours, 1042.042],
  [36, 1042.4],
  [72, 1042.75],
  [105, 1043.03],
  [132, 1043.08],
  [180, 1042.4],
] as const
/** The spill is raised from 500 to 600 m³/s after the peak. */
const floodSpill = [
  [0, 0],
  [4, 300],
  [8, 500],
  [peakHours, 500],
  [12.5, 600],
  [120, 600],
  [168, 150],
] as const

/** Hours in which a flood takes over from the ordinary course, and hands back to it. */
const handoverHours = 5

const catchmentKm2 = 775
/** m³/s that 1 mm/h of rain on the catchment makes, once all of it has arrived: two thirds stay in the soil. */
const runoff = 75
/** Half of the rain has arrived after so many hours. */
const runoffHours = 8
const maxRunoffHours = 60

export const volumeAtFull = 165e6
export const fullLevel = 1042
/** m³ for a metre of level near the full one. */
const volumePerMetre = 9.7e6

export interface Reservoir {
  inflow(ts: number): number
  level(ts: number): number
  spill(ts: number): number
  turbine(ts: number): number
  volume(ts: number): number
  /** m³/s that 1 km² sheds after the rain of the last days, beside what it always does. */
  runoffPerKm2(ts: number): number
}

export const reservoirOf: (world: World) => Reservoir = once((world: World) => {
  const weather = districtWeather(world)
  const key = keyOf(world.seed, 'reservoir')
  const rainOfHour = memo((hour) => weather.rainRate((hour + 0.5) * hourMs))
  /** Rain of the last days, mm/h, delayed as a chain of two stores delays it. */
  const arrived = memo((hour) => {
    let sum = 0
    for (let ago = 1; ago <= maxRunoffHours; ago++) {
      sum += (rainOfHour(hour - ago) * ago * Math.exp((-1.7 * ago) / runoffHours) * 1.7 ** 2) / runoffHours ** 2
    }
    return sum
  })
  const rainArrived = (ts: number) => {
    const at = ts / hourMs
    const hour = Math.floor(at)
    return arrived(hour) + (arrived(hour + 1) - arrived(hour)) * (at - hour)
  }
  /** The ordinary course, and that of a flood where one is on. */
  const course = (ts: number, points: readonly (readonly [number, number])[], ordinary: number) => {
    const flood = anywhere(world, 'flood', ts)
    if (!flood) return ordinary
    const weight =
      ramp(ts, flood.from, flood.from + handoverHours * hourMs) *
      (1 - ramp(ts, flood.to - handoverHours * hourMs, flood.to))
    return ordinary + (lineThrough(points, (ts - flood.from) / hourMs) - ordinary) * weight
  }
  const level = (ts: number) => course(ts, floodLevel, seasonal(levels, ts) + 0.35 * wave(key, ts, 9 * dayMs))
  return {
    level,
    inflow: (ts) =>
      course(
        ts,
        floodInflow,
        seasonal(baseflows, ts) * (1 + 0.2 * wave(key, ts, 3 * dayMs)) + runoff * rainArrived(ts),
      ),
    spill: (ts) => course(ts, floodSpill, 0),
    /** It makes electricity when most is used. */
    turbine: (ts) => {
      const hour = hourOf(ts)
      const wanted = hour < 5 || hour >= 22 ? 0.45 : hour < 9.5 || (hour >= 12 && hour < 17) ? 0.75 : 1
      return clamp(seasonal(baseflows, ts) * wanted * (1.2 + 0.2 * wave(key, ts, 4 * hourMs)), 4, 55)
    },
    volume: (ts) => volumeAtFull + volumePerMetre * (level(ts) - fullLevel),
    runoffPerKm2: (ts) => (runoff * rainArrived(ts)) / catchmentKm2,
  }
})

/** Where the dam of the Đa Nhim is, and how fast a wave goes down the river below it. */
const dam = { lat: 11.865, lon: 108.605 }
const waveKmPerHour = 5
const kmPerDegree = 110
/** The river winds. */
const windings = 1.4

/** km along the river from the dam. */
export function kmBelowDam({ lat = dam.lat, lon = dam.lon }: Site): number {
  return Math.hypot(lat - dam.lat, (lon - dam.lon) * 0.98) * kmPerDegree * windings
}

/** m³/s that the dam always lets go, for the river's sake. */
const minReleased = 2

/** Flow at a site on the river, in m³/s: what the dam lets go some hours before, and what its own catchment adds. */
export function riverFlow(site: Site, world: World, ts: number): number {
  const reservoir = reservoirOf(world)
  const km = kmBelowDam(site)
  const ownKm2 = 40 + 12 * km
  const spilled = reservoir.spill(ts - (km / waveKmPerHour) * hourMs)
  const shed = ownKm2 * (seasonal(baseflows, ts) / catchmentKm2 + reservoir.runoffPerKm2(ts))
  return minReleased + spilled + shed
}
