import { createECDH, createPublicKey, randomBytes, verify } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import ece from 'http_ece'
import type { Subscription } from '../escalation-state.ts'
import { makeCertificate } from './certificate.ts'

export interface Pushed {
  readonly headers: IncomingHttpHeaders
  readonly bytes: number
  /** What the browser would show. */
  readonly message: { readonly title: string; readonly body: string; readonly link: string | null }
}

export interface PushService {
  /** A file of PEM with the authority that the service's certificate is from. */
  readonly caFile: string
  readonly pushed: readonly Pushed[]
  /** How the next messages are answered; 201: they are accepted. */
  answer(status: number, headers?: Readonly<Record<string, string>>): void
  /** A browser of a person. */
  subscribe(person: string): Subscription
  stop(): void
}

/**
 * A push service with browsers behind it: it verifies who sends (RFC 8292), and decrypts with another implementation of
 * RFC 8291 than the one that encrypts.
 */
export async function startPushService(publicKey: string): Promise<PushService> {
  const { key, cert, file } = makeCertificate(2)
  const browsers = new Map<string, { readonly own: ReturnType<typeof createECDH>; readonly auth: string }>()
  const pushed: Pushed[] = []
  let next: { status: number; headers: Readonly<Record<string, string>> } = { status: 201, headers: {} }
  const server = createServer({ key, cert }, async (request, response) => {
    const parts: Buffer[] = []
    for await (const part of request) parts.push(part as Buffer)
    const body = Buffer.concat(parts)
    const browser = browsers.get(request.url ?? '')
    if (!browser || !isSignedBy(publicKey, request.headers.authorization ?? '')) {
      response.writeHead(403).end()
      return
    }
    const { own, auth } = browser
    const text = ece.decrypt(body, { version: 'aes128gcm', privateKey: own, authSecret: auth }).toString()
    pushed.push({ headers: request.headers, bytes: body.length, message: JSON.parse(text) })
    response.writeHead(next.status, next.headers).end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    caFile: file,
    pushed,
    answer(status, headers = {}) {
      next = { status, headers }
    },
    subscribe(person) {
      const own = createECDH('prime256v1')
      own.generateKeys()
      const auth = randomBytes(16).toString('base64url')
      const path = `/push/${randomBytes(8).toString('hex')}`
      browsers.set(path, { own, auth })
      const keys = { p256dh: own.getPublicKey().toString('base64url'), auth }
      return { person, endpoint: `https://127.0.0.1:${port}${path}`, keys }
    },
    stop() {
      server.closeAllConnections()
      server.close()
    },
  }
}

/** Whether a header `vapid t=…, k=…` has a token that the key signed, and that has not expired. */
function isSignedBy(publicKey: string, authorization: string): boolean {
  const [, token = '', key] = /^vapid t=([^,]+), ?k=(.+)$/.exec(authorization) ?? []
  const [head = '', claims = '', signature = ''] = token.split('.')
  if (key !== publicKey) return false
  const point = Buffer.from(publicKey, 'base64url')
  const [x, y] = [point.subarray(1, 33), point.subarray(33)].map((part) => part.toString('base64url'))
  const jwk = createPublicKey({ key: { kty: 'EC', crv: 'P-256', x: x ?? '', y: y ?? '' }, format: 'jwk' })
  const signed = Buffer.from(`${head}.${claims}`)
  const isValid = verify('sha256', signed, { key: jwk, dsaEncoding: 'ieee-p1363' }, Buffer.from(signature, 'base64url'))
  const { exp, sub } = JSON.parse(Buffer.from(claims, 'base64url').toString()) as { exp: number; sub: string }
  return isValid && exp * 1_000 > Date.now() && sub.startsWith('mailto:')
}
