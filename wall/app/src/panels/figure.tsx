import type { DisplayValue } from '../fields/frame.ts'
import { withoutShape } from './level-mark.tsx'
import './figure.css'

/** Widths of a digit, of a narrow sign and of a letter, in em: for the size at which a figure fits its box. */
const digitWidth = 0.68
const narrowWidth = 0.33
const letterWidth = 0.56
/** A unit of one sign is mostly a wide one, as %. */
const signWidth = 0.3
/** The size of the unit beside that of the figure, and the space between them in em of the figure. */
const unitScale = 0.4
const space = 0.2

/** About how wide a value is: its number in em of the figure, its unit in em of the unit, and both in em of the figure. */
function widthOf(displays: readonly DisplayValue[]): Readonly<Record<string, string>> {
  const widest = displays.map(measure).reduce((a, b) => (b.em > a.em ? b : a))
  return {
    '--number-em': widest.numberEm.toFixed(2),
    '--unit-em': widest.unitEm.toFixed(2),
    '--em': widest.em.toFixed(2),
  }
}

function measure({ text, unit }: DisplayValue) {
  const narrow = [...text].filter((sign) => '.,:/ -'.includes(sign)).length
  const unitEm = unit === '' ? 0 : signWidth + unit.length * letterWidth
  const numberEm = (text.length - narrow) * digitWidth + narrow * narrowWidth + (unit === '' ? 0 : space)
  return { numberEm, unitEm, em: numberEm + unitEm * unitScale }
}

interface FigureProps {
  readonly display: DisplayValue
  /** The values beside which it stands, so that all are of one size. */
  readonly among?: readonly DisplayValue[]
}

/** A value with its unit after a thin space. A colour that a decision prescribes stands beside it as a chip. */
export function Figure({ display, among = [display] }: FigureProps) {
  const { text, unit, colour, level } = display
  return (
    <span class="figure-value" style={widthOf(among)}>
      {colour !== undefined && level === 0 && <span class="colour-chip" style={{ background: colour }} />}
      {text === '' ? '–' : withoutShape(text)}
      {unit !== '' && (
        <>
          {'\u2009'}
          <span class="figure-unit">{unit}</span>
        </>
      )}
    </span>
  )
}
