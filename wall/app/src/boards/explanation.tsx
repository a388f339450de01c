import type { IndicatorReference } from '@ioc/contract/boards/queries.ts'
import { useLayoutEffect, useRef } from 'preact/hooks'
import { formatLimit, formatValue } from '../format.ts'
import { levelLimits } from '../limits.ts'
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
  return (
    <dialog ref={dialog} class="explanation" aria-label={title} onClose={onClose} data-no-image>
      <h2>{title}</h2>
      {description !== '' && <p class="description">{description}</p>}
      {about !== undefined && !description.includes(about) && <p>{about}</p>}
      <dl>
        {indicator && <LastMonth reference={indicator} />}
        {descriptor && (
          <>
            <dt>{boardWord('formula')}</dt>
            <dd>
              <code>{descriptor.formula}</code>
            </dd>
          </>
        )}
        {descriptor && limits.length > 0 && (
          <>
            <dt>{boardWord('limits')}</dt>
            <dd>
              {limits
                .map(({ level, value }) => {
                  const sign = descriptor.levels?.direction === 'below' ? '≤' : '≥'
                  return `${sayLevel(level)} ${sign} ${formatLimit(value)} ${formatValue(value, descriptor.unit).unit}`.trim()
                })
                .join(' · ')}
            </dd>
          </>
        )}
        {descriptor?.reference !== undefined && (
          <>
            <dt>{boardWord('source')}</dt>
            <dd>{descriptor.reference}</dd>
          </>
        )}
        {descriptor?.unconfirmed !== undefined && (
          <>
            <dt>{boardWord('unconfirmed')}</dt>
            <dd>{descriptor.unconfirmed}</dd>
          </>
        )}
        {queries.length > 0 && (
          <>
            <dt>{boardWord('query')}</dt>
            {queries.map((query) => (
              <dd key={query}>
                <code>{query}</code>
              </dd>
            ))}
          </>
        )}
      </dl>
      <form method="dialog">
        <button type="submit">{boardWord('close')}</button>
      </form>
    </dialog>
  )
}
