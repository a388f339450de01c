import { type PictureFigures, pictureLimits } from '../picture/limits.ts'

/** A figure of the last picture beside its limit. */
export interface ExplainedRule {
  readonly fault: string
  /** As `structure 0.3 < 4 and < 35 % of 31`. */
  readonly rule: string
  readonly shows: boolean
}

const limits = pictureLimits
const shown = (value: number | undefined) => (value === undefined ? 'not known yet' : String(value))

/** The rules of pictures with the figures of one, so that a technician sees how near each is to its limit. */
export function explainPicture(figures: PictureFigures): readonly ExplainedRule[] {
  const { floor, rest, most, structure, mean, white, sharpness, signs } = figures
  const percent = (share: number) => `${Math.round(100 * share)} %`
  const frozenRule =
    floor === undefined
      ? `difference ${shown(rest)}; noise floor not known yet: only equal bytes count (${figures.same_bytes ? 'equal' : 'not equal'})`
      : floor < limits.minReliableFloor
        ? `noise floor ${floor} < ${limits.minReliableFloor}: only equal bytes count (${figures.same_bytes ? 'equal' : 'not equal'})`
        : `difference ${shown(rest)} against max(${limits.minRest}, ${percent(limits.floorShare)} of the noise floor ${floor}); clock block ${shown(most)}`
  const rules = {
    covered: `structure ${structure} against ${limits.coveredStructure}, ${percent(limits.coveredContrast)} of the mean ${mean}, and ${percent(limits.coveredShare)} of the usual ${shown(figures.usual_structure)}`,
    frozen: frozenRule,
    overexposed: `white pixels ${percent(white)} against ${percent(limits.overexposedShare)}`,
    dark: `mean ${mean} against ${limits.darkMean} and ${percent(limits.darkShare)} of the usual ${shown(figures.usual_mean)}`,
    moved: `likeness to the view ${shown(figures.view_likeness)} against ${limits.movedLikeness}`,
    blurred: `sharpness ${sharpness} against ${percent(limits.blurredShare)} of the usual ${shown(figures.usual_sharpness)}`,
  } as const
  return Object.entries(rules).map(([fault, rule]) => ({ fault, rule, shows: signs.some((sign) => sign === fault) }))
}
