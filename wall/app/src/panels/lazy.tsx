import type { ComponentType } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import type { PanelProps } from './panel.ts'

/** A panel, or another component, whose code is loaded when the first one of its type is drawn. */
export function lazyPanel<P extends object = PanelProps>(load: () => Promise<ComponentType<P>>): ComponentType<P> {
  let loading: Promise<ComponentType<P>> | undefined
  return function LazyPanel(props) {
    const [loaded, setLoaded] = useState<{ readonly Panel: ComponentType<P> }>()
    const [error, setError] = useState<unknown>()
    useEffect(() => {
      loading ??= load()
      loading.then(
        (Panel) => setLoaded({ Panel }),
        (cause: unknown) => {
          loading = undefined
          setError(cause)
        },
      )
    }, [])
    if (error !== undefined) throw error
    return loaded ? <loaded.Panel {...props} /> : null
  }
}
