import type { PictureState } from '@ioc/contract/device-types/camera-health.ts'

const minuteMs = 60_000

/** Limits of the rules; they are shown by `ioc camera explain`. */
export const pictureLimits = {
  /** Two pictures that differ by less than this, or by less than the share of the noise floor, are the same. */
  minRest: 0.02,
  floorShare: 0.15,
  /** A noise floor below this is of a camera that removes noise: only equal bytes prove a frozen picture. */
  minReliableFloor: 0.05,
  /** The pairs before a frozen picture differed by at least this share of the noise floor. */
  livelyShare: 0.7,
  /** Of the sharpness of the pictures of which the noise is known: flatter ones show none after compression. */
  flatShare: 0.3,
  frozenPairs: 5,
  /** Five minutes from the first to the last of the pictures that are the same, with some room. */
  frozenMs: 285_000,
  /** A block that changes this much while the others rest is a burnt-in clock. */
  clockChange: 2,
  coveredStructure: 4,
  /** Structure by mean: a dark picture keeps what it had, a covered one has less than this share of it. */
  coveredContrast: 0.6,
  /** The structure by mean of a picture with something to see, where it is not known. */
  plainContrast: 0.33,
  coveredShare: 0.35,
  /** A night of less light than this shows nothing that could be covered. */
  litMean: 12,
  coveredMs: 5 * minuteMs,
  overexposedShare: 0.6,
  /** With more clipped pixels than this, only equal bytes prove a frozen picture. */
  clippedShare: 0.6,
  /** With more than this, even equal bytes prove nothing. */
  blankShare: 0.95,
  overexposedMs: 5 * minuteMs,
  darkShare: 0.35,
  darkMean: 60,
  /** Lamps that are switched at dusk and dawn leave a camera in the dark for some minutes. */
  darkMs: 15 * minuteMs,
  blurredShare: 0.25,
  blurredStructure: 0.5,
  /** Bad focus leaves the light as it is. A picture that is lighter than this is washed out, as by fog before lamps. */
  washedOutMean: 180,
  blurredMs: 10 * minuteMs,
  movedLikeness: 0.35,
  movedMs: 10 * minuteMs,
} as const

/** Faults in the order in which they are reported: one that hides others comes first. */
export const faults = ['covered', 'frozen', 'overexposed', 'dark', 'moved', 'blurred'] as const
export type Fault = (typeof faults)[number]

/** The figures of one picture, and what followed from them. */
export interface PictureFigures {
  readonly ts: number
  readonly state: PictureState
  readonly mean: number
  readonly white: number
  readonly structure: number
  readonly sharpness: number
  readonly same_bytes: boolean
  readonly rest: number | undefined
  readonly most: number | undefined
  readonly floor: number | undefined
  readonly usual_mean: number | undefined
  readonly usual_structure: number | undefined
  readonly usual_sharpness: number | undefined
  /** Structure by mean. */
  readonly usual_contrast?: number
  readonly view_likeness: number | undefined
  /** Faults that this picture alone shows; each must last before it is reported. */
  readonly signs: readonly Fault[]
}
