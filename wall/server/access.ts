import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { User } from '@ioc/contract/roles.ts'
import { GuessLimit, type GuessLimits } from './guess-limit.ts'

const cookieName = 'ioc_wall'
const cookieDays = 365

export type AccessRequest = Pick<IncomingMessage, 'headers' | 'socket'>

/** What a request may do: 401 needs a token, 429 has guessed too often. */
export type AccessDecision =
  | { readonly status: 200; readonly user: User }
  | { readonly status: 401 }
  | { readonly status: 429 /** Whole seconds until the next attempt is compared. */; readonly retryAfter_s: number }

/** Everyone who reaches the port of a centre on loopback that has no accounts. */
export const localUser: User = { name: 'local-admin', role: 'admin' }
/** A program that sends `IOC_API_TOKEN`. */
export const tokenUser: User = { name: 'api-token', role: 'admin' }

/**
 * Who may read. Without a token (loopback only) everyone who reaches the port. With one, a request carries it as a
 * bearer token, or the cookie that a browser received for it, because a page cannot give a WebSocket a header. The
 * cookie is derived from the token: it survives a restart, ends with the token, and does not reveal it. Wrong tokens are
 * limited; cookies are not, because they are 256 bits that nobody guesses, and a valid one passes while guesses are refused.
 */
export class Access {
  readonly #token: string
  readonly #cookie: string
  readonly #guesses: GuessLimit

  constructor(token: string, limits: Partial<GuessLimits> = {}) {
    this.#token = token
    this.#cookie = createHmac('sha256', token).update('ioc wall session').digest('base64url')
    this.#guesses = new GuessLimit(limits)
  }

  /** Decides on a request by its headers. */
  decide({ headers, socket }: AccessRequest): AccessDecision {
    if (this.#token === '') return { status: 200, user: localUser }
    const { authorization = '', cookie = '' } = headers
    if (cookieValues(cookie).some((value) => equal(value, this.#cookie))) return { status: 200, user: tokenUser }
    const [scheme = '', given = ''] = authorization.split(' ', 2)
    return /^(bearer|token)$/i.test(scheme) ? this.checkToken(given, socket.remoteAddress) : { status: 401 }
  }

  /** Compares a token that an address shows, and counts a wrong one. */
  checkToken(given: string, address = ''): AccessDecision {
    if (this.#token === '') return { status: 200, user: localUser }
    const waitMs = this.#guesses.waitMs(address)
    if (waitMs > 0) return { status: 429, retryAfter_s: Math.ceil(waitMs / 1000) }
    if (equal(given, this.#token)) {
      this.#guesses.noteRight(address)
      return { status: 200, user: tokenUser }
    }
    this.#guesses.noteWrong(address)
    return { status: 401 }
  }

  /** The `Set-Cookie` of a browser that showed the token. */
  sessionCookie(): string {
    return `${cookieName}=${this.#cookie}; Path=/; HttpOnly; SameSite=Strict; Max-Age=${cookieDays * 86_400}`
  }
}

/** Values of the session cookie: a page below another path may have set a second one. */
function cookieValues(header: string): string[] {
  return header.split(';').flatMap((part) => {
    const [name = '', value = ''] = part.trim().split('=', 2)
    return name === cookieName ? [value] : []
  })
}

const compareKey = randomBytes(32)

function equal(given: string, expected: string): boolean {
  // Digests have one length, which timingSafeEqual asks for.
  const digest = (text: string): Buffer => createHmac('sha256', compareKey).update(text).digest()
  return timingSafeEqual(digest(given), digest(expected))
}
