import type { Metric, Range, Stuck } from '@ioc/contract/device-types/device-type.ts'
import type { LiveFault } from '@ioc/contract/messages/live.ts'

/** How long the values of one metric have been the same, and what was learned of it. Plain data; times are event times, in ms. */
export interface MetricRun {
  /** The first value of the run, its time, and how many measurements it has. */
  value: number
  from: number
  points: number
  /** The newest measurement. */
  last: number
  /** When the value was last far from `reference`. */
  reference: number
  moved: number
  /** The first measurement of all, and how many there were. */
  first: number
  total: number
  /** The first different values. */
  distinct: number[]
  /** The longest run in ms, of the ends of the range and of zero, and of all other values. */
  longestAtEnd: number
  longest: number
  /** Changes since it was last the same, while it has a fault. */
  changes: number
  fault: Omit<LiveFault, 'metric'> | undefined
}

/** A run shorter than this many measurements says nothing. */
export const minPoints = 12
const minPointsAtRail = 3
const railMs = 3_600_000
/** What is learned counts after so long and so many measurements; a metric with fewer values is a switch or a setting. */
const minLearnedMs = 7 * 86_400_000
const minLearnedPoints = 500
const minDistinct = 3
/** A metric that once stayed the same for longer than this may do so for ever, in ms. */
const maxLearnedMs = 86_400_000
const learnedFactor = 3
const learnedCadences = 24
/** So many times the tolerance is a movement that a working neighbour would have noticed. */
const movedTolerances = 5
/** A fault ends with so many changes. */
const clearingChanges = 3

export function startRun(value: number, ts: number): MetricRun {
  return {
    ...{ value, from: ts, points: 1, last: ts, reference: value, moved: ts, first: ts, total: 1 },
    ...{ distinct: [value], longestAtEnd: 0, longest: 0, changes: 0, fault: undefined },
  }
}

/**
 * Adds a measurement that is newer than the last; returns whether this ended a fault.
 * @param isAfterGap the device was silent before: whether the value changed meanwhile is not known
 */
export function addToRun(run: MetricRun, value: number, ts: number, metric: Metric | undefined, isAfterGap: boolean) {
  const tolerance = toleranceOf(metric?.stuck)
  const isSame = Math.abs(value - run.value) <= tolerance
  const lasted = run.last - run.from
  run.total++
  run.last = ts
  if (Math.abs(value - run.reference) > movedTolerances * tolerance) {
    run.reference = value
    run.moved = ts
  }
  if (run.distinct.length < minDistinct && !run.distinct.includes(value)) run.distinct.push(value)
  if (isSame && !isAfterGap) {
    run.points++
    run.changes = 0
    return false
  }
  // What a stuck sensor showed is nothing to learn from.
  if (!run.fault) {
    if (isEnd(run.value, metric)) run.longestAtEnd = Math.max(run.longestAtEnd, lasted)
    else run.longest = Math.max(run.longest, lasted)
  }
  run.value = value
  run.from = ts
  run.points = 1
  if (!run.fault || isSame || ++run.changes < clearingChanges) return false
  run.fault = undefined
  run.changes = 0
  return true
}

/**
 * How long a metric may stay the same, in ms: `alone`, while another metric of the device is `frozen`, and while all values
 * are `resent`. undefined: for ever.
 */
export function limitsOf(run: MetricRun, metric: Metric | undefined, cadenceMs: number) {
  const { stuck } = metric ?? {}
  if (stuck === 'constant') return undefined
  if (stuck) {
    if (stuck.exempt?.some((range) => isWithin(run.value, range))) return undefined
    const alone = stuck.window_s * 1_000
    return { alone, frozen: alone / 2, resent: alone / 12 }
  }
  if (run.last - run.first < minLearnedMs || run.total < minLearnedPoints) return undefined
  const longest = isEnd(run.value, metric) ? run.longestAtEnd : run.longest
  if (run.distinct.length < minDistinct || longest > maxLearnedMs) return undefined
  const corroborated = Math.max(learnedFactor * longest, learnedCadences * cadenceMs)
  return { alone: 2 * corroborated, frozen: corroborated, resent: corroborated }
}

/** Whether a value has stayed at an end of its range. Zero is a natural end of most, and no fault. */
export function isRailed({ value, from, last, points }: MetricRun, metric: Metric | undefined): boolean {
  if (metric?.min === undefined || points < minPointsAtRail || last - from <= railMs) return false
  return value !== 0 && (value === metric.min || value === metric.max)
}

export function faultOf(
  { value, from, last, points }: MetricRun,
  by: LiveFault['evidence']['by'],
): Omit<LiveFault, 'metric'> {
  const evidence = { by, value, points, lasted_s: Math.round((last - from) / 1_000) }
  return { kind: by === 'rail' ? 'railed' : 'stuck', since: from, evidence }
}

const toleranceOf = (stuck: Stuck | undefined) => (typeof stuck === 'object' ? stuck.tolerance : 0)

const isWithin = (value: number, [min, max]: Range) => value >= min && value <= max

/** Whether a value is an end of the range of its metric, or zero: where it rests. */
export const isEnd = (value: number, metric: Metric | undefined) =>
  value === 0 || (metric !== undefined && (value === metric.min || value === metric.max))
