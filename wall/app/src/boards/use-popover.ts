import type { RefObject } from 'preact'
import { useLayoutEffect, useRef, useState } from 'preact/hooks'

export interface Popover<E extends HTMLElement> {
  readonly box: RefObject<E | null>
  readonly isOpen: boolean
  readonly setOpen: (isOpen: boolean) => void
}

/** Something that opens beside its button, in a box of both, and closes by Esc or a press outside the box. */
export function usePopover<E extends HTMLElement>(): Popover<E> {
  const [isOpen, setOpen] = useState(false)
  const box = useRef<E>(null)
  // With the layout, and not after it: the key after the one that closes belongs to the page.
  useLayoutEffect(() => {
    if (!isOpen) return
    const onPress = (event: Event) => {
      if (!box.current?.contains(event.target as Node)) setOpen(false)
    }
    const onKey = (event: KeyboardEvent) => {
      if (event.key !== 'Escape') return
      // One press closes one thing: the shortcuts of the page must not leave kiosk mode as well.
      event.preventDefault()
      setOpen(false)
    }
    addEventListener('pointerdown', onPress)
    addEventListener('keydown', onKey, true)
    return () => {
      removeEventListener('pointerdown', onPress)
      removeEventListener('keydown', onKey, true)
    }
  }, [isOpen])
  return { box, isOpen, setOpen }
}
