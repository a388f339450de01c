import { useEffect, useState } from 'preact/hooks'
import { refreshes } from '../shell/time.ts'
import { connections, storeAway } from '../state.ts'

/** What a page reads: again each minute, at a new connection, and when the viewer refreshes. */
export type Loaded<T> =
  | { readonly state: 'loading' }
  | { readonly state: 'missing' }
  | { readonly state: 'failed'; readonly retry: () => void }
  | { readonly state: 'ready'; readonly data: T }

/** Sends the API what a person does; undefined where it does not answer. */
export function send(method: 'POST' | 'DELETE', path: string, body?: object): Promise<Response | undefined> {
  const json = body ? { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) } : {}
  return fetch(path, { method, ...json }).catch(() => undefined)
}

/** Why the API refused; undefined where it does not say so. */
export async function messageOf(response: Response | undefined): Promise<string | undefined> {
  const answer = (await response?.json().catch(() => undefined)) as { readonly message?: string } | undefined
  return answer?.message
}

const rereadMs = 60_000
const timeoutMs = 15_000

/** `version`: another one reads again at once. */
export function useApi<T>(url: string, version = 0): Loaded<T> {
  const [loaded, setLoaded] = useState<Loaded<T>>({ state: 'loading' })
  const [attempt, setAttempt] = useState(0)
  const connection = connections.value
  const refresh = refreshes.value
  // A new connection, refresh or attempt reads again.
  useEffect(() => {
    const end = new AbortController()
    const read = async (): Promise<void> => {
      try {
        const signal = AbortSignal.any([end.signal, AbortSignal.timeout(timeoutMs)])
        const response = await fetch(url, { signal })
        if (response.status === 404) setLoaded({ state: 'missing' })
        else if (response.ok) {
          const data = (await response.json()) as T
          setLoaded({ state: 'ready', data })
          storeAway.value = false
        } else {
          storeAway.value = response.status === 503
          throw new Error(`${url}: HTTP ${response.status}`)
        }
      } catch {
        if (end.signal.aborted) return
        const retry = () => setAttempt((count) => count + 1)
        // What was read before is still shown, with its age.
        setLoaded((before) => (before.state === 'ready' ? before : { state: 'failed', retry }))
      }
    }
    void read()
    const timer = setInterval(read, rereadMs)
    return () => {
      clearInterval(timer)
      end.abort()
    }
  }, [url, connection, refresh, attempt, version])
  return loaded
}
