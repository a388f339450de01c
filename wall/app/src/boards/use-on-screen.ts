import { useEffect, useState } from 'preact/hooks'

/** Panels are read a little before they are scrolled to. */
const margin = '200px'
/** Widths are rounded up to this many px, so that walls of about one size ask the same question. */
const widthStep = 100

/** Whether an element is on the screen, and about how wide it is in px; 0 until it is measured. */
export function useOnScreen(element: { readonly current: HTMLElement | null }): {
  readonly isOnScreen: boolean
  readonly width: number
} {
  const [isOnScreen, setOnScreen] = useState(false)
  const [width, setWidth] = useState(0)
  useEffect(() => {
    const target = element.current
    if (!target) return
    const measure = () => setWidth(Math.ceil(target.clientWidth / widthStep) * widthStep)
    const screen = new IntersectionObserver((entries) => setOnScreen(entries.at(-1)?.isIntersecting ?? false), {
      rootMargin: margin,
    })
    const size = new ResizeObserver(measure)
    measure()
    screen.observe(target)
    size.observe(target)
    return () => {
      screen.disconnect()
      size.disconnect()
    }
  }, [])
  return { isOnScreen, width }
}
