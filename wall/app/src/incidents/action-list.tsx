import type { ComponentChildren } from 'preact'
import { Section, Table } from '../pages/parts.tsx'
import { type Action, OutcomeText } from './parts.tsx'
import { sayIncident } from './words.ts'

interface ActionListProps {
  readonly id: string
  readonly title: string
  /** In place of a list without rows. */
  readonly none: string
  readonly columns: readonly string[]
  readonly rows: readonly ComponentChildren[]
  /** What the buttons of the rows do; undefined: the user may not, and there is no column of them. */
  readonly action: Action | undefined
  /** Below the list. */
  readonly children?: ComponentChildren
}

/** A list in which users who may do something about a row have a last column of buttons. */
export function ActionList({ id, title, none, columns, rows, action, children }: ActionListProps) {
  return (
    <Section id={id} title={title}>
      {rows.length === 0 ? (
        <p class="muted">{none}</p>
      ) : (
        <Table label={title} columns={[...columns, ...(action ? [sayIncident('actions')] : [])]}>
          {rows}
        </Table>
      )}
      {action && <OutcomeText action={action} />}
      {children}
    </Section>
  )
}

interface RowActionProps {
  readonly action: Action | undefined
  readonly testId: string
  readonly text: string
  readonly path: string
  readonly body?: object
}

/** The last cell of a row; nothing where the user may not. */
export function RowAction({ action, testId, text, path, body }: RowActionProps) {
  if (!action) return null
  return (
    <td>
      <button type="button" data-testid={testId} onClick={() => void action.run(path, body)}>
        {text}
      </button>
    </td>
  )
}
