import type { RefObject } from 'preact'
import { useLayoutEffect, useRef, useState } from 'preact/hooks'

/** The inner size of an element in rem, so that what fits follows the size of the type as well. */
export interface Box {
  readonly width: number
  readonly height: number
}

export function useBox<T extends HTMLElement>(): readonly [RefObject<T | null>, Box | undefined] {
  const ref = useRef<T>(null)
  const [box, setBox] = useState<Box>()
  useLayoutEffect(() => {
    const element = ref.current
    if (!element) return
    const measure = () => {
      const rem = Number.parseFloat(getComputedStyle(document.documentElement).fontSize)
      const width = element.clientWidth / rem
      const height = element.clientHeight / rem
      setBox((before) => (before?.width === width && before.height === height ? before : { width, height }))
    }
    measure()
    const observer = new ResizeObserver(measure)
    observer.observe(element)
    return () => observer.disconnect()
  }, [])
  return [ref, box]
}
