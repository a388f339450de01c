import { gridLikeness, gridStep, type Measures } from './measures.ts'

/** Pictures of less light than this are of the night: an infrared lamp, or street lamps. */
const nightMean = 40
export type Period = 'day' | 'night'
export const periodOf = ({ mean }: Measures): Period => (mean < nightMean ? 'night' : 'day')

/** Classes of differences between pictures: each is a quarter of an octave, from 0.005 on. */
const changeClasses = 64
const leastChange = 0.005
const dayMs = 86_400_000
const hourMs = 3_600_000
const hoursOfDay = 24
/** Pairs of pictures from which the noise of the sensor is known. */
const minPairs = 10
/** Share of the pairs that are quieter than the noise floor. */
const floorShare = 0.05
/** Samples that are kept of each hour of the day: three an hour, of a week. */
const samplesPerHour = 21
const sampleEveryMs = 20 * 60_000
/** Samples of an hour and of those beside it, from which a usual value is known. */
const minHourSamples = 6
/** Pictures from which the view of a camera is known, and by how much one picture changes it. */
const minViews = 10
const viewShare = 0.02
/** Good pictures that are kept for comparison, and for how long without a new one, in ms. */
const maxLately = 10
const maxLatelyMs = 3_600_000
/** By how much one pair changes the mean sharpness: a few hours count. */
const sharpnessShare = 0.005
/** What is left a day later of the longest time without a difference: a freeze too short to be reported must not count for ever. */
const quietShare = 0.9
/** Mean step between neighbours in a grid from which it has shapes, in luma. */
const minStep = 1.5

/** The sharpness is null where an earlier version measured it otherwise. */
type Sample = readonly [mean: number, structure: number, sharpness: number | null]
/** What is usual of a camera. The detail is the sharpness for what there is to see: fog takes both alike, bad focus does not. */
const usuals = {
  mean: { quantile: 0.1, of: ([mean]: Sample) => mean },
  structure: { quantile: 0.5, of: ([, structure]: Sample) => structure },
  detail: {
    quantile: 0.5,
    of: ([, structure, sharpness]: Sample) => (sharpness === null ? undefined : detailOf({ structure, sharpness })),
  },
} as const
export type Usual = keyof typeof usuals

export const detailOf = ({ structure, sharpness }: Pick<Measures, 'structure' | 'sharpness'>): number =>
  sharpness / Math.max(1, structure) ** 2

interface SavedPeriod {
  /** Pairs by their difference; halved each day. */
  readonly changes: number[]
  halvedAt: number
  /** Mean sharpness of the pictures of these pairs. Compression removes the noise of pictures that are much flatter. */
  sharpness?: number
  /** Longest time for which pictures of a live camera did not differ, in ms. */
  quietMs?: number
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
  /** The last good pictures, the newest last, and when that was: faults come suddenly, fog and dusk do not. */
  lately?: Record<Usual, number[]>
  latelyAt?: number
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
    hours: Array.from({ length: hoursOfDay }, () => []),
    sampledAt: 0,
    since: now,
    aliveAt: undefined,
  }
}

/** Learns how much two pictures of a live camera differ. */
export function learnChange(baseline: Baseline, period: Period, rest: number, sharpness: number, now: number): void {
  const learned = baseline[period]
  learned.sharpness = (learned.sharpness ?? sharpness) + sharpnessShare * (sharpness - (learned.sharpness ?? sharpness))
  if (now - learned.halvedAt >= dayMs) {
    for (const [at, count] of learned.changes.entries()) learned.changes[at] = count / 2
    if (learned.quietMs !== undefined) learned.quietMs *= quietShare
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
  if (now - baseline.sampledAt < sampleEveryMs) return
  baseline.sampledAt = now
  const samples = baseline.hours[hourOf(now)]
  samples?.push([measures.mean, measures.structure, measures.sharpness])
  if (samples && samples.length > samplesPerHour) samples.shift()
}

/** Learns from a picture without a fault what the next one is compared with. */
export function learnLately(baseline: Baseline, measures: Measures, now: number): void {
  const lately = baseline.lately ?? { mean: [], structure: [], detail: [] }
  const { mean, structure } = measures
  for (const [what, value] of Object.entries({ mean, structure, detail: detailOf(measures) }) as [Usual, number][]) {
    lately[what].push(value)
    if (lately[what].length > maxLately) lately[what].shift()
  }
  baseline.lately = lately
  baseline.latelyAt = now
}

/** After a longer time without pictures the last ones are no comparison. */
export function expireLately(baseline: Baseline, now: number): void {
  if (now - (baseline.latelyAt ?? now) > maxLatelyMs) delete baseline.lately
}

/**
 * What is usual at this time of the day. Undefined until the hour that follows has been seen, which was on an earlier day: what is
 * bright before a first sunset is not usual after it.
 */
export function usualValue(baseline: Baseline, what: Usual, now: number): number | undefined {
  const of = (hour: number) => baseline.hours[(hour + hoursOfDay) % hoursOfDay] ?? []
  const hour = hourOf(now)
  if (of(hour + 1).length === 0) return undefined
  // Of the mean a low value: the hour in which it gets dark has both.
  const { quantile, of: read } = usuals[what]
  const values = [hour - 1, hour, hour + 1].flatMap((one) => of(one).flatMap((sample) => read(sample) ?? []))
  return values.length < minHourSamples ? undefined : quantileOf(values, quantile)
}

/** Learns for how long the pictures of a live camera did not differ. */
export function learnQuiet(baseline: Baseline, period: Period, quietMs: number): void {
  const learned = baseline[period]
  learned.quietMs = Math.max(learned.quietMs ?? 0, quietMs)
}

/**
 * How alike a picture and the view of the camera are, from −1 to 1; undefined while that is not known, and where one of the two
 * has no shapes, as at night without lamps or in fog.
 */
export function viewLikeness(baseline: Baseline, measures: Measures): number | undefined {
  const { view, views } = baseline[periodOf(measures)]
  if (view === undefined || views < minViews) return undefined
  const [known, now] = [gridStep(view), gridStep(measures.grid)]
  return known < minStep || now < Math.max(minStep, known / 2) ? undefined : gridLikeness(view, measures.grid)
}

export const medianOf = (values: readonly number[]): number => quantileOf(values, 0.5)

function quantileOf(values: readonly number[], q: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.floor(sorted.length * q)] ?? 0
}

function hourOf(ts: number): number {
  return Math.floor((ts % dayMs) / hourMs)
}
