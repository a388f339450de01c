import { signal } from '@preact/signals'
import type { ComponentChildren } from 'preact'
import { useLayoutEffect, useRef } from 'preact/hooks'

export type DialogName = 'menu' | 'search' | 'time' | 'help'

/** At most one is open. */
export const openDialog = signal<DialogName | undefined>(undefined)

export function toggleDialog(name: DialogName): void {
  openDialog.value = openDialog.peek() === name ? undefined : name
}

export function closeDialog(): void {
  openDialog.value = undefined
}

interface DialogProps {
  readonly name: DialogName
  readonly label: string
  readonly children: ComponentChildren
}

/** A modal dialog of the browser: it keeps the focus, closes by Esc or a click beside it, and returns the focus. */
export function Dialog({ name, label, children }: DialogProps) {
  const element = useRef<HTMLDialogElement>(null)
  const isOpen = openDialog.value === name
  useLayoutEffect(() => {
    const dialog = element.current
    if (!dialog || dialog.open === isOpen) return
    if (isOpen) dialog.showModal()
    else dialog.close()
  }, [isOpen])
  const closed = () => {
    if (openDialog.peek() === name) closeDialog()
  }
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the browser closes it by Esc
    <dialog
      ref={element}
      class={`dialog ${name}`}
      aria-label={label}
      data-testid={`dialog-${name}`}
      onClose={closed}
      onClick={(event) => {
        if (event.target === element.current) closeDialog()
      }}
    >
      {isOpen && <div class="dialog-body">{children}</div>}
    </dialog>
  )
}
