import type { RefObject } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'

export interface Popover<E extends HTMLElement> {
  readonly box: RefObject<E | null>
  readonly isOpen: boolean
  readonly setOpen: (isOpen: boolean) => void
}

/** Something that opens beside its button, in a box of both, and closes by Esc or a press outside the box. */
export function usePopover<E extends HTMLElement>(): Popover<E> {
  const [isOpen, setOpen] = useState(false)
  const box = useRef<E>(null)
  useEffect(() => {
    if (!isOpen) return
    const close = (event: Event) => {
      if (event instanceof KeyboardEvent ? event.key === 'Escape' : !box.current?.contains(event.target as Node)) {
        setOpen(false)
      }
    }
    addEventListener('pointerdown', close)
    addEventListener('keydown', close)
    return () => {
      removeEventListener('pointerdown', close)
      removeEventListener('keydown', close)
    }
  }, [isOpen])
  return { box, isOpen, setOpen }
}
