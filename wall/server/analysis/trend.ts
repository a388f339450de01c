import { type CalendarUnit, type Window, windowStepSeconds } from '@ioc/contract/messages/live.ts'
import { displayOffsetMs } from '@ioc/runtime/display-time.ts'

/** A value of a regular series: its place in it, counted in steps. */
export interface Step {
  readonly index: number
  readonly value: number
}

export interface Projected extends Step {
  /** The range that holds 95 % of the values, if what comes varies as what was. */
  readonly low: number
  readonly high: number
}

export interface Projection {
  /** Steps of a season. */
  readonly season: number
  readonly points: readonly Projected[]
}

/** Pairs of values a season apart without which nothing is said about how far values vary. */
export const minPairs = 8
/** Of a normal distribution: 95 % are within so many standard deviations. */
const z95 = 1.959964

/**
 * The seasonal-naive projection until `until`: each value is that of the newest season at the same place, and the range
 * grows with the root of the seasons (Hyndman & Athanasopoulos, Forecasting, 5.5). No further ahead than history reaches
 * back. The first of `seasons`, in steps, of which history has two is taken.
 * @param history in order; steps may be missing
 * @returns why nothing is projected, as text, where history is too short
 */
export function project(history: readonly Step[], until: number, seasons: readonly number[]): Projection | string {
  const first = history[0]
  const last = history.at(-1)
  if (!first || !last) return 'no history'
  const known = new Map(history.map(({ index, value }) => [index, value]))
  const length = last.index - first.index + 1
  for (const season of seasons) {
    if (length < 2 * season) continue
    const errors = history.flatMap(({ index, value }) => {
      const before = known.get(index - season)
      return before === undefined ? [] : [value - before]
    })
    if (errors.length < minPairs) continue
    const deviation = Math.sqrt(errors.reduce((sum, error) => sum + error * error, 0) / errors.length)
    const isPositive = history.every(({ value }) => value >= 0)
    const points: Projected[] = []
    for (let index = last.index + 1; index <= Math.min(until, last.index + length); index++) {
      let back = 1
      while (back * season <= length + season && known.get(index - back * season) === undefined) back++
      const value = known.get(index - back * season)
      if (value === undefined) continue
      const range = z95 * deviation * Math.sqrt(back)
      const low = isPositive ? Math.max(0, value - range) : value - range
      points.push({ index, value, low, high: value + range })
    }
    return { season, points }
  }
  return `too little history: ${history.length} values, and a projection needs two seasons of ${seasons.join(' or ')} values with at least ${minPairs} pairs`
}

/** The regular series that an indicator's values are read as. */
export interface Grid {
  /** What one value stands for. */
  readonly name: 'hour' | CalendarUnit
  /** Length of the means that are read, in seconds; null: values as they are. */
  readonly meanS: number | null
  /** Steps of a season, the longest first. */
  readonly seasons: readonly number[]
  /** How far history goes back, in ms. */
  readonly backMs: number
  /** The period that is projected by default. */
  readonly period: CalendarUnit
  /** Of the value that is stamped at a time, in ms: its number; and back. */
  indexOf(ts: number): number
  timeOf(index: number): number
}

const hourMs = 3_600_000
const dayMs = 86_400_000
const months = { month: 1, quarter: 3, year: 12 } as const

export function gridOf(window: Window): Grid {
  const unit = window.kind === 'calendar' ? window.unit : undefined
  if (unit !== undefined && unit !== 'day') {
    const size = months[unit]
    return {
      name: unit,
      meanS: null,
      seasons: [12 / size],
      backMs: 12 * 366 * dayMs,
      period: 'year',
      indexOf: (ts) => {
        const local = new Date(ts + displayOffsetMs)
        return Math.round((local.getUTCFullYear() * 12 + local.getUTCMonth()) / size)
      },
      timeOf: (index) => Date.UTC(Math.floor((index * size) / 12), (index * size) % 12, 1) - displayOffsetMs,
    }
  }
  const windowMs = windowStepSeconds(window) * 1000
  const stepMs = Math.min(dayMs, Math.max(hourMs, windowMs))
  const isDay = stepMs === dayMs
  // Days end at midnight in Asia/Ho_Chi_Minh, where their values are stamped.
  const offset = isDay ? displayOffsetMs : 0
  return {
    name: isDay ? 'day' : 'hour',
    // What comes more often is read as means of hours.
    meanS: windowMs < hourMs ? hourMs / 1000 : null,
    seasons: isDay ? [7] : [(7 * dayMs) / stepMs, dayMs / stepMs].map(Math.round),
    backMs: (isDay ? 400 : 56) * dayMs,
    period: isDay ? 'month' : 'day',
    indexOf: (ts) => Math.round((ts + offset) / stepMs),
    timeOf: (index) => index * stepMs - offset,
  }
}
