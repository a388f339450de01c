import { createHash, randomBytes } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { textOf } from './soap.ts'

export const loginKinds = ['token', 'digest', 'digest_sha256', 'basic'] as const
export type LoginKind = (typeof loginKinds)[number]

export interface LoginSettings {
  readonly username: string
  /** Without a password everybody may ask for anything. */
  readonly password: string
  readonly accepts: readonly LoginKind[]
  /** Longest difference between the clock of a token and the camera's own, in ms. */
  readonly maxSkewMs: number
  /** Failed logins after which the account is locked. */
  readonly maxFailures: number
  readonly lockMs: number
}

export const defaultLogin: LoginSettings = {
  username: 'admin',
  password: '',
  accepts: ['token', 'digest'],
  maxSkewMs: 300_000,
  maxFailures: 5,
  lockMs: 30 * 60_000,
}

type Outcome = 'right' | 'missing' | 'wrong'

const realm = 'camera'

/** Checks logins as a camera does: it counts the failed ones, and locks the account after too many. */
export class LoginGuard {
  readonly settings: LoginSettings
  /** Failed logins since the last one that was right. */
  failures = 0
  /** Failed logins of all time, also while the account was locked. */
  attempts = 0
  #lockedUntil = 0
  readonly #nonce = randomBytes(12).toString('hex')

  constructor(settings: Partial<LoginSettings> = {}) {
    this.settings = { ...defaultLogin, ...settings }
  }

  isLocked(now: number): boolean {
    return now < this.#lockedUntil
  }

  /** Whether a request may pass. @param now of the camera's clock, in ms */
  admits(request: IncomingMessage, body: string, now: number): boolean {
    if (this.settings.password === '') return true
    return this.#settle(this.#check(request, body, now), now)
  }

  /** The same for RTSP, which has the same header. */
  admitsHeader(authorization: string | undefined, method: string, now: number): boolean {
    if (this.settings.password === '') return true
    return this.#settle(this.#checkHeader(authorization, method), now)
  }

  #settle(outcome: Outcome, now: number): boolean {
    if (outcome === 'missing') return false
    if (outcome === 'right' && !this.isLocked(now)) {
      this.failures = 0
      return true
    }
    this.attempts += 1
    if (outcome === 'wrong' && ++this.failures >= this.settings.maxFailures) {
      this.#lockedUntil = now + this.settings.lockMs
    }
    return false
  }

  /** The values of `WWW-Authenticate`. */
  challenges(): string[] {
    const { accepts } = this.settings
    const digest = (algorithm: string) => `Digest realm="${realm}", qop="auth", nonce="${this.#nonce}"${algorithm}`
    return [
      ...(accepts.includes('digest') ? [digest('')] : []),
      ...(accepts.includes('digest_sha256') ? [digest(', algorithm=SHA-256')] : []),
      ...(accepts.includes('basic') ? [`Basic realm="${realm}"`] : []),
    ]
  }

  #checkHeader(authorization: string | undefined, method: string): Outcome {
    if (authorization === undefined) return 'missing'
    const { accepts, username, password } = this.settings
    if (authorization.startsWith('Basic ')) {
      const right = Buffer.from(`${username}:${password}`).toString('base64')
      return accepts.includes('basic') && authorization.slice(6) === right ? 'right' : 'wrong'
    }
    // Headers are read as a byte a character.
    const fields = digestFields(Buffer.from(authorization, 'latin1').toString('utf8'))
    const isSha = fields['algorithm'] === 'SHA-256'
    if (!accepts.includes(isSha ? 'digest_sha256' : 'digest') || fields['username'] !== username) return 'wrong'
    const hash = (text: string) =>
      createHash(isSha ? 'sha256' : 'md5')
        .update(text)
        .digest('hex')
    const first = hash(`${username}:${realm}:${password}`)
    const second = hash(`${method}:${fields['uri']}`)
    const middle = fields['qop'] === undefined ? [] : [fields['nc'], fields['cnonce'], fields['qop']]
    const right = hash([first, this.#nonce, ...middle, second].join(':'))
    return fields['nonce'] === this.#nonce && fields['response'] === right ? 'right' : 'wrong'
  }

  #check(request: IncomingMessage, body: string, now: number): Outcome {
    const { authorization } = request.headers
    if (authorization !== undefined) return this.#checkHeader(authorization, request.method ?? 'GET')
    const name = textOf(body, 'Username')
    if (name === undefined) return 'missing'
    const { username, password, accepts, maxSkewMs } = this.settings
    const created = textOf(body, 'Created') ?? ''
    const nonce = Buffer.from(textOf(body, 'Nonce') ?? '', 'base64')
    const right = createHash('sha1').update(nonce).update(created).update(password).digest('base64')
    const isFresh = Math.abs(Date.parse(created) - now) <= maxSkewMs
    const isRight = name === username && textOf(body, 'Password') === right && isFresh
    return accepts.includes('token') && isRight ? 'right' : 'wrong'
  }
}

function digestFields(header: string): Record<string, string> {
  const pairs = [...header.matchAll(/(\w+)=(?:"([^"]*)"|([^\s,]+))/g)]
  return Object.fromEntries(pairs.map(([, name, quoted, bare]) => [name, quoted ?? bare ?? '']))
}
