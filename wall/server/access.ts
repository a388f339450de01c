import { createHmac, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'

const cookieName = 'ioc_wall'
const cookieDays = 365

/**
 * Who may read. Without a token (loopback only) everyone who reaches the port. With one, a request carries it as a
 * bearer, or the cookie that a browser got for it, because a page cannot give a WebSocket a header. The cookie is
 * derived from the token, so that it survives a restart and ends with the token, and does not give it away.
 */
export class Access {
  readonly #token: string
  readonly #cookie: string

  constructor(token: string) {
    this.#token = token
    this.#cookie = createHmac('sha256', token).update('ioc wall session').digest('base64url')
  }

  allows(request: Pick<IncomingMessage, 'headers'>): boolean {
    if (this.#token === '') return true
    const { authorization = '', cookie = '' } = request.headers
    const [scheme = '', given = ''] = authorization.split(' ', 2)
    if (/^(bearer|token)$/i.test(scheme)) return this.isToken(given)
    return equal(cookieValue(cookie), this.#cookie)
  }

  isToken(given: string): boolean {
    return this.#token === '' || equal(given, this.#token)
  }

  /** The `Set-Cookie` of a browser that showed the token. */
  sessionCookie(): string {
    return `${cookieName}=${this.#cookie}; Path=/; HttpOnly; SameSite=Strict; Max-Age=${cookieDays * 86_400}`
  }

  /** False for a WebSocket that a page of another site opens: browsers do not hold WebSockets to their origin. */
  sameOrigin(request: Pick<IncomingMessage, 'headers'>): boolean {
    const { origin, host } = request.headers
    if (origin === undefined) return true
    try {
      return new URL(origin).host === host
    } catch {
      return false
    }
  }
}

function cookieValue(header: string): string {
  for (const part of header.split(';')) {
    const [name = '', value = ''] = part.trim().split('=', 2)
    if (name === cookieName) return value
  }
  return ''
}

function equal(given: string, expected: string): boolean {
  // Digests have one length, which timingSafeEqual asks for.
  const digest = (text: string): Buffer => createHmac('sha256', 'compare').update(text).digest()
  return timingSafeEqual(digest(given), digest(expected))
}
