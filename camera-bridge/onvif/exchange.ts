import { type IncomingHttpHeaders, type IncomingMessage, request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import { IocError } from '@ioc/contract/errors.ts'

export interface HttpRequest {
  readonly method: 'GET' | 'POST'
  readonly url: URL
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
  /** Ends the request, also in the middle of the answer. */
  readonly signal: AbortSignal
  /** Longest answer that is read, in bytes. */
  readonly maxBytes: number
}

export interface HttpAnswer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  /** Each `WWW-Authenticate` by itself: joined, their commas could not be told from those within. */
  readonly challenges: readonly string[]
  readonly body: Buffer
}

/**
 * One request and its answer, bounded in bytes and in time. Certificates are not verified: cameras sign their own, and the
 * password is only sent as a digest.
 * @throws IocError CAMERA_UNREACHABLE, CAMERA_ANSWER_INVALID
 */
export function exchange({ method, url, headers, body, signal, maxBytes }: HttpRequest): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    const send = url.protocol === 'https:' ? requestHttps : requestHttp
    const length = body === undefined ? {} : { 'Content-Length': String(Buffer.byteLength(body)) }
    const sent = send(
      url,
      { method, headers: { ...headers, ...length }, signal, agent: false, rejectUnauthorized: false },
      (response) => readBody(response, maxBytes).then((read) => resolve(answerOf(response, read)), fail),
    )
    sent.on('error', fail)
    // As bytes: Node would encode the headers like a body of text, and a name with diacritics twice.
    sent.end(body === undefined ? undefined : Buffer.from(body))

    function fail(error: Error): void {
      sent.destroy()
      reject(error instanceof IocError ? error : unreachable(url.host, error))
    }
  })
}

/** @param peer host and port */
export function unreachable(peer: string, error: Error): IocError {
  const { code } = error as NodeJS.ErrnoException
  // An aborted request has the code of the abort, whatever the reason was.
  const isTimeout = error.name === 'TimeoutError' || (error.cause as Error | undefined)?.name === 'TimeoutError'
  const why = isTimeout ? 'no complete answer in time' : (code ?? error.message)
  return new IocError('CAMERA_UNREACHABLE', `${peer}: ${why}`, { cause: error })
}

async function readBody(response: IncomingMessage, maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > maxBytes) throw new IocError('CAMERA_ANSWER_INVALID', `answer of more than ${maxBytes} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks, bytes)
}

function answerOf({ statusCode = 0, headers, rawHeaders }: IncomingMessage, body: Buffer): HttpAnswer {
  const challenges = rawHeaders.flatMap((value, index) =>
    index % 2 === 1 && rawHeaders[index - 1]?.toLowerCase() === 'www-authenticate' ? [value] : [],
  )
  return { status: statusCode, headers, challenges, body }
}
