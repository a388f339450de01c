import { type PictureFigures, pictureLimits } from '../picture/limits.ts'

/** A figure of the last picture beside its limit. */
interface ExplainedRule {
  readonly fault: string
  /** As `structure 0.3 < 4 and < 35 % of 31`. */
  readonly rule: string
  readonly shows: boolean
}

/** A figure of a picture and the limit that it is compared with, as numbers. */
interface MeasuredRule {
  readonly fault: string
  readonly shows: boolean
  readonly figure: number | null
  /** Null: not learned yet, or only equal bytes prove the fault. */
  readonly limit: number | null
  readonly direction: 'above' | 'below'
}

const limits = pictureLimits
const shown = (value: number | undefined) => (value === undefined ? 'not known yet' : String(value))

/** The rules of pictures with the figures of one, so that a technician sees how near each is to its limit. */
export function explainPicture(figures: PictureFigures): readonly ExplainedRule[] {
  const { floor, rest, most, structure, mean, white, sharpness, signs } = figures
  const { usual_contrast: contrast = limits.plainContrast } = figures
  const percent = (share: number) => `${Math.round(100 * share)} %`
  const frozenRule =
    floor === undefined
      ? `difference ${shown(rest)}; noise floor not known yet: only equal bytes count (${figures.same_bytes ? 'equal' : 'not equal'})`
      : floor < limits.minReliableFloor
        ? `noise floor ${floor} < ${limits.minReliableFloor}: only equal bytes count (${figures.same_bytes ? 'equal' : 'not equal'})`
        : `difference ${shown(rest)} against max(${limits.minRest}, ${percent(limits.floorShare)} of the noise floor ${floor}); clock block ${shown(most)}`
  const rules = {
    covered: `structure ${structure} against ${limits.coveredStructure}, ${rounded(limits.coveredContrast * contrast)} of the mean ${mean}, and ${percent(limits.coveredShare)} of the usual ${shown(figures.usual_structure)}`,
    frozen: frozenRule,
    overexposed: `white pixels ${percent(white)} against ${percent(limits.overexposedShare)}`,
    dark: `mean ${mean} against ${limits.darkMean} and ${percent(limits.darkShare)} of the usual ${shown(figures.usual_mean)}`,
    moved: `likeness to the view ${shown(figures.view_likeness)} against ${limits.movedLikeness}`,
    blurred: `sharpness ${sharpness} against ${percent(limits.blurredShare)} of the usual ${shown(figures.usual_sharpness)}`,
  } as const
  return Object.entries(rules).map(([fault, rule]) => ({ fault, rule, shows: signs.some((sign) => sign === fault) }))
}

/** The same as numbers, for a page that words them itself. */
export function measurePicture(figures: PictureFigures): readonly MeasuredRule[] {
  const { floor, rest, structure, mean, white, sharpness, signs } = figures
  const { usual_contrast: contrast = limits.plainContrast } = figures
  const share = (part: number, usual: number | undefined) => (usual === undefined ? null : part * usual)
  const least = (...all: readonly (number | null)[]) =>
    all.some((one) => one === null) ? null : Math.min(...(all as number[]))
  const isReliable = floor !== undefined && floor >= limits.minReliableFloor
  const below = 'below' as const
  const rules = {
    covered: {
      figure: structure,
      limit: least(
        limits.coveredStructure,
        limits.coveredContrast * contrast * mean,
        share(limits.coveredShare, figures.usual_structure),
      ),
      direction: below,
    },
    frozen: {
      figure: rest,
      limit: isReliable ? Math.max(limits.minRest, limits.floorShare * floor) : null,
      direction: below,
    },
    overexposed: { figure: white, limit: limits.overexposedShare, direction: 'above' },
    dark: {
      figure: mean,
      limit: least(limits.darkMean, share(limits.darkShare, figures.usual_mean)),
      direction: below,
    },
    moved: {
      figure: figures.view_likeness,
      limit: figures.view_likeness === undefined ? null : limits.movedLikeness,
      direction: below,
    },
    blurred: { figure: sharpness, limit: share(limits.blurredShare, figures.usual_sharpness), direction: below },
  } as const
  return Object.entries(rules).map(([fault, { figure = null, limit, direction }]) => ({
    ...{ fault, direction, shows: signs.some((sign) => sign === fault) },
    figure: figure === null ? null : rounded(figure),
    limit: limit === null ? null : rounded(limit),
  }))
}

const rounded = (value: number): number => Math.round(value * 1_000) / 1_000
