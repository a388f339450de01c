import { useEffect, useRef, useState } from 'preact/hooks'
import { connections } from '../state.ts'

const retryMs = 5_000

/**
 * Reads JSON, again at each new connection and when `due` changes; the last answer stays until the next one. A reading
 * that is due waits for the one before: a slow store would otherwise never answer.
 */
export function useJson<T>(url: string | undefined, due = 0): T | undefined {
  const [answer, setAnswer] = useState<T>()
  const connection = connections.value
  const running = useRef<{ readonly key: string; readonly abort: AbortController }>(undefined)
  useEffect(() => {
    const key = `${connection} ${url}`
    if (running.current?.key === key) return
    running.current?.abort.abort()
    running.current = undefined
    if (url === undefined) return
    const abort = new AbortController()
    running.current = { key, abort }
    let retry: ReturnType<typeof setTimeout> | undefined
    abort.signal.addEventListener('abort', () => clearTimeout(retry), { once: true })
    const load = async (): Promise<void> => {
      try {
        const response = await fetch(url, { signal: abort.signal })
        if (!response.ok) throw new Error(`HTTP ${response.status}`)
        const next = (await response.json()) as T
        if (abort.signal.aborted) return
        running.current = undefined
        setAnswer(next)
      } catch {
        if (!abort.signal.aborted) retry = setTimeout(load, retryMs)
      }
    }
    void load()
  }, [url, connection, due])
  useEffect(() => () => running.current?.abort.abort(), [])
  return answer
}
