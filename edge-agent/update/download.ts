import { createWriteStream } from 'node:fs'
import { rm, stat } from 'node:fs/promises'
import { pipeline } from 'node:stream/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { IocError, isIocError } from '@ioc/contract/errors.ts'
import { backoffMs, defaultBackoff } from '@ioc/uplink/backoff.ts'
import type { CentreApi } from '../centre-api.ts'

export interface Download {
  readonly api: CentreApi
  readonly path: string
  /** Bytes of the whole file. */
  readonly size: number
  readonly maxBytesPerS: number
  readonly signal: AbortSignal
}

/**
 * Downloads a file, from where an earlier attempt ended, as often as the line breaks. The content at a path never changes,
 * so that parts of several attempts fit together.
 * @throws IocError UPDATE_UNKNOWN, UPDATE_DAMAGED; the reason of the signal
 */
export async function download(target: string, settings: Download): Promise<void> {
  const { signal, size } = settings
  let failures = 0
  for (;;) {
    const before = await sizeOf(target)
    if (before === size) return
    try {
      await continueDownload(target, before, settings)
    } catch (error) {
      signal.throwIfAborted()
      if (!isIocError(error, 'CENTRE_UNREACHABLE')) throw error
    }
    const after = await sizeOf(target)
    if (after === size) return
    failures = after > before ? 0 : failures + 1
    await sleep(backoffMs(failures, false, defaultBackoff), undefined, { signal })
  }
}

async function continueDownload(target: string, have: number, settings: Download): Promise<void> {
  const { api, path, size, signal } = settings
  if (have > size) return await rm(target, { force: true })
  const response = await api.open(path, { headers: { range: `bytes=${have}-` }, signal })
  const { statusCode } = response
  if (statusCode !== 206 && statusCode !== 200) {
    response.destroy()
    if (statusCode === 404) throw new IocError('UPDATE_UNKNOWN', `the centre has no ${path}`)
    throw new IocError('CENTRE_UNREACHABLE', `the centre answers ${statusCode} for ${path}`)
  }
  // A server that knows no ranges sends all of it.
  const isWhole = statusCode === 200
  const file = createWriteStream(target, { flags: isWhole ? 'w' : 'a', mode: 0o600 })
  const limit = size - (isWhole ? 0 : have)
  try {
    await pipeline(response, (chunks) => paced(chunks, limit, settings), file)
  } catch (error) {
    signal.throwIfAborted()
    const { code, message } = error as NodeJS.ErrnoException
    if (isIocError(error) || code === 'ENOSPC' || code === 'EDQUOT') throw error
    throw new IocError('CENTRE_UNREACHABLE', `the download of ${path} broke off (${code ?? message})`, { cause: error })
  }
}

/** Passes chunks on no faster than allowed: what is not read yet waits at the centre. */
async function* paced(
  chunks: AsyncIterable<Buffer>,
  limit: number,
  { maxBytesPerS, path, signal }: Download,
): AsyncGenerator<Buffer> {
  const began = performance.now()
  let bytes = 0
  for await (const chunk of chunks) {
    bytes += chunk.length
    if (bytes > limit) throw new IocError('UPDATE_DAMAGED', `${path} is larger than the release says`)
    yield chunk
    const aheadMs = began + (bytes / maxBytesPerS) * 1000 - performance.now()
    if (aheadMs > 0) await sleep(aheadMs, undefined, { signal })
  }
}

const sizeOf = async (path: string): Promise<number> => (await stat(path).catch(() => undefined))?.size ?? 0
