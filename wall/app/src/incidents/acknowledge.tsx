import { useState } from 'preact/hooks'
import { nextWorkingDay } from '../../../shared/working-time.ts'
import { now } from '../state.ts'
import { type Action, useAction } from './parts.tsx'
import { sayIncident } from './words.ts'

const minuteMs = 60_000

/** Until when an incident can be acknowledged. */
export const acknowledgements = [
  ['minutes15', (at: number) => at + 15 * minuteMs],
  ['hour1', (at: number) => at + 60 * minuteMs],
  ['hours4', (at: number) => at + 240 * minuteMs],
  ['workingDay', nextWorkingDay],
] as const

interface AcknowledgeProps {
  readonly id: number
  readonly action: Action
}

/** Acknowledges until one of a few times, with a note. */
export function Acknowledge({ id, action }: AcknowledgeProps) {
  const [note, setNote] = useState('')
  return (
    <fieldset class="acknowledge">
      <legend>{sayIncident('acknowledge')}</legend>
      <div class="buttons">
        {acknowledgements.map(([word, until]) => (
          <button
            key={word}
            type="button"
            data-testid={`acknowledge-${word}`}
            aria-disabled={action.isBusy}
            onClick={() => void action.run(`/api/incidents/${id}/acknowledge`, { until: until(now.peek()), note })}
          >
            {sayIncident(word)}
          </button>
        ))}
      </div>
      <label>
        {sayIncident('noteOptional')}
        <input value={note} maxLength={1_000} onInput={(event) => setNote(event.currentTarget.value)} />
      </label>
    </fieldset>
  )
}

/** One tap: acknowledged for an hour, and assigned to whoever taps. */
export function TakeButton({ id }: { readonly id: number }) {
  const action = useAction()
  return (
    <div class="take">
      <button
        type="button"
        class="primary"
        data-testid={`take-${id}`}
        aria-disabled={action.isBusy}
        onClick={() =>
          void action.run(`/api/incidents/${id}/acknowledge`, { until: now.peek() + 60 * minuteMs, take: true })
        }
      >
        {sayIncident('takeOver')} · {sayIncident('hour1')}
      </button>
      {action.outcome && action.outcome !== 'sent' && (
        <span class="badge level-2" role="alert">
          {sayIncident(action.outcome)}
        </span>
      )}
    </div>
  )
}
