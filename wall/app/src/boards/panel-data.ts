import type { ApiError } from '@ioc/contract/messages/api.ts'
import type { PanelData } from '../../../shared/boards/panel-data.ts'

/** Requests at a time: the browser's six connections are shared with the rest of the page. */
const maxRequests = 4
/** The server gives a query up after 10 s. */
const timeoutMs = 15_000
const retryAfterMs = 500

/** Why there are no data: a code of the error table where the server names one. */
export class PanelDataError extends Error {
  readonly code: string
  /** Whether asking again cannot help. */
  readonly isFinal: boolean

  constructor(code: string, message: string, isFinal = false, options?: ErrorOptions) {
    super(message, options)
    this.code = code
    this.isFinal = isFinal
  }
}

/** The panel and the places that a request is about, without the time range and the width. */
export function subjectOf(url: string): string {
  const [path = '', query] = url.split('?')
  const parameters = new URLSearchParams(query)
  for (const name of ['from', 'to', 'width']) parameters.delete(name)
  return `${path}?${parameters}`
}

interface Waiting {
  readonly start: () => void
  readonly signal: AbortSignal
}

let running = 0
const waiting: Waiting[] = []

/**
 * Reads what the queries of a panel return, when its turn comes; a second time where the first one fails.
 * @throws PanelDataError; an AbortError after `signal`
 */
export async function readPanelData(url: string, signal: AbortSignal): Promise<PanelData> {
  await slot(signal)
  try {
    return await read(url, signal).catch(async (error: unknown) => {
      if (signal.aborted || (error instanceof PanelDataError && error.isFinal)) throw error
      await new Promise((resolve) => setTimeout(resolve, retryAfterMs))
      return read(url, signal)
    })
  } finally {
    running--
    next()
  }
}

async function slot(signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    waiting.push({ start: resolve, signal })
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
    next()
  })
}

function next(): void {
  while (running < maxRequests) {
    const first = waiting.shift()
    if (!first) return
    if (first.signal.aborted) continue
    running++
    first.start()
  }
}

async function read(url: string, signal: AbortSignal): Promise<PanelData> {
  const timeout = AbortSignal.timeout(timeoutMs)
  try {
    const response = await fetch(url, { signal: AbortSignal.any([signal, timeout]) })
    if (response.ok) return (await response.json()) as PanelData
    throw await failure(response)
  } catch (error) {
    if (signal.aborted || error instanceof PanelDataError) throw error
    throw new PanelDataError(timeout.aborted ? 'TIMEOUT' : 'NETWORK', String(error), false, { cause: error })
  }
}

/** A request that is wrong stays so. */
async function failure(response: Response): Promise<PanelDataError> {
  const body = (await response.json().catch(() => ({}))) as Partial<ApiError>
  const isFinal = response.status < 500 && response.status !== 429
  return new PanelDataError(body.error ?? '', body.message ?? `HTTP ${response.status}`, isFinal)
}
