import { useEffect, useState } from 'preact/hooks'
import { connections } from '../state.ts'

const retryMs = 5_000

/** Reads JSON, again at each new connection and when `due` changes; the last answer stays until the next one. */
export function useJson<T>(url: string | undefined, due = 0): T | undefined {
  const [answer, setAnswer] = useState<T>()
  const connection = connections.value
  useEffect(() => {
    if (url === undefined) return
    const abort = new AbortController()
    let retry: ReturnType<typeof setTimeout> | undefined
    const load = async (): Promise<void> => {
      try {
        const response = await fetch(url, { signal: abort.signal })
        if (!response.ok) throw new Error(`HTTP ${response.status}`)
        setAnswer((await response.json()) as T)
      } catch {
        if (!abort.signal.aborted) retry = setTimeout(load, retryMs)
      }
    }
    void load()
    return () => {
      abort.abort()
      clearTimeout(retry)
    }
  }, [url, connection, due])
  return answer
}
