import type { Level } from '@ioc/contract/messages/live.ts'
import type { DisplayValue } from '../../fields/frame.ts'
import { Figure } from '../figure.tsx'
import { LevelMark } from '../level-mark.tsx'
import type { HistoryPoint } from '../reduce.ts'
import { Sparkline } from '../sparkline.tsx'
import { label } from '../words.ts'
import './tile.css'

export type Emphasis = 'none' | 'value' | 'background'

/** What stands below the figure, in this order. */
export interface Notes {
  readonly time?: string | undefined
  readonly trend?: string | undefined
  readonly target?: string | undefined
}

interface TileProps {
  readonly name?: string | undefined
  /** What a link is read aloud by where no name is shown: the title of the panel. */
  readonly label?: string | undefined
  /** undefined: the name alone is shown. */
  readonly display: DisplayValue | undefined
  /** The values of all tiles of its panel, whose figures are of one size. */
  readonly among: readonly DisplayValue[]
  readonly level: Level
  readonly emphasis: Emphasis
  readonly isCentred?: boolean
  readonly notes: Notes
  readonly history?: readonly HistoryPoint[] | undefined
  readonly from: number
  readonly to: number
  readonly href?: string | undefined
}

/** One figure with what makes it meaningful. What does not fit its box is left out: the line first, then the target. */
export function Tile(props: TileProps) {
  const { level, emphasis, isCentred = false, href } = props
  const parts = [
    'tile',
    `level-${level}`,
    emphasis === 'background' && level > 0 && 'filled',
    emphasis !== 'none' && level > 0 && 'marked',
    isCentred && 'centred',
    props.history && 'with-line',
  ]
  const name = parts.filter(Boolean).join(' ')
  return (
    <div class="tile-box">
      {href === undefined ? (
        <div class={name}>
          <TileContent {...props} />
        </div>
      ) : (
        <a class={name} href={href}>
          {props.name === undefined && props.label !== undefined && <span class="only-aloud">{props.label}</span>}
          <TileContent {...props} />
        </a>
      )}
    </div>
  )
}

function TileContent({ name, display, among, level, notes, history, from, to }: TileProps) {
  const mark = <LevelMark level={level} />
  const shown = Object.entries(notes).filter(([, text]) => text !== undefined)
  return (
    <>
      {name !== undefined && (
        <span class="tile-head">
          <span class="tile-name" title={name}>
            {name}
          </span>
          {mark}
        </span>
      )}
      {(display || name === undefined) && (
        <span class="tile-main">
          {display && <Figure display={display} among={among} />}
          {name === undefined && mark}
        </span>
      )}
      {shown.length > 0 && (
        <span class="tile-notes">
          {shown.map(([kind, text]) => (
            <span key={kind} class={`tile-${kind}`}>
              {text}
            </span>
          ))}
        </span>
      )}
      {history && (
        <span class="tile-line">
          <Sparkline points={history} from={from} to={to} title={label('trendLine')} />
        </span>
      )}
    </>
  )
}
