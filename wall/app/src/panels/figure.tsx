import type { DisplayValue } from '../fields/frame.ts'
import './figure.css'

/** Widths of a digit and of a letter of a unit, in em of the figure: for the size at which both fit a box. */
const digitWidth = 0.64
const narrowWidth = 0.3
const unitScale = 0.4
const letterWidth = 0.62

/** About how wide a value is, in em of its figure. */
export function figureWidth({ text, unit }: DisplayValue): number {
  const narrow = [...text].filter((sign) => '.,:/ -'.includes(sign)).length
  const digits = text.length - narrow
  return digits * digitWidth + narrow * narrowWidth + (unit === '' ? 0 : 0.25 + unit.length * unitScale * letterWidth)
}

/** A value with its unit after a thin space. A colour that a decision prescribes stands beside it as a chip. */
export function Figure({ display }: { readonly display: DisplayValue }) {
  const { text, unit, colour, level } = display
  return (
    <span class="figure-value" style={{ '--em': figureWidth(display).toFixed(2) }}>
      {colour !== undefined && level === 0 && <span class="colour-chip" style={{ background: colour }} />}
      {text === '' ? '–' : text}
      {unit !== '' && (
        <>
          {'\u2009'}
          <span class="figure-unit">{unit}</span>
        </>
      )}
    </span>
  )
}
