import type { ComponentChildren } from 'preact'
import { OutcomeText, useAction } from './parts.tsx'
import { sayIncident } from './words.ts'

/** Reads the text of a field; '' where the form has none. */
export type FieldText = (name: string) => string

interface ActionFormProps {
  /** Where it is sent. */
  readonly path: string
  readonly testId: string
  readonly bodyOf: (text: FieldText, data: FormData) => object
  readonly onAccepted?: () => void
  readonly children: ComponentChildren
}

/** A form that is sent to the API, and emptied once that has accepted it. */
export function ActionForm({ path, testId, bodyOf, onAccepted, children }: ActionFormProps) {
  const action = useAction()
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault()
    const form = event.currentTarget as HTMLFormElement
    const data = new FormData(form)
    const accepted = await action.run(
      path,
      bodyOf((name) => String(data.get(name) ?? '').trim(), data),
    )
    if (!accepted) return
    form.reset()
    onAccepted?.()
  }
  return (
    <>
      <form class="window-form" onSubmit={submit}>
        {children}
        <button type="submit" class="primary" data-testid={testId}>
          {sayIncident('save')}
        </button>
      </form>
      <OutcomeText action={action} />
    </>
  )
}

interface TimeFieldProps {
  readonly name: string
  readonly label: string
  /** As of an input of the type `datetime-local`. */
  readonly value: string
}

export function TimeField({ name, label, value }: TimeFieldProps) {
  return (
    <label>
      {label}
      <input name={name} type="datetime-local" required defaultValue={value} />
    </label>
  )
}
