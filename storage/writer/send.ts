import { HttpError, InfluxDB, type WriteApi } from '@influxdata/influxdb-client'
import { IocError } from '@ioc/contract/errors.ts'
import { isLoopback } from '@ioc/runtime/listen.ts'
import type { StoreTarget } from '../target.ts'

/** Longest that one request may take, in ms. */
const timeoutMs = 10_000

/**
 * The client, reduced to what of it is reliable: one batch, one request, one outcome. Its buffers never flush by
 * themselves and its retries are off, because they drop lines after a while and report too early
 * (influxdata/influxdb-client-js#1017).
 */
export function createWriteApi(target: StoreTarget, maxLines: number): WriteApi {
  const url = new URL(target.url)
  const client = new InfluxDB({ url: target.url, ...(target.token && { token: target.token }), timeout: timeoutMs })
  const api = client.getWriteApi(target.org, target.bucket, 'ms', {
    batchSize: maxLines + 1,
    maxBatchBytes: Number.MAX_SAFE_INTEGER,
    flushInterval: 0,
    maxRetries: 0,
    // Compressing costs more than it saves where nothing leaves the machine.
    gzipThreshold: isLoopback(url.hostname.replace(/^\[|\]$/g, '')) ? Number.MAX_SAFE_INTEGER : 1000,
    // Hands the error on; without this the client prints it.
    writeFailed: (error) => Promise.reject(error),
  })
  if (target.version === 1) api.path = `/write?db=${encodeURIComponent(target.bucket)}&precision=ms`
  return api
}

/**
 * Sends lines in one request.
 * @throws IocError STORE_REFUSED when the store will not take some of the lines, STORE_UNAUTHORIZED,
 * STORE_UNREACHABLE for everything that may pass
 */
export async function send(api: WriteApi, lines: string[]): Promise<void> {
  try {
    api.writeRecords(lines as string[])
    await api.flush()
  } catch (error) {
    throw understand(error)
  }
}

// The words with which InfluxDB 1, 2, 3 and the embedded store blame a line. Any other 400 is about the request: it
// must not cost lines, so it is tried again until someone mends the settings.
const blamesLines = /parse|partial write|line protocol|field type|dropped|too large/i

function understand(error: unknown): IocError {
  const message = error instanceof Error ? error.message : String(error)
  if (!(error instanceof HttpError)) return new IocError('STORE_UNREACHABLE', message, { cause: error })
  const reason = reasonOf(error)
  switch (error.statusCode) {
    case 401:
    case 403:
      return new IocError('STORE_UNAUTHORIZED', reason, { cause: error })
    case 400:
    case 413:
    case 422:
      return new IocError(blamesLines.test(reason) ? 'STORE_REFUSED' : 'STORE_UNREACHABLE', reason, { cause: error })
    default:
      return new IocError('STORE_UNREACHABLE', `${error.statusCode}: ${reason}`, { cause: error })
  }
}

function reasonOf(error: HttpError): string {
  const { json } = error
  const text = json?.message ?? json?.error
  return typeof text === 'string' ? text : error.message
}
