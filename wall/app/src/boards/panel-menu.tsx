import { usePopover } from './use-popover.ts'
import { boardWord } from './words.ts'

interface PanelMenuProps {
  readonly title: string
  readonly fullUrl: string
  /** Where Grafana has the panel. */
  readonly grafanaUrl: string | undefined
  readonly isFull: boolean
  readonly onExplain: () => void
  readonly onCsv?: () => void
  readonly onPng?: () => void
}

/** What one can do with a panel, and what it means. */
export function PanelMenu({ title, fullUrl, grafanaUrl, isFull, onExplain, onCsv, onPng }: PanelMenuProps) {
  const { box, isOpen, setOpen } = usePopover<HTMLDivElement>()
  const run = (action: () => void) => () => {
    setOpen(false)
    action()
  }
  return (
    <div class="panel-menu" ref={box} data-no-image>
      <button
        type="button"
        aria-label={`${boardWord('about')}: ${title}`}
        title={boardWord('about')}
        onClick={onExplain}
      >
        ?
      </button>
      <button
        type="button"
        aria-label={`${boardWord('menu')}: ${title}`}
        title={boardWord('menu')}
        aria-expanded={isOpen}
        onClick={() => setOpen(!isOpen)}
      >
        ⋮
      </button>
      {isOpen && (
        <ul>
          <li>
            <a href={fullUrl} onClick={() => setOpen(false)}>
              {boardWord(isFull ? 'back' : 'view')}
            </a>
          </li>
          <li>
            <button type="button" onClick={run(onExplain)}>
              {boardWord('explain')}
            </button>
          </li>
          {onCsv && (
            <li>
              <button type="button" onClick={run(onCsv)}>
                {boardWord('csv')}
              </button>
            </li>
          )}
          {onPng && (
            <li>
              <button type="button" onClick={run(onPng)}>
                {boardWord('png')}
              </button>
            </li>
          )}
          {grafanaUrl !== undefined && (
            <li>
              <a href={grafanaUrl} target="_blank" rel="noopener noreferrer" onClick={() => setOpen(false)}>
                {boardWord('grafana')}
              </a>
            </li>
          )}
        </ul>
      )}
    </div>
  )
}
