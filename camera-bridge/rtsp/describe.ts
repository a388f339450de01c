import { connect, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { IocError, isIocError } from '@ioc/contract/errors.ts'
import { unreachable } from '../onvif/exchange.ts'
import type { HeaderLogin, LoginGate } from '../onvif/login.ts'
import { bounded, requestMs } from '../onvif/session.ts'

/** Longest answer that is read, in bytes. */
const maxAnswerBytes = 65_536

interface RtspAnswer {
  readonly status: number
  readonly challenges: readonly string[]
  readonly body: string
}

/**
 * Whether a camera would send its stream: `DESCRIBE` names the tracks without a picture being sent.
 * @throws IocError CAMERA_UNREACHABLE, CAMERA_UNAUTHORIZED, CAMERA_FAULT, CAMERA_ANSWER_INVALID
 */
export async function describeStream(
  url: URL,
  login: HeaderLogin,
  gate: LoginGate,
  now: () => number,
  outer: AbortSignal,
): Promise<{ readonly hasVideo: boolean }> {
  gate.requireOpen(now())
  const signal = bounded(outer, requestMs)
  const socket = await open(url, signal)
  try {
    const uri = withoutAccount(url)
    for (let tries = 1; ; tries++) {
      const signed = login.sign('DESCRIBE', uri)
      const answer = await request(socket, uri, tries, signed.header, signal)
      if (answer.status === 200) {
        if (signed.header !== undefined) gate.accepted()
        return { hasVideo: /^m=video /m.test(answer.body) }
      }
      if (answer.status !== 401) throw new IocError('CAMERA_FAULT', `${url.host}: RTSP status ${answer.status}`)
      if (tries > 1 || !login.learn(answer.challenges, signed)) break
    }
  } catch (error) {
    throw isIocError(error) ? error : unreachable(url.host, error as Error)
  } finally {
    socket.destroy()
  }
  login.reset()
  throw gate.rejected(now())
}

function withoutAccount(url: URL): string {
  const copy = new URL(url)
  copy.username = ''
  copy.password = ''
  return copy.href
}

async function open(url: URL, signal: AbortSignal): Promise<Socket> {
  const isSecure = url.protocol === 'rtsps:'
  const port = Number(url.port || (isSecure ? 322 : 554))
  const host = url.hostname.replace(/^\[|\]$/g, '')
  const socket = isSecure ? connectTls({ host, port, rejectUnauthorized: false }) : connect(port, host)
  const abort = () => socket.destroy(signal.reason as Error)
  signal.addEventListener('abort', abort, { once: true })
  socket.once('close', () => signal.removeEventListener('abort', abort))
  if (signal.aborted) abort()
  return new Promise((resolve, reject) => {
    socket.once(isSecure ? 'secureConnect' : 'connect', () => resolve(socket))
    socket.once('error', (error) => reject(unreachable(url.host, error)))
  })
}

async function request(
  socket: Socket,
  uri: string,
  sequence: number,
  login: string | undefined,
  signal: AbortSignal,
): Promise<RtspAnswer> {
  const lines = [
    `DESCRIBE ${uri} RTSP/1.0`,
    `CSeq: ${sequence}`,
    'Accept: application/sdp',
    'User-Agent: ioc',
    ...(login === undefined ? [] : [`Authorization: ${login}`]),
  ]
  socket.write(`${lines.join('\r\n')}\r\n\r\n`, 'latin1')
  let text = ''
  for await (const chunk of socket.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    text += chunk.toString('latin1')
    if (text.length > maxAnswerBytes) throw new IocError('CAMERA_ANSWER_INVALID', 'RTSP answer is too long')
    const answer = parseAnswer(text)
    if (answer) return answer
  }
  signal.throwIfAborted()
  throw new IocError('CAMERA_UNREACHABLE', 'the connection was closed without an answer')
}

/** The answer once it is complete. @throws IocError CAMERA_ANSWER_INVALID */
function parseAnswer(text: string): RtspAnswer | undefined {
  const end = text.indexOf('\r\n\r\n')
  if (end < 0) return undefined
  const [first = '', ...lines] = text.slice(0, end).split('\r\n')
  const status = Number(/^RTSP\/1\.\d (\d{3})/.exec(first)?.[1] ?? Number.NaN)
  if (Number.isNaN(status)) throw new IocError('CAMERA_ANSWER_INVALID', 'the answer is not RTSP')
  const headers = lines.map((line) => {
    const colon = line.indexOf(':')
    return [line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim()] as const
  })
  const length = Number(headers.find(([name]) => name === 'content-length')?.[1] ?? 0)
  const body = text.slice(end + 4)
  if (body.length < length) return undefined
  const challenges = headers.flatMap(([name, value]) => (name === 'www-authenticate' ? [value] : []))
  return { status, challenges, body }
}
