import { useMemo, useState } from 'preact/hooks'
import { boardWord } from '../../boards/words.ts'
import { formatClock, formatDateTime, formatDayOfYear } from '../../format.ts'
import { shortNames } from '../names.ts'
import type { PanelProps } from '../panel.ts'
import { lanesOf, type Stretch } from './states.ts'
import './state-timeline.css'

const dayMs = 86_400_000
/** A text is written into a stretch that is at least so wide, in percent for each of its letters. */
const percentPerLetter = 1.1
const axisSteps = 4

/** States over time, each in its colour and with its words. */
export function StateTimeline({ panel, frames, from, to }: PanelProps) {
  const options = panel.options ?? {}
  const all = useMemo(() => lanesOf(frames, to, options['mergeValues'] !== false), [frames, to, options])
  const perPage = typeof options['perPage'] === 'number' ? options['perPage'] : all.length
  const pages = Math.max(1, Math.ceil(all.length / perPage))
  const [page, setPage] = useState(0)
  const shownPage = Math.min(page, pages - 1)
  const names = useMemo(
    () =>
      shortNames(
        all.map(({ title }) => title),
        panel.title,
      ),
    [all, panel.title],
  )
  const lanes = all
    .map((lane, index) => ({ ...lane, name: names[index] ?? lane.title }))
    .slice(shownPage * perPage, (shownPage + 1) * perPage)
  const words = useMemo(() => legendOf(all.flatMap(({ stretches }) => stretches)), [all])
  const legend = options['legend'] as { readonly showLegend?: boolean } | undefined
  const length = to - from
  const show = options['showValue'] ?? 'auto'
  const rowHeight = typeof options['rowHeight'] === 'number' ? options['rowHeight'] : 0.9
  return (
    <div class="state-timeline">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard */}
      <ul class="lanes" tabIndex={0}>
        {lanes.map((lane) => (
          <li class="lane" key={lane.title}>
            <span class="lane-title" title={lane.title}>
              {lane.name}
            </span>
            <div class="lane-track" style={{ '--row-height': `${rowHeight * 100}%` }}>
              {lane.stretches
                .filter((stretch) => stretch.to > from && stretch.from < to)
                .map((stretch) => {
                  const start = Math.max(stretch.from, from)
                  const width = ((Math.min(stretch.to, to) - start) / length) * 100
                  const isWritten =
                    show === 'always' || (show === 'auto' && width > stretch.text.length * percentPerLetter)
                  return (
                    <span
                      key={stretch.from}
                      class={`stretch level-${stretch.level}`}
                      style={{
                        left: `${((start - from) / length) * 100}%`,
                        width: `${width}%`,
                        ...(stretch.colour !== undefined && stretch.level === 0 && { background: stretch.colour }),
                      }}
                      title={`${stretch.text}: ${formatDateTime(stretch.from)} – ${formatDateTime(stretch.to)}`}
                    >
                      {isWritten ? stretch.text : <span class="hidden">{stretch.text}</span>}
                    </span>
                  )
                })}
            </div>
          </li>
        ))}
      </ul>
      <div class="lane-axis" aria-hidden="true">
        {Array.from({ length: axisSteps + 1 }, (_value, step) => {
          const time = from + (length * step) / axisSteps
          return <span key={step}>{length > 2 * dayMs ? formatDayOfYear(time) : formatClock(time)}</span>
        })}
      </div>
      {pages > 1 && (
        <p class="lane-pages" data-no-image>
          <button type="button" disabled={shownPage === 0} onClick={() => setPage(shownPage - 1)}>
            <span aria-hidden="true">‹</span>
            <span class="hidden">{boardWord('previousPage')}</span>
          </button>
          {`${shownPage + 1}/${pages}`}
          <button type="button" disabled={shownPage === pages - 1} onClick={() => setPage(shownPage + 1)}>
            <span aria-hidden="true">›</span>
            <span class="hidden">{boardWord('nextPage')}</span>
          </button>
        </p>
      )}
      {legend?.showLegend !== false && (
        <ul class="state-legend" aria-label={boardWord('series')}>
          {words.map(({ text, colour, level }) => (
            <li key={text}>
              <i
                class={`stretch level-${level}`}
                style={colour !== undefined && level === 0 ? { background: colour } : undefined}
              />
              {text}
            </li>
          ))}
        </ul>
      )}
    </div>
  )
}

/** States that the legend names. */
const maxLegend = 8

function legendOf(stretches: readonly Stretch[]): Stretch[] {
  const byText = new Map(stretches.map((stretch) => [stretch.text, stretch]))
  return [...byText.values()].sort((a, b) => b.level - a.level).slice(0, maxLegend)
}
