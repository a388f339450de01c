import type { Band } from '@ioc/contract/messages/live.ts'

/**
 * The Vietnamese air-quality index, as decision 1459/QĐ-TCMT of 12 November 2019 computes it. Concentrations in µg/m³.
 * Where the decision states no rounding, halves go up; the index ends at 500.
 */

export type Pollutant = 'o3_1h' | 'o3_8h' | 'co' | 'so2' | 'no2' | 'pm10' | 'pm25'

/** Values of the index where one line ends and the next begins. */
const indexes = [0, 50, 100, 150, 200, 300, 400, 500] as const

/** The concentration of each of `indexes`, in µg/m³. The mean of 8 hours of O₃ has none beyond 300. */
const breakpoints: Readonly<Record<Pollutant, readonly number[]>> = {
  o3_1h: [0, 160, 200, 300, 400, 800, 1000, 1200],
  o3_8h: [0, 100, 120, 170, 210, 400],
  co: [0, 10_000, 30_000, 45_000, 60_000, 90_000, 120_000, 150_000],
  so2: [0, 125, 350, 550, 800, 1600, 2100, 2630],
  no2: [0, 100, 200, 700, 1200, 2350, 3100, 3850],
  pm10: [0, 50, 150, 250, 350, 420, 500, 600],
  pm25: [0, 25, 50, 80, 150, 250, 350, 500],
}

export const highestIndex = 500

/** The bands that the decision publishes. */
export const vnAqiBands: readonly Band[] = [
  { to: 50, title: { vi: 'Tốt', en: 'Good' }, colour: [0, 228, 0] },
  { to: 100, title: { vi: 'Trung bình', en: 'Moderate' }, colour: [255, 255, 0] },
  { to: 150, title: { vi: 'Kém', en: 'Unhealthy for sensitive groups' }, colour: [255, 126, 0] },
  { to: 200, title: { vi: 'Xấu', en: 'Unhealthy' }, colour: [255, 0, 0] },
  { to: 300, title: { vi: 'Rất xấu', en: 'Very unhealthy' }, colour: [143, 63, 151] },
  { to: highestIndex, title: { vi: 'Nguy hại', en: 'Hazardous' }, colour: [126, 0, 35] },
]

/**
 * The index of one pollutant, not rounded: `(I[i+1] − I[i]) ÷ (BP[i+1] − BP[i]) · (C − BP[i]) + I[i]`.
 * `undefined`: there is no value, or it is a mean of 8 hours of O₃ above 400, which is left out.
 */
export function aqiOf(pollutant: Pollutant, concentration: number | undefined): number | undefined {
  if (concentration === undefined || !(concentration >= 0)) return undefined
  const points = breakpoints[pollutant]
  const above = points.findIndex((point) => concentration <= point)
  if (above === -1) return pollutant === 'o3_8h' ? undefined : highestIndex
  if (above === 0) return 0
  const [low, high] = [points[above - 1] as number, points[above] as number]
  const [from, to] = [indexes[above - 1] as number, indexes[above] as number]
  return ((to - from) / (high - low)) * (concentration - low) + from
}

/** Hours that NowCast looks at. */
export const nowCastHours = 12

/**
 * What PM counts as in an hour: `w* = Cmin ÷ Cmax`, `w = max(½, w*)`; `Σ w^(i−1)·cᵢ ÷ Σ w^(i−1)` where `w > ½`, else
 * `Σ (½)^i·cᵢ`. An hour without a value has the weight 0.
 * @param hours means of the current hour and of those before it, the newest first; the twelve newest count
 * @returns `undefined` if not two of the newest three have a value
 */
export function nowCast(hours: readonly (number | undefined)[]): number | undefined {
  const newest = hours.slice(0, 3).filter((value) => value !== undefined)
  if (newest.length < 2) return undefined
  const known = hours.slice(0, nowCastHours).flatMap((value, back) => (value === undefined ? [] : [{ value, back }]))
  const values = known.map(({ value }) => value)
  const highest = Math.max(...values)
  const ratio = highest > 0 ? Math.min(...values) / highest : 1
  if (ratio <= 0.5) return sum(known.map(({ value, back }) => 0.5 ** (back + 1) * value))
  return sum(known.map(({ value, back }) => ratio ** back * value)) / sum(known.map(({ back }) => ratio ** back))
}

/** Means of an hour; of PM also of the hours before it, the newest first. */
export interface HourlyConcentrations {
  readonly pm25?: readonly (number | undefined)[]
  readonly pm10?: readonly (number | undefined)[]
  readonly o3?: number | undefined
  readonly no2?: number | undefined
  readonly so2?: number | undefined
  readonly co?: number | undefined
}

/** The index of an hour; `undefined` without PM2.5 and PM10, of which one is mandatory. */
export function hourlyIndex({ pm25 = [], pm10 = [], o3, no2, so2, co }: HourlyConcentrations): number | undefined {
  return indexFrom(
    [aqiOf('pm25', nowCast(pm25)), aqiOf('pm10', nowCast(pm10))],
    [aqiOf('o3_1h', o3), aqiOf('no2', no2), aqiOf('so2', so2), aqiOf('co', co)],
  )
}

/** Means of the hours of a day, in any order; of O₃ also the means of 8 hours that end in it. */
export interface DailyConcentrations {
  readonly pm25?: readonly (number | undefined)[]
  readonly pm10?: readonly (number | undefined)[]
  readonly o3?: readonly (number | undefined)[]
  readonly o3_8h?: readonly (number | undefined)[]
  readonly no2?: readonly (number | undefined)[]
  readonly so2?: readonly (number | undefined)[]
  readonly co?: readonly (number | undefined)[]
}

/**
 * The index of a day: PM by the mean of its hours, SO₂, NO₂ and CO by the largest hour, O₃ by the larger index of its
 * largest hour and of its largest mean of 8 hours. The largest hour of a gas counts however few hours there are: more of them
 * cannot lower it.
 * @param minHours hours that PM must have been measured in
 */
export function dailyIndex(
  { pm25, pm10, o3, o3_8h, no2, so2, co }: DailyConcentrations,
  minHours: number,
): number | undefined {
  return indexFrom(
    [aqiOf('pm25', meanOfDay(pm25, minHours)), aqiOf('pm10', meanOfDay(pm10, minHours))],
    [
      aqiOf('o3_1h', largestOf(o3)),
      aqiOf('o3_8h', largestOf(o3_8h)),
      aqiOf('no2', largestOf(no2)),
      aqiOf('so2', largestOf(so2)),
      aqiOf('co', largestOf(co)),
    ],
  )
}

/** The largest, as an integer. */
function indexFrom(
  particles: readonly (number | undefined)[],
  gases: readonly (number | undefined)[],
): number | undefined {
  if (known(particles).length === 0) return undefined
  return roundHalfUp(Math.max(...known(particles), ...known(gases)))
}

/** What binary fractions are off by is no reason to round down. */
function roundHalfUp(value: number): number {
  return Math.floor(value + 0.5 + 1e-9)
}

function meanOfDay(values: readonly (number | undefined)[] | undefined, minHours: number): number | undefined {
  const all = known(values ?? [])
  return all.length < minHours ? undefined : sum(all) / all.length
}

function largestOf(values: readonly (number | undefined)[] = []): number | undefined {
  const all = known(values)
  return all.length === 0 ? undefined : Math.max(...all)
}

function known(values: readonly (number | undefined)[]): number[] {
  return values.filter((value) => value !== undefined)
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
