import type { ComponentChildren } from 'preact'
import { useState } from 'preact/hooks'
import { say, type Word } from '../words.ts'

const step = 100

interface TableProps<T> {
  readonly id: string
  readonly title: Word
  readonly columns: readonly Word[]
  readonly rows: readonly T[]
  readonly children: (row: T) => ComponentChildren
}

/** A table that scrolls sideways where it does not fit, and draws its first rows until asked for more. */
export function Table<T>({ id, title, columns, rows, children }: TableProps<T>) {
  const [shown, setShown] = useState(step)
  return (
    <section class="panel" id={id} aria-labelledby={`${id}-title`} tabIndex={-1}>
      <h2 id={`${id}-title`}>{say(title)}</h2>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard */}
      <section class="scroll" tabIndex={0} aria-labelledby={`${id}-title`}>
        <table data-testid={`table-${id}`}>
          <thead>
            <tr>
              {columns.map((word) => (
                <th key={word} scope="col">
                  {say(word)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.slice(0, shown).map(children)}
            {rows.length === 0 && (
              <tr>
                <td colSpan={columns.length}>{say('none')}</td>
              </tr>
            )}
          </tbody>
        </table>
      </section>
      {rows.length > shown && (
        <button type="button" class="more" onClick={() => setShown(shown + step)}>
          {say('more')} ({rows.length - shown})
        </button>
      )}
    </section>
  )
}
