import { createHash } from 'node:crypto'
import { type IncomingMessage, request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import { IocError, isIocError } from '@ioc/contract/errors.ts'
import { connectPinned } from '@ioc/runtime/pinned-tls.ts'

/** How long the centre may take to answer, in ms. */
const answerMs = 15_000
/** Bytes of an answer, at most. */
const maxAnswerBytes = 65_536

export interface Answer {
  readonly status: number
  readonly body: string
}

/** The centre at a URL; `ca` is the authority that its certificate must be of, in PEM. */
export interface CentreApi {
  readonly url: URL
  readonly ca: string | undefined
  post(path: string, body: object): Promise<Answer>
  /**
   * Begins a GET of any length; the caller reads the answer.
   * @throws IocError CENTRE_UNREACHABLE, CENTRE_UNTRUSTED
   */
  open(path: string, request: OpenRequest): Promise<IncomingMessage>
}

export interface OpenRequest {
  readonly headers?: Readonly<Record<string, string>>
  readonly signal: AbortSignal
}

/**
 * Reaches a centre. Over HTTPS its authority is the one whose SHA-256 `digest` is; without a digest, the first that the
 * centre shows, or those of the system where it shows none.
 * @throws IocError USAGE_INVALID, CENTRE_UNREACHABLE, CENTRE_UNTRUSTED
 */
export async function openCentreApi(address: string, digest: string | undefined): Promise<CentreApi> {
  const url = parseUrl(address)
  if (url.protocol === 'http:' && digest !== undefined) {
    throw new IocError('CENTRE_UNTRUSTED', `the token requires TLS: use https:// in place of ${url.origin}`)
  }
  const ca = url.protocol === 'https:' ? await fetchAuthority(url, digest) : undefined
  return centreApi(url, ca)
}

/**
 * The centre that an agent was enrolled at.
 * @throws IocError USAGE_INVALID
 */
export function enrolledCentre(address: string, ca: string | undefined): CentreApi {
  return centreApi(parseUrl(address), ca)
}

function centreApi(url: URL, ca: string | undefined): CentreApi {
  return {
    url,
    ca,
    post: (path, body) => send(url, path, { ca, body: JSON.stringify(body) }),
    open: (path, request) => open(url, path, { ca, ...request }),
  }
}

function parseUrl(address: string): URL {
  const url = URL.parse(address.includes('://') ? address : `https://${address}`)
  if (url && (url.protocol === 'http:' || url.protocol === 'https:')) return url
  throw new IocError(
    'USAGE_INVALID',
    `${JSON.stringify(address)} is not the URL of a centre, such as https://10.0.0.5:8080`,
  )
}

/** Unverified: the authority is not known yet. The answer is compared with the digest. */
async function fetchAuthority(url: URL, digest: string | undefined): Promise<string | undefined> {
  const { status, body } = await send(url, '/api/enrol/ca', { isUnverified: true })
  if (digest === undefined) return status === 200 ? body : undefined
  const der = Buffer.from(body.replace(/-----[^-]+-----|\s/g, ''), 'base64')
  if (status === 200 && createHash('sha256').update(der).digest('hex') === digest) return body
  throw new IocError('CENTRE_UNTRUSTED', `${url.origin} is not the centre that issued the token: check the address`)
}

interface Sending extends Partial<OpenRequest> {
  readonly ca?: string | undefined
  readonly body?: string
  readonly isUnverified?: boolean
}

/** An answer of limited length, as text. */
async function send(url: URL, path: string, sending: Sending): Promise<Answer> {
  const response = await open(url, path, sending)
  try {
    return { status: response.statusCode ?? 0, body: await readAnswer(response, maxAnswerBytes) }
  } catch (cause) {
    throw unreachable(url, cause)
  }
}

/**
 * The text of an answer, whose length a server need not announce.
 * @throws Error where it is longer than allowed, or breaks off
 */
export async function readAnswer(response: IncomingMessage, maxBytes: number): Promise<string> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length
    // Leaving the loop closes the connection.
    if (bytes > maxBytes) throw new Error(`the answer is longer than ${maxBytes} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

async function open(url: URL, path: string, sending: Sending): Promise<IncomingMessage> {
  const { ca, body, isUnverified = false, signal } = sending
  const isHttps = url.protocol === 'https:'
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1')
  const port = Number(url.port || (isHttps ? 443 : 80))
  const headers =
    body === undefined ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }
  const options = {
    ...{ host, port, path, method: body === undefined ? 'GET' : 'POST' },
    headers: { ...headers, ...sending.headers, connection: 'close' },
    ...(signal === undefined ? {} : { signal }),
    rejectUnauthorized: !isUnverified,
    ...(ca === undefined ? { agent: false } : { createConnection: () => connectPinned({ host, port, ca }) }),
  }
  try {
    return await new Promise<IncomingMessage>((resolve, reject) => {
      const request = (isHttps ? requestHttps : requestHttp)(options, resolve)
      request.on('error', reject)
      // Of the socket: the option of the request has no effect on one that was made here.
      request.on('socket', (socket) =>
        socket.setTimeout(answerMs, () => request.destroy(new Error('no answer in time'))),
      )
      request.end(body)
    })
  } catch (cause) {
    throw unreachable(url, cause)
  }
}

function unreachable(url: URL, cause: unknown): IocError {
  if (isIocError(cause)) return cause
  const { code, message } = cause as NodeJS.ErrnoException
  return new IocError('CENTRE_UNREACHABLE', `cannot reach ${url.origin} (${code ?? message})`, { cause })
}
