import type { IndicatorReference } from '@ioc/contract/boards/queries.ts'
import { useLayoutEffect, useRef } from 'preact/hooks'
import { formatLimit, formatValue } from '../format.ts'
import { levelLimits } from '../limits.ts'
import { Markdown } from '../panels/text/text.tsx'
import { descriptors } from '../state.ts'
import { sayLevel, sayTitle } from '../words.ts'
import { LastMonth } from './last-month.tsx'
import { boardWord } from './words.ts'

interface ExplanationProps {
  readonly title: string
  readonly description: string
  /** The indicator that the panel shows, and where. */
  readonly indicator: IndicatorReference | undefined
  readonly queries: readonly string[]
  readonly onClose: () => void
}

/** What a panel shows: what it means, how it is computed, and who says so. */
export function Explanation({ title, description, indicator, queries, onClose }: ExplanationProps) {
  const dialog = useRef<HTMLDialogElement>(null)
  useLayoutEffect(() => dialog.current?.showModal(), [])
  const descriptor = indicator === undefined ? undefined : descriptors.value.get(indicator.id)
  const limits = levelLimits(descriptor?.levels)
  const about = descriptor?.about && sayTitle(descriptor.about)
  // The description of our boards is made from the declaration, and has all of it.
  const own = about !== undefined && description.includes(about) ? undefined : descriptor
  return (
    <dialog ref={dialog} class="explanation" aria-label={title} onClose={onClose} data-no-image>
      <h2>{title}</h2>
      {description !== '' && <Markdown content={description} linkTo={(url) => url} />}
      {own && about !== undefined && <p>{about}</p>}
      <dl>
        {indicator && <LastMonth reference={indicator} />}
        {own && (
          <>
            <dt>{boardWord('formula')}</dt>
            <dd>
              <code lang="en">{own.formula}</code>
            </dd>
          </>
        )}
        {own && limits.length > 0 && (
          <>
            <dt>{boardWord('limits')}</dt>
            <dd>
              {limits
                .map(({ level, value }) => {
                  const sign = own.levels?.direction === 'below' ? '≤' : '≥'
                  return `${sayLevel(level)} ${sign} ${formatLimit(value)} ${formatValue(value, own.unit).unit}`.trim()
                })
                .join(' · ')}
            </dd>
          </>
        )}
        {own?.reference !== undefined && (
          <>
            <dt>{boardWord('source')}</dt>
            <dd>{own.reference}</dd>
          </>
        )}
        {own?.unconfirmed !== undefined && (
          <>
            <dt>{boardWord('unconfirmed')}</dt>
            <dd>{own.unconfirmed}</dd>
          </>
        )}
        {queries.length > 0 && (
          <dd>
            <details>
              <summary>{boardWord('query')}</summary>
              {queries.map((query) => (
                <p key={query}>
                  <code>{query}</code>
                </p>
              ))}
            </details>
          </dd>
        )}
      </dl>
      <form method="dialog">
        <button type="submit">{boardWord('close')}</button>
      </form>
    </dialog>
  )
}
