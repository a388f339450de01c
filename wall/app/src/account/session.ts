import type { ApiSession } from '@ioc/contract/messages/api.ts'
import { signal } from '@preact/signals'
import { send } from '../pages/api.ts'

/** Who is logged in; undefined until the server has answered. */
export const session = signal<ApiSession | undefined>(undefined)

const timeoutMs = 15_000

export async function loadSession(): Promise<void> {
  const response = await fetch('/api/session', { cache: 'no-store', signal: AbortSignal.timeout(timeoutMs) }).catch(
    () => undefined,
  )
  if (response?.ok) session.value = (await response.json()) as ApiSession
}

/** The HTTP status of a request; 0 where the server does not answer. */
async function request(method: 'POST' | 'DELETE', path: string, body?: object): Promise<number> {
  return (await send(method, path, body))?.status ?? 0
}

export const login = (name: string, password: string): Promise<number> =>
  request('POST', '/api/session', { name, password })

export const changePassword = (current: string, next: string): Promise<number> =>
  request('POST', '/api/session/password', { current, next })

export async function logout(): Promise<void> {
  await request('DELETE', '/api/session')
  // What the page holds of the user goes with it.
  location.reload()
}
