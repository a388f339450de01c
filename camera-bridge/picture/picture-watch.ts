import { createHash } from 'node:crypto'
import type { PictureState } from '@ioc/contract/device-types/camera-health.ts'
import {
  type Baseline,
  learnChange,
  learnMeasures,
  medianOf,
  noiseFloor,
  type Period,
  periodOf,
  usualValue,
  viewLikeness,
} from './baseline.ts'
import { decode, type Frame } from './frame.ts'
import { type Fault, faults, type PictureFigures, pictureLimits } from './limits.ts'
import { type Change, compare, type Measures, measure } from './measures.ts'

const dayMs = 86_400_000

/** Pictures without a fault in a row after which a fault is over. */
const clearAfter = 2
/** Pictures of which figures are kept to be explained. */
const maxFigures = 60
/** Pictures to which the structure of a suddenly covered one is compared. */
const maxBefore = 5
/** A longer gap than this ends runs of equal pictures: those between are not known. */
const maxGapMs = 300_000

interface Last {
  readonly hash: string
  readonly frame: Frame
  readonly measures: Measures
  readonly ts: number
}

/** A fault that shows, since when, and how many pictures without it followed. */
interface Sign {
  readonly since: number
  pairs: number
  clear: number
  reported: boolean
}

export interface PictureWatchSettings {
  /** Whether the camera looks at one view alone: one that turns is never "moved", and has no usual sharpness. */
  readonly fixed: boolean
}

/**
 * Watches the pictures of one camera. Whether a picture is frozen follows from the noise of the sensor, which no two
 * pictures share, and not from a perceptual hash, which is the same for a quiet live scene
 * (docs/decisions/0091-frozen-pictures-have-no-noise.md).
 */
export class PictureWatch {
  readonly baseline: Baseline
  readonly figures: PictureFigures[] = []
  readonly #settings: PictureWatchSettings
  readonly #signs = new Map<Fault, Sign>()
  readonly #before: number[] = []
  #quietRun: number[] = []
  #last: Last | undefined
  #clockRuns = false
  #state: PictureState = 'unknown'

  constructor(baseline: Baseline, settings: PictureWatchSettings) {
    this.baseline = baseline
    this.#settings = settings
  }

  get state(): PictureState {
    return this.#state
  }

  /** The camera turns, or its pictures are missing: what comes next has nothing to do with the last picture. */
  interrupt(): void {
    this.#last = undefined
    this.#quietRun = []
    this.#signs.delete('frozen')
    this.#signs.delete('moved')
  }

  /** @throws IocError CAMERA_ANSWER_INVALID */
  async observe(jpeg: Buffer, ts: number): Promise<PictureState> {
    const hash = createHash('sha256').update(jpeg).digest('base64')
    const last = this.#last
    const isSame = last?.hash === hash
    const frame = isSame ? last.frame : await decode(jpeg)
    const measures = isSame ? last.measures : measure(frame)
    if (last && ts - last.ts > maxGapMs) this.interrupt()
    const before = this.#last
    const change = before && (isSame ? { rest: 0, most: 0 } : compare(before.frame, frame))
    this.#last = { hash, frame, measures, ts }
    this.#assess(measures, change, isSame && before !== undefined, ts)
    return this.#state
  }

  #assess(measures: Measures, change: Change | undefined, isSame: boolean, ts: number): void {
    const { baseline } = this
    const period = periodOf(measures)
    const floor = noiseFloor(baseline, period)
    const usual = {
      mean: usualValue(baseline, 'mean', period, ts),
      structure: usualValue(baseline, 'structure', period, ts),
      sharpness: usualValue(baseline, 'sharpness', period, ts),
    }
    const likeness = this.#settings.fixed ? viewLikeness(baseline, measures) : undefined
    const limits = pictureLimits
    const isFrozen = change !== undefined && (isSame || this.#isSamePicture(change, measures, floor, ts))
    const isOverexposed = measures.whiteShare > limits.overexposedShare
    const isCovered =
      !isOverexposed &&
      measures.structure < limits.coveredStructure &&
      measures.structure < limits.coveredContrast * measures.mean &&
      this.#isUnusuallyPlain(measures, usual.structure, ts)
    const shows: Readonly<Record<Fault, boolean>> = {
      covered: isCovered,
      frozen: isFrozen,
      overexposed: isOverexposed,
      dark:
        !isCovered &&
        usual.mean !== undefined &&
        measures.mean < limits.darkMean &&
        measures.mean < limits.darkShare * usual.mean,
      moved: !isCovered && likeness !== undefined && likeness < limits.movedLikeness,
      blurred:
        this.#settings.fixed &&
        !isCovered &&
        usual.sharpness !== undefined &&
        measures.sharpness < limits.blurredShare * usual.sharpness,
    }
    // A clock within a picture that rests.
    if (isFrozen) this.#clockRuns = change.most >= limits.clockChange
    const signs = faults.filter((fault) => shows[fault])
    for (const fault of faults) this.#note(fault, shows[fault], ts)
    this.#state = this.#reported()
    if (change) this.#learnNoise(change, isFrozen, floor, period, ts)
    if (signs.length === 0) this.#learnView(measures, ts)
    this.figures.push({
      ts,
      state: this.#state,
      mean: round(measures.mean),
      white: round(measures.whiteShare),
      structure: round(measures.structure),
      sharpness: round(measures.sharpness),
      same_bytes: isSame,
      rest: change && round(change.rest),
      most: change && round(change.most),
      floor: floor && round(floor),
      usual_mean: usual.mean && round(usual.mean),
      usual_structure: usual.structure && round(usual.structure),
      usual_sharpness: usual.sharpness && round(usual.sharpness),
      view_likeness: likeness && round(likeness),
      signs,
    })
    if (this.figures.length > maxFigures) this.figures.shift()
  }

