import { boardWord } from '../../boards/words.ts'
import { isCalc, reduce } from '../../fields/calcs.ts'
import type { Line } from './model.ts'

interface LegendProps {
  readonly lines: readonly Line[]
  readonly calcs: readonly string[]
  readonly isTable: boolean
  /** The title of the line that is shown alone. */
  readonly alone: string | undefined
  readonly onChoose: (title: string) => void
}

/** The names of the lines with a few of their values; a click shows one of them alone. */
export function Legend({ lines, calcs, isTable, alone, onChoose }: LegendProps) {
  const known = calcs.filter(isCalc)
  const texts = (line: Line) =>
    known.map((calc) => {
      const { text, unit } = line.field.display(reduce(calc, line.field.values))
      return `${text} ${unit}`.trim()
    })
  const button = (line: Line) => (
    <button
      type="button"
      class={alone === undefined || alone === line.title ? '' : 'off'}
      aria-pressed={alone === line.title}
      onClick={() => onChoose(line.title)}
    >
      <i style={{ background: line.colour }} />
      <span class="name" title={line.title}>
        {line.title}
      </span>
    </button>
  )
  if (!isTable) {
    return (
      <ul class="legend legend-list">
        {lines.map((line) => (
          <li key={line.title}>
            {button(line)} {known.length > 0 && <span class="calc">{texts(line).join(' · ')}</span>}
          </li>
        ))}
      </ul>
    )
  }
  return (
    <div class="legend">
      <table>
        <thead>
          <tr>
            <th>{boardWord('series')}</th>
            {known.map((calc) => (
              <th key={calc}>{boardWord(calc)}</th>
            ))}
          </tr>
        </thead>
        <tbody>
          {lines.map((line) => (
            <tr key={line.title}>
              <td>{button(line)}</td>
              {texts(line).map((text, index) => (
                <td key={known[index]}>{text}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
