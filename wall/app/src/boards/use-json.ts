import { useEffect, useRef, useState } from 'preact/hooks'
import { connections } from '../state.ts'

const retryMs = 5_000
/** Statuses of the 4xx that another attempt may not have: too slow, or too many at once. */
const passing: ReadonlySet<number> = new Set([408, 429])

/**
 * Reads JSON, again until there is an answer; `onFailure` is called for each attempt that had none. `undefined`: the server refuses
 * the request, which another attempt would not change, or the signal ended it.
 */
export async function readJson<T>(
  url: string,
  signal: AbortSignal,
  onFailure: () => void,
  waitMs = retryMs,
): Promise<T | undefined> {
  for (;;) {
    try {
      const response = await fetch(url, { signal })
      if (response.ok) return (await response.json()) as T
      onFailure()
      const { status } = response
      if (status >= 400 && status < 500 && !passing.has(status)) return undefined
    } catch {
      if (signal.aborted) return undefined
      onFailure()
    }
    await new Promise<void>((resolve) => {
      setTimeout(resolve, waitMs)
      signal.addEventListener('abort', () => resolve(), { once: true })
    })
    if (signal.aborted) return undefined
  }
}

/**
 * Reads JSON, again at each new connection and when `due` changes. The last answer stays until the next one, but that of
 * another address only as long as nothing fails. A reading that is due waits for the one before: a slow store would
 * otherwise never answer.
 */
export function useJson<T>(url: string | undefined, due = 0): T | undefined {
  return useJsonState<T>(url, due).value
}

/** As `useJson`, and whether the last attempt had no answer. */
export function useJsonState<T>(url: string | undefined, due = 0): { readonly value?: T; readonly isFailing: boolean } {
  const [failing, setFailing] = useState<string>()
  const [answer, setAnswer] = useState<{ readonly url: string; readonly value: T }>()
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
    const dropOther = () => {
      setFailing(url)
      setAnswer((before) => (before?.url === url ? before : undefined))
    }
    void readJson<T>(url, abort.signal, dropOther).then((value) => {
      if (abort.signal.aborted) return
      running.current = undefined
      if (value !== undefined) setFailing(undefined)
      setAnswer(value === undefined ? undefined : { url, value })
    })
  }, [url, connection, due])
  useEffect(() => () => running.current?.abort.abort(), [])
  return { ...(answer && { value: answer.value }), isFailing: failing !== undefined && failing === url }
}
