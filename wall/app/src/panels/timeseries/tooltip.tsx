import { useLayoutEffect, useRef } from 'preact/hooks'
import type { TimeMark } from '../../boards/context.ts'
import { formatDateTime, formatNumber } from '../../format.ts'
import { label } from '../words.ts'
import type { Chart } from './model.ts'

/** Rows of a tooltip: more would not fit on a screen. */
const maxRows = 12
/** Events of a tooltip. */
const maxMarks = 3
/** Distance from the pointer, in px. */
const distance = 14

export interface TooltipOptions {
  readonly mode: 'single' | 'multi' | 'none'
  readonly sort: 'asc' | 'desc' | 'none'
}

interface TooltipProps extends TooltipOptions {
  readonly chart: Chart
  readonly index: number | null
  /** The events at this time. */
  readonly marks: readonly TimeMark[]
  /** The line that is nearest to the pointer. */
  readonly nearest: number | undefined
  readonly left: number
  readonly top: number
  readonly box: HTMLElement | null
}

/** The events that a stretch of time meets. */
export function marksAround(
  marks: readonly TimeMark[],
  { from, to }: Pick<TimeMark, 'from' | 'to'>,
): readonly TimeMark[] {
  return marks.filter((mark) => mark.from <= to && mark.to >= from)
}

/** The values at one time: of all lines in the order that the board names, or of the nearest line alone. */
export function Tooltip({ chart, index, marks, nearest, left, top, mode, sort, box }: TooltipProps) {
  const element = useRef<HTMLDivElement>(null)
  useLayoutEffect(() => {
    const own = element.current
    if (!own || !box) return
    const isRight = left + distance + own.offsetWidth > box.clientWidth
    const x = isRight ? Math.max(0, left - distance - own.offsetWidth) : left + distance
    const y = Math.max(0, Math.min(top, box.clientHeight - own.offsetHeight))
    own.style.transform = `translate(${x}px, ${y}px)`
  })
  const time = index === null ? undefined : chart.times[index]
  const rows = chart.lines
    .filter((_line, at) => mode !== 'single' || at === nearest)
    .filter(({ isHidden, inTooltip }) => !isHidden && inTooltip)
    .flatMap((line) => {
      const value = index === null ? undefined : line.values[index]
      return typeof value === 'number' ? [{ line, value }] : []
    })
  if (sort !== 'none') rows.sort((a, b) => (b.value - a.value) * (sort === 'desc' ? 1 : -1))
  const hasValues = time !== undefined && rows.length > 0
  if (!hasValues && marks.length === 0) return null
  return (
    <div class="chart-tooltip" ref={element}>
      {hasValues && <p>{formatDateTime(time)}</p>}
      <table>
        <tbody>
          {rows.slice(0, maxRows).map(({ line, value }) => {
            const { text, unit } = line.field.display(value)
            return (
              <tr key={line.title}>
                <td>
                  <i style={{ background: line.colour }} />
                </td>
                <td>{line.title}</td>
                <td>{`${text} ${unit}`.trim()}</td>
              </tr>
            )
          })}
        </tbody>
      </table>
      {marks.length > 0 && (
        <ul data-testid="chart-marks">
          {marks.slice(0, maxMarks).map(({ from, to, colour, text }) => (
            <li key={`${from} ${to} ${text}`}>
              <i style={{ background: colour }} /> {text}
              <small> {to > from ? `${formatDateTime(from)} – ${formatDateTime(to)}` : formatDateTime(from)}</small>
            </li>
          ))}
          {marks.length > maxMarks && <li>{`+ ${formatNumber(marks.length - maxMarks)} ${label('others')}`}</li>}
        </ul>
      )}
    </div>
  )
}
