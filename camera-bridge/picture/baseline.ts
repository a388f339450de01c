import { gridLikeness, type Measures } from './measures.ts'

/** Pictures of less light than this are of the night: an infrared lamp, or street lamps. */
const nightMean = 40
export type Period = 'day' | 'night'
export const periodOf = ({ mean }: Measures): Period => (mean < nightMean ? 'night' : 'day')

/** Classes of differences between pictures: each is a quarter of an octave, from 0.005 on. */
const changeClasses = 64
const leastChange = 0.005
const dayMs = 86_400_000
const hourMs = 3_600_000
/** Pairs of pictures from which the noise of the sensor is known. */
const minPairs = 10
/** Share of the pairs that are quieter than the noise floor. */
const floorShare = 0.05
/** Samples that are kept of each hour of the day: three an hour, of a week. */
const samplesPerHour = 21
const sampleEveryMs = 20 * 60_000
/** Samples of the same hour, or of the same period where there are fewer, from which a usual value is known. */
const minHourSamples = 6
const minPeriodSamples = 10
/** Pictures from which the view of a camera is known, and by how much one picture changes it. */
const minViews = 10
const viewShare = 0.02

type Sample = readonly [mean: number, structure: number, sharpness: number]
const columns = { mean: 0, structure: 1, sharpness: 2 } as const
export type Usual = keyof typeof columns

interface SavedPeriod {
  /** Pairs by their difference; halved each day. */
  readonly changes: number[]
  halvedAt: number
  /** The view of the camera, as the mean of its grids. */
  view: number[] | undefined
  views: number
}

/** What is usual for one camera. Plain data, kept on disk. */
export interface Baseline {
  readonly day: SavedPeriod
  readonly night: SavedPeriod
  /** Of each hour of the day, the newest last. */
  readonly hours: Sample[][]
  sampledAt: number
  /** When the camera was first seen, and when two pictures of it last differed by more than nothing, in ms. */
  readonly since: number
  aliveAt: number | undefined
}

export function createBaseline(now: number): Baseline {
  const period = (): SavedPeriod => ({
    changes: new Array<number>(changeClasses).fill(0),
    halvedAt: now,
    view: undefined,
    views: 0,
  })
  return {
    day: period(),
    night: period(),
    hours: Array.from({ length: 24 }, () => []),
    sampledAt: 0,
    since: now,
    aliveAt: undefined,
  }
}

/** Learns how much two pictures of a live camera differ. */
export function learnChange(baseline: Baseline, period: Period, rest: number, now: number): void {
  const learned = baseline[period]
  if (now - learned.halvedAt >= dayMs) {
    for (const [at, count] of learned.changes.entries()) learned.changes[at] = count / 2
    learned.halvedAt = now
  }
  const at = classOf(rest)
  learned.changes[at] = (learned.changes[at] ?? 0) + 1
}

/** The difference that 95 % of pairs exceed; undefined before enough pairs were seen. */
export function noiseFloor(baseline: Baseline, period: Period): number | undefined {
  const { changes } = baseline[period]
  const total = changes.reduce((all, one) => all + one, 0)
  if (total < minPairs) return undefined
  let below = 0
  const at = changes.findIndex((count) => {
    below += count
    return below >= floorShare * total
  })
  return at <= 0 ? 0 : leastChange * 2 ** (at / 4)
}

function classOf(rest: number): number {
  if (rest < leastChange) return 0
  return Math.min(changeClasses - 1, Math.floor(4 * Math.log2(rest / leastChange)) + 1)
}

/** Learns what a picture without a fault measures. */
export function learnMeasures(baseline: Baseline, measures: Measures, now: number): void {
  const learned = baseline[periodOf(measures)]
  const { view } = learned
  const share = Math.max(viewShare, 1 / (learned.views + 1))
  learned.view = view?.map((value, at) => value + share * ((measures.grid[at] ?? 0) - value)) ?? [...measures.grid]
  learned.views += 1
  if (now - baseline.sampledAt < sampleEveryMs && hasUsual(baseline)) return
  baseline.sampledAt = now
  const samples = baseline.hours[hourOf(now)]
  samples?.push([measures.mean, measures.structure, measures.sharpness])
  if (samples && samples.length > samplesPerHour) samples.shift()
}

/** A camera that is new is sampled with each picture. */
function hasUsual({ hours }: Baseline): boolean {
  return hours.reduce((all, { length }) => all + length, 0) >= minPeriodSamples
}

/** The median of the same hour of the last days, or of the same period while that is not known. */
export function usualValue(baseline: Baseline, what: Usual, period: Period, now: number): number | undefined {
  const column = columns[what]
  const same = baseline.hours[hourOf(now)] ?? []
  if (same.length >= minHourSamples) return medianOf(same.map((sample) => sample[column]))
  const ofPeriod = baseline.hours.flat().filter(([mean]) => mean < nightMean === (period === 'night'))
  return ofPeriod.length < minPeriodSamples ? undefined : medianOf(ofPeriod.map((sample) => sample[column]))
}

/** How alike a picture and the view of the camera are, from −1 to 1; undefined while that is not known. */
export function viewLikeness(baseline: Baseline, measures: Measures): number | undefined {
  const { view, views } = baseline[periodOf(measures)]
  return view === undefined || views < minViews ? undefined : gridLikeness(view, measures.grid)
}

export function medianOf(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? 0
}

function hourOf(ts: number): number {
  return Math.floor((ts % dayMs) / hourMs)
}
