import { IocError } from '@ioc/contract/errors.ts'
import type { StoreTarget } from '../target.ts'

/**
 * Asks a store something over HTTP; resolves to an answer that is no refusal.
 * @param timeoutMs longest time until the answer is there whole
 * @throws IocError STORE_UNREACHABLE, STORE_UNAUTHORIZED, QUERY_INVALID
 */
export async function request(
  target: StoreTarget,
  path: string,
  init: RequestInit,
  timeoutMs: number,
): Promise<Response> {
  let response: Response
  let text: string
  try {
    const signal = AbortSignal.timeout(timeoutMs)
    const authorization = target.token === '' ? {} : { Authorization: `Token ${target.token}` }
    response = await fetch(target.url + path, { ...init, headers: { ...authorization, ...init.headers }, signal })
    if (response.ok) return response
    text = await response.text()
  } catch (error) {
    throw unreachable(target, error)
  }
  throw refused(response.status, text)
}

/** What an answer that is no success means. */
export function refused(status: number, text: string): IocError {
  const reason = reasonOf(text) ?? `status ${status}`
  if (status === 401 || status === 403) return new IocError('STORE_UNAUTHORIZED', reason)
  return new IocError(status === 400 ? 'QUERY_INVALID' : 'STORE_UNREACHABLE', reason)
}

/** The whole answer as text. */
export async function requestText(...args: Parameters<typeof request>): Promise<string> {
  const response = await request(...args)
  try {
    return await response.text()
  } catch (error) {
    throw unreachable(args[0], error)
  }
}

export function unreachable({ url }: StoreTarget, cause: unknown): IocError {
  return new IocError('STORE_UNREACHABLE', `the store at ${url} does not answer`, { cause })
}

function reasonOf(text: string): string | undefined {
  try {
    const { error, message } = JSON.parse(text) as { readonly error?: string; readonly message?: string }
    return error ?? message
  } catch {
    return undefined
  }
}
