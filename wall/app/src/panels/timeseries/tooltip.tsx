import { useLayoutEffect, useRef } from 'preact/hooks'
import { formatDateTime } from '../../format.ts'
import type { Chart } from './model.ts'

/** Rows of a tooltip: more would not fit on a screen. */
const maxRows = 12
/** Distance from the pointer, in px. */
const distance = 14

export interface TooltipOptions {
  readonly mode: 'single' | 'multi' | 'none'
  readonly sort: 'asc' | 'desc' | 'none'
}

interface TooltipProps extends TooltipOptions {
  readonly chart: Chart
  readonly index: number
  /** The line that is nearest to the pointer. */
  readonly nearest: number | undefined
  readonly left: number
  readonly top: number
  readonly box: HTMLElement | null
}

/** The values at one time: of all lines in the order that the board names, or of the nearest line alone. */
export function Tooltip({ chart, index, nearest, left, top, mode, sort, box }: TooltipProps) {
  const element = useRef<HTMLDivElement>(null)
  useLayoutEffect(() => {
    const own = element.current
    if (!own || !box) return
    const isRight = left + distance + own.offsetWidth > box.clientWidth
    const x = isRight ? Math.max(0, left - distance - own.offsetWidth) : left + distance
    const y = Math.max(0, Math.min(top, box.clientHeight - own.offsetHeight))
    own.style.transform = `translate(${x}px, ${y}px)`
  })
  const time = chart.times[index]
  const rows = chart.lines
    .filter((_line, at) => mode !== 'single' || at === nearest)
    .filter(({ isHidden, inTooltip }) => !isHidden && inTooltip)
    .flatMap((line) => {
      const value = line.values[index]
      return typeof value === 'number' ? [{ line, value }] : []
    })
  if (sort !== 'none') rows.sort((a, b) => (b.value - a.value) * (sort === 'desc' ? 1 : -1))
  if (time === undefined || rows.length === 0) return null
  return (
    <div class="chart-tooltip" ref={element}>
      <p>{formatDateTime(time)}</p>
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
    </div>
  )
}