  /** Whether pictures of different bytes show the same. */
  #isSamePicture({ rest }: Change, { clippedShare }: Measures, floor: number | undefined, ts: number): boolean {
    const { minRest, floorShare, minReliableFloor } = pictureLimits
    if (clippedShare > pictureLimits.clippedShare) return false
    // While the noise of a camera is not known, its picture is frozen only after a day without a change.
    if (floor === undefined) {
      return rest < minRest && ts - (this.baseline.aliveAt ?? this.baseline.since) >= dayMs
    }
    return floor >= minReliableFloor && rest < Math.max(minRest, floorShare * floor)
  }

  /** Less to see than usual at this hour; where that is not known: by day, or suddenly. A night without lamps is neither. */
  #isUnusuallyPlain({ structure }: Measures, usual: number | undefined, ts: number): boolean {
    if (usual !== undefined) return structure < pictureLimits.coveredShare * usual
    const before = this.#before.length === 0 ? undefined : medianOf(this.#before)
    const isSudden = before !== undefined && structure < pictureLimits.coveredShare * before
    const sign = this.#signs.get('covered')
    return isSudden || isDaytime(ts) || sign !== undefined
  }

  #note(fault: Fault, isShown: boolean, ts: number): void {
    const sign = this.#signs.get(fault)
    if (!isShown) {
      if (sign && ++sign.clear >= (sign.reported ? clearAfter : 1)) this.#signs.delete(fault)
      return
    }
    if (!sign) {
      this.#signs.set(fault, { since: ts, pairs: 1, clear: 0, reported: this.#isDue(fault, 1, 0) })
      return
    }
    sign.pairs += 1
    sign.clear = 0
    sign.reported ||= this.#isDue(fault, sign.pairs, ts - sign.since)
  }

  #isDue(fault: Fault, pairs: number, lastedMs: number): boolean {
    if (fault !== 'frozen') return lastedMs >= pictureLimits[`${fault}Ms`]
    // The first of the pictures that are the same was taken one pair before.
    return pairs >= pictureLimits.frozenPairs && (lastedMs * pairs) / (pairs - 1) >= pictureLimits.frozenMs
  }

  #reported(): PictureState {
    const fault = faults.find((one) => this.#signs.get(one)?.reported)
    if (fault === 'frozen' && this.#clockRuns) return 'frozen_clock_runs'
    return fault ?? 'ok'
  }

  /** Learns from a picture without a fault. */
  #learnView(measures: Measures, ts: number): void {
    this.#before.push(measures.structure)
    if (this.#before.length > maxBefore) this.#before.shift()
    learnMeasures(this.baseline, measures, ts)
  }

  /**
   * A quiet pair may be the first one of a frozen picture: it is learned once a lively one followed. After a long quiet run
   * that is so only where the noise is not known: the camera may remove it.
   */
  #learnNoise({ rest }: Change, isFrozen: boolean, floor: number | undefined, period: Period, ts: number): void {
    if (isFrozen || rest < pictureLimits.minRest) {
      if (this.#quietRun.length < pictureLimits.frozenPairs) this.#quietRun.push(rest)
      return
    }
    const isShort = this.#quietRun.length < pictureLimits.frozenPairs
    if (isShort || floor === undefined || floor < pictureLimits.minReliableFloor) {
      for (const quiet of this.#quietRun) learnChange(this.baseline, period, quiet, ts)
    }
    this.#quietRun = []
    this.baseline.aliveAt = ts
    learnChange(this.baseline, period, rest, ts)
  }
}

/** From seven in the morning to five in the afternoon, in Vietnam. */
function isDaytime(ts: number): boolean {
  const hour = new Date(ts).getUTCHours()
  return hour < 10
}

function round(value: number): number {
  return Math.round(value * 1_000) / 1_000
}
