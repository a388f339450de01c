import type { TryResult } from '../escalation.ts'
import { sendTimeoutMs } from './channel.ts'

export interface HttpAnswer {
  readonly status: number
  readonly text: string
  /** The answer as JSON; undefined: it is not JSON. */
  readonly json: unknown
  readonly retryAfterMs: number | undefined
}

/** Bytes of an answer that are read, at most. */
const maxAnswerBytes = 100_000

/** Sends a request. @throws Error where there is no answer in time */
export async function request(url: string, init: RequestInit): Promise<HttpAnswer> {
  const signals = [AbortSignal.timeout(sendTimeoutMs), ...(init.signal ? [init.signal] : [])]
  const response = await fetch(url, { redirect: 'error', ...init, signal: AbortSignal.any(signals) })
  const text = await readText(response)
  const after = Number(response.headers.get('retry-after') ?? Number.NaN)
  return {
    status: response.status,
    text,
    json: parsed(text),
    retryAfterMs: after > 0 ? after * 1_000 : undefined,
  }
}

async function readText({ body }: Response): Promise<string> {
  const parts: Uint8Array[] = []
  let bytes = 0
  for await (const part of body ?? []) {
    parts.push(part as Uint8Array)
    bytes += (part as Uint8Array).length
    if (bytes > maxAnswerBytes) break
  }
  return Buffer.concat(parts).toString()
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** A request that fails makes the channel fail, whatever the reason. Secrets in URLs do not reach the log. */
export async function attempt(send: () => Promise<TryResult>): Promise<TryResult> {
  try {
    return await send()
  } catch (error) {
    const { name, message, cause } = error as Error
    const { code } = (cause ?? error) as NodeJS.ErrnoException
    return { kind: 'failed', reason: code ?? (name === 'TimeoutError' ? 'no answer in time' : message) }
  }
}

/** The result of a status where the channel knows no better. */
export function resultOf({ status, retryAfterMs }: HttpAnswer, ref?: string): TryResult {
  if (status >= 200 && status < 300) return { kind: 'sent', ...(ref === undefined ? {} : { ref }) }
  return failed(`HTTP ${status}`, retryAfterMs)
}

export function failed(reason: string, afterMs?: number): TryResult {
  return { kind: 'failed', reason: reason.slice(0, 200), ...(afterMs === undefined ? {} : { afterMs }) }
}

/** A field of an answer, as `['result', 'message_id']`. */
export function fieldOf(json: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (of, key) => (typeof of === 'object' && of !== null ? (of as Record<string, unknown>)[key] : undefined),
    json,
  )
}
