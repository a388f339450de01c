import { createHash } from 'node:crypto'
import type { PictureState } from '@ioc/contract/device-types/camera-health.ts'
import {
  type Baseline,
  detailOf,
  expireLately,
  learnChange,
  learnLately,
  learnMeasures,
  learnQuiet,
  medianOf,
  noiseFloor,
  type Period,
  periodOf,
  type Usual,
  usualValue,
  viewLikeness,
} from './baseline.ts'
import { decode, type Frame } from './frame.ts'
import { type Fault, faults, type PictureFigures, pictureLimits } from './limits.ts'
import { type Change, compare, type Measures, measure } from './measures.ts'

const dayMs = 86_400_000
/** A picture that never differs is frozen after so long, in ms, or after so many times of what it was in order before. */
const minQuietMs = 3 * 3_600_000
const quietFactor = 3

/** Pictures without a fault in a row after which a fault is over. */
const clearAfter = 2
/** Pictures of which figures are kept to be explained. */
const maxFigures = 60
/** Lively pairs with which what comes next is compared, and the latest of the good pictures. */
const maxLively = 5
const latest = 3
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
  readonly #lively: number[] = []
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

  /** Whether the last pictures were the same, but not for long enough yet: the next one is worth taking soon. */
  get mayBeFrozen(): boolean {
    return this.#signs.get('frozen')?.reported === false
  }

  /**
   * The camera turns, or its pictures are missing for long: what comes next has nothing to do with the last picture. What is
   * reported as frozen stays so until two pictures differ.
   */
  interrupt(): void {
    this.#last = undefined
    this.#quietRun = []
    if (this.mayBeFrozen) this.#signs.delete('frozen')
    this.#signs.delete('moved')
  }

  /** @throws IocError CAMERA_ANSWER_INVALID */
  async observe(jpeg: Buffer, ts: number): Promise<PictureState> {
    const hash = createHash('sha256').update(jpeg).digest('base64')
    const last = this.#last
    return this.observeFrame(last?.hash === hash ? last.frame : await decode(jpeg), hash, ts)
  }

  /** The same of a picture that is decoded. @param hash equal where the bytes of two pictures are */
  observeFrame(frame: Frame, hash: string, ts: number): PictureState {
    const last = this.#last
    const isSame = last?.hash === hash
    const measures = isSame ? last.measures : measure(frame)
    if (last && ts - last.ts > maxGapMs) this.interrupt()
    if (!last) expireLately(this.baseline, ts)
    const before = this.#last
    const change = before && (isSame ? { rest: 0, most: 0 } : compare(before.frame, frame))
    this.#last = { hash, frame, measures, ts }
    this.#assess(measures, change, isSame && before !== undefined, before?.ts ?? ts, ts)
    return this.#state
  }

  /** @param beforeTs when the picture before was taken, with which it is compared */
  #assess(measures: Measures, change: Change | undefined, isSame: boolean, beforeTs: number, ts: number): void {
    const { baseline } = this
    const period = periodOf(measures)
    const floor = noiseFloor(baseline, period)
    const usual = {
      mean: usualValue(baseline, 'mean', ts) ?? (isDaytime(ts) ? this.#lately('mean') : undefined),
      structure: usualValue(baseline, 'structure', ts) ?? this.#lately('structure'),
      detail: usualValue(baseline, 'detail', ts) ?? this.#lately('detail'),
    }
    const likeness = this.#settings.fixed ? viewLikeness(baseline, measures) : undefined
    const limits = pictureLimits
    const contrast = this.#usualContrast(ts)
    const isOverexposed = measures.whiteShare > limits.overexposedShare
    const isCovered =
      !isOverexposed &&
      measures.structure < limits.coveredStructure &&
      measures.structure < limits.coveredContrast * contrast * measures.mean &&
      this.#isSuddenlyPlain(measures, ts)
    // What covers a lens has no shapes in which the noise would show.
    const isFrozen =
      change !== undefined && !isCovered && this.#isSamePicture(change, isSame, measures, floor, period, ts)
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
        usual.detail !== undefined &&
        usual.structure !== undefined &&
        measures.mean < limits.washedOutMean &&
        // Fog takes contrast too, and the lights of a car add some; a lens out of focus leaves it as it is.
        measures.structure > Math.max(limits.coveredStructure, limits.blurredStructure * usual.structure) &&
        measures.structure * limits.blurredStructure < usual.structure &&
        detailOf(measures) < limits.blurredShare * usual.detail,
    }
    // A clock within a picture that rests.
    if (isFrozen) this.#clockRuns = change.most >= limits.clockChange
    const signs = faults.filter((fault) => shows[fault])
    for (const fault of faults) {
      if (fault !== 'frozen') this.#note(fault, shows[fault], ts, ts)
      // The first of the pictures that are the same is the one before the first pair. One alone is no pair.
      else if (change) this.#note(fault, isFrozen, beforeTs, ts)
    }
    this.#state = this.#reported()
    if (change && signs.every((sign) => sign === 'frozen'))
      this.#learnNoise(change, isFrozen, measures, floor, period, beforeTs, ts)
    else baseline.aliveAt = ts
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
      usual_sharpness: usual.detail && round(usual.detail * Math.max(1, measures.structure) ** 2),
      usual_contrast: round(contrast),
      view_likeness: likeness && round(likeness),
      signs,
    })
    if (this.figures.length > maxFigures) this.figures.shift()
  }

  /** Whether two pictures in a row show the same, so that they would be frozen if it lasts. */
  #isSamePicture(
    change: Change,
    isSame: boolean,
    measures: Measures,
    floor: number | undefined,
    period: Period,
    ts: number,
  ): boolean {
    const { minRest, floorShare, minReliableFloor, livelyShare } = pictureLimits
    if (change.rest < minRest && this.#isQuietTooLong(period, ts)) return true
    // A picture that is black or white throughout is always the same. Cameras that send the same bytes while they are in order
    // are known by that.
    if (isSame) {
      const { quietMs = 0 } = this.baseline[period]
      return measures.clippedShare < pictureLimits.blankShare && quietMs < pictureLimits.frozenMs
    }
    if (floor === undefined || floor < minReliableFloor || this.#isFlat(measures, period)) return false
    // A frozen picture is one that was lively just before.
    const isLively = this.#lively.length === 0 || medianOf(this.#lively) >= livelyShare * floor
    return isLively && change.rest < Math.max(minRest, floorShare * floor)
  }

  /** Compression removes the noise of a picture that is much flatter than those of which it is known, and of a clipped one. */
  #isFlat({ clippedShare, sharpness }: Measures, period: Period): boolean {
    const { flatShare } = pictureLimits
    return clippedShare > pictureLimits.clippedShare || sharpness < flatShare * (this.baseline[period].sharpness ?? 0)
  }

  /** Longer without a difference than the camera has ever been while it was in order; one that is new may be so for a day. */
  #isQuietTooLong(period: Period, ts: number): boolean {
    const { aliveAt, since } = this.baseline
    const { quietMs = 0 } = this.baseline[period]
    const isKnown = ts - since >= dayMs
    const longest = isKnown ? Math.min(dayMs, Math.max(minQuietMs, quietFactor * quietMs)) : dayMs
    return ts - (aliveAt ?? since) >= longest
  }

  /** Of the last pictures without a fault, and of those before: the lights of a car are neither. */
  #lately(what: Usual): number | undefined {
    const values = this.baseline.lately?.[what] ?? []
    return values.length === 0 ? undefined : Math.min(medianOf(values.slice(-latest)), medianOf(values))
  }

  /** Structure by mean. A picture that is only darker keeps it. */
  #usualContrast(ts: number): number {
    const mean = this.#lately('mean') ?? usualValue(this.baseline, 'mean', ts)
    const structure = this.#lately('structure') ?? usualValue(this.baseline, 'structure', ts)
    return mean === undefined || structure === undefined ? pictureLimits.plainContrast : structure / Math.max(1, mean)
  }

  /**
   * Less to see than just before, as fog comes slowly, and than is usual at this hour. A night without lamps is no fault, and fog
   * before lamps comes fast: at night it has to be darker too, and usual values have to be known.
   */
  #isSuddenlyPlain({ structure, mean }: Measures, ts: number): boolean {
    const usual = usualValue(this.baseline, 'structure', ts)
    if (!isDaytime(ts)) {
      const before = this.#lately('mean')
      if (usual === undefined || before === undefined || before < pictureLimits.litMean) return false
      if (mean > pictureLimits.coveredShare * before) return false
    }
    const known = [this.#lately('structure'), usual].flatMap((one) => one ?? [])
    return known.length === 0 || structure < pictureLimits.coveredShare * Math.min(...known)
  }

  /** @param since of a sign that is new */
  #note(fault: Fault, isShown: boolean, since: number, ts: number): void {
    const sign = this.#signs.get(fault)
    if (!isShown) {
      if (sign && ++sign.clear >= (sign.reported ? clearAfter : 1)) this.#signs.delete(fault)
      return
    }
    if (!sign) {
      this.#signs.set(fault, { since, pairs: 1, clear: 0, reported: this.#isDue(fault, 1, ts - since) })
      return
    }
    sign.pairs += 1
    sign.clear = 0
    sign.reported ||= this.#isDue(fault, sign.pairs, ts - sign.since)
  }

  #isDue(fault: Fault, pairs: number, lastedMs: number): boolean {
    return lastedMs >= pictureLimits[`${fault}Ms`] && (fault !== 'frozen' || pairs >= pictureLimits.frozenPairs)
  }

  #reported(): PictureState {
    const fault = faults.find((one) => this.#signs.get(one)?.reported)
    if (fault === 'frozen' && this.#clockRuns) return 'frozen_clock_runs'
    return fault ?? 'ok'
  }

  /** Learns from a picture without a fault. */
  #learnView(measures: Measures, ts: number): void {
    learnLately(this.baseline, measures, ts)
    learnMeasures(this.baseline, measures, ts)
  }

  /**
   * A quiet pair may be the first one of a frozen picture: it is learned once a lively one followed. After a long quiet run
   * that is so only where the noise is not known: the camera may remove it.
   */
  #learnNoise(
    { rest }: Change,
    isFrozen: boolean,
    { sharpness }: Measures,
    floor: number | undefined,
    period: Period,
    beforeTs: number,
    ts: number,
  ): void {
    if (isFrozen || rest < pictureLimits.minRest) {
      if (this.#quietRun.length < pictureLimits.frozenPairs) this.#quietRun.push(rest)
      return
    }
    const isShort = this.#quietRun.length < pictureLimits.frozenPairs
    if (isShort || floor === undefined || floor < pictureLimits.minReliableFloor) {
      for (const quiet of this.#quietRun) learnChange(this.baseline, period, quiet, sharpness, ts)
    }
    this.#quietRun = []
    this.#lively.push(rest)
    if (this.#lively.length > maxLively) this.#lively.shift()
    // After a fault that was reported it was not in order.
    if (!this.#signs.get('frozen')?.reported)
      learnQuiet(this.baseline, period, beforeTs - (this.baseline.aliveAt ?? ts))
    this.baseline.aliveAt = ts
    learnChange(this.baseline, period, rest, sharpness, ts)
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
