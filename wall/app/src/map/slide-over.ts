import { useEffect, useRef } from 'preact/hooks'

/**
 * For what opens over the map: it has the focus while it is open, `Escape` closes it, and the focus goes back to where it
 * was.
 */
export function useCloseOnEscape(onClose: () => void) {
  const panel = useRef<HTMLElement>(null)
  const close = useRef(onClose)
  close.current = onClose
  useEffect(() => {
    const before = document.activeElement
    panel.current?.focus({ preventScroll: true })
    const onKey = (event: KeyboardEvent): void => {
      if (event.key !== 'Escape' || !panel.current?.contains(document.activeElement)) return
      event.stopPropagation()
      close.current()
    }
    addEventListener('keydown', onKey, true)
    return () => {
      removeEventListener('keydown', onKey, true)
      if (before instanceof HTMLElement && before.isConnected) before.focus({ preventScroll: true })
    }
  }, [])
  return panel
}
