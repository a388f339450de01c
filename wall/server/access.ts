import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { AccountLock, type LockLimits } from '@ioc/accounts/account-lock.ts'
import { type Account, AccountStore } from '@ioc/accounts/account-store.ts'
import { type AuditEntry, AuditLog } from '@ioc/accounts/audit-log.ts'
import { Sessions, sessionLimits } from '@ioc/accounts/sessions.ts'
import { IocError } from '@ioc/contract/errors.ts'
import type { User } from '@ioc/contract/roles.ts'
import { isLoopback } from '@ioc/runtime/listen.ts'
import { addressKey, GuessLimit, type GuessLimits } from './guess-limit.ts'
import type { WallOptions } from './options.ts'
import { RateWindow } from './rate-window.ts'

const cookieName = 'ioc_session'

export type AccessRequest = Pick<IncomingMessage, 'headers' | 'socket'>

/** What a request may do: 401 needs to log in, 429 has guessed too often. */
export type AccessDecision =
  | { readonly status: 200; readonly user: User }
  | { readonly status: 401 }
  | { readonly status: 429 /** Whole seconds until the next attempt is compared. */; readonly retryAfter_s: number }

/** A login: with the `Set-Cookie` of the new session. */
export type LoginDecision =
  | { readonly status: 200; readonly user: User; readonly cookie: string }
  | Exclude<AccessDecision, { readonly status: 200 }>

/** Everyone who reaches the port of a centre on loopback that has no accounts. */
export const localUser: User = { name: 'local-admin', role: 'admin' }
/** A program that sends `IOC_API_TOKEN`. */
export const tokenUser: User = { name: 'api-token', role: 'admin' }

/** Lines about locked accounts in the audit log in a minute: somebody who guesses must not fill it. */
const maxLockLinesPerMinute = 20

/**
 * Who makes a request: a session cookie (a page cannot give a WebSocket a header), or a bearer token of a user or of
 * `IOC_API_TOKEN`. Without accounts and without that token, on loopback, everyone is the local administrator. Accounts are
 * read at each request: what `ioc user` changes holds at once. Wrong passwords are limited by account and, with wrong
 * tokens, by address. Cookies are not limited: they are 256 bits that nobody guesses, and a valid one passes while guesses
 * are refused.
 */
export class Access {
  readonly accounts: AccountStore
  readonly audit: AuditLog
  readonly #sessions: Sessions
  readonly #onWriteError: (error: unknown) => void
  readonly #token: string
  readonly #isLoopback: boolean
  readonly #guesses: GuessLimit
  readonly #lock: AccountLock
  readonly #lockLines = new RateWindow(maxLockLinesPerMinute, 60_000)

  constructor(
    { dataDir, bind, apiToken }: Pick<WallOptions, 'dataDir' | 'bind' | 'apiToken'>,
    onWriteError: (error: unknown) => void,
    limits: Partial<GuessLimits & LockLimits> = {},
  ) {
    this.accounts = new AccountStore(dataDir)
    this.audit = new AuditLog(dataDir)
    this.#sessions = new Sessions(dataDir, onWriteError)
    this.#onWriteError = onWriteError
    this.#token = apiToken
    this.#isLoopback = isLoopback(bind)
    this.#guesses = new GuessLimit(limits)
    this.#lock = new AccountLock(limits)
  }

  /** Whether everyone who reaches the port is the local administrator. */
  get isOpen(): boolean {
    return this.#isLoopback && this.#token === '' && !this.accounts.isUsed
  }

  /** @throws IocError ACCOUNT_REQUIRED beyond loopback where nobody could log in */
  requireAccounts(bind: string): void {
    if (this.#isLoopback || this.#token !== '' || this.accounts.isUsed) return
    throw new IocError(
      'ACCOUNT_REQUIRED',
      `IOC_BIND is ${bind}, which is reachable from other machines: create a user who can log in with "ioc user add NAME --role admin"`,
    )
  }

  /** Decides on a request by its headers. */
  decide({ headers, socket }: AccessRequest, now = Date.now()): AccessDecision {
    if (this.isOpen) return { status: 200, user: localUser }
    const { authorization = '' } = headers
    const account = this.#sessionOf(headers, now)
    if (account) return { status: 200, user: userOf(account) }
    const [scheme = '', given = ''] = authorization.split(' ', 2)
    return /^(bearer|token)$/i.test(scheme) ? this.#checkToken(given, socket.remoteAddress) : { status: 401 }
  }

  /**
   * Begins a session, always a new one: a cookie that the browser had before is ended, and never taken over.
   * @throws IocError LOGIN_BUSY
   */
  async login(name: string, password: string, request: AccessRequest): Promise<LoginDecision> {
    const address = addressOf(request)
    const refusal = this.#attempt(name, address)
    if (refusal) return refusal
    const account = await this.accounts.verify(name, password, this.#lock.isTrusted(name, address))
    if (!account) return { status: 401 }
    this.#noteRight(name, address)
    this.#endCookies(request)
    this.#noteSession({ at: Date.now(), who: name, what: 'session.login', from: address })
    const cookie = this.#sessions.begin(account, Date.now())
    return { status: 200, user: userOf(account), cookie: cookieHeader(cookie, request) }
  }

  /** Ends the session of a request; the `Set-Cookie` that removes its cookie. */
  logout(request: AccessRequest): string {
    const account = this.#sessionOf(request.headers, Date.now())
    this.#endCookies(request)
    if (account)
      this.#noteSession({ at: Date.now(), who: account.name, what: 'session.logout', from: addressOf(request) })
    return cookieHeader('', request)
  }

  /**
   * Sets the password of a user who knows the present one. All sessions of the user end; the request gets a new one.
   * @throws IocError LOGIN_BUSY, PASSWORD_INVALID, ACCOUNT_UNKNOWN
   */
  async changePassword(user: User, current: string, next: string, request: AccessRequest): Promise<LoginDecision> {
    const address = addressOf(request)
    const refusal = this.#attempt(user.name, address)
    if (refusal) return refusal
    if (!(await this.accounts.verify(user.name, current, true))) return { status: 401 }
    this.#noteRight(user.name, address)
    const account = await this.accounts.setPassword(user.name, next)
    this.note(request, user, { what: 'user.password', target: user.name })
    this.#endCookies(request)
    const cookie = this.#sessions.begin(account, Date.now())
    return { status: 200, user: userOf(account), cookie: cookieHeader(cookie, request) }
  }

  /** Writes down what a user did. @throws Error where it cannot be written */
  note(
    request: Pick<AccessRequest, 'socket'>,
    { name }: Pick<User, 'name'>,
    entry: Pick<AuditEntry, 'what' | 'target' | 'detail'>,
  ): void {
    this.audit.append({ at: Date.now(), who: name, from: addressOf(request), ...entry })
  }

  /** Counts an attempt to show a password, unless there were too many. */
  #attempt(name: string, address: string): Exclude<AccessDecision, { readonly status: 200 }> | undefined {
    const now = performance.now()
    const waitMs = Math.max(this.#guesses.waitMs(address), this.#lock.waitMs(name, address, now))
    if (waitMs > 0) return { status: 429, retryAfter_s: Math.ceil(waitMs / 1000) }
    this.#guesses.noteWrong(address)
    if (this.#lock.noteAttempt(name, address, now) && this.#lockLines.take()) {
      this.#noteSession({
        at: Date.now(),
        who: this.accounts.find(name)?.name ?? 'unknown',
        what: 'session.lock',
        from: address,
      })
    }
    return undefined
  }

  /** With a full disk people log in all the same. */
  #noteSession(entry: AuditEntry): void {
    try {
      this.audit.append(entry)
    } catch (error) {
      this.#onWriteError(error)
    }
  }

  #noteRight(name: string, address: string): void {
    this.#guesses.noteRight(address, true)
    this.#lock.noteRight(name, address)
  }

  /** The account of the session cookie. A page below another path may have set a second cookie: two accounts are none. */
  #sessionOf(headers: AccessRequest['headers'], now: number): Account | undefined {
    const found = cookieValues(headers.cookie ?? '').flatMap(
      (cookie) => this.#sessions.account(cookie, (name) => this.accounts.find(name), now) ?? [],
    )
    const [first] = found
    return found.every(({ id }) => id === first?.id) ? first : undefined
  }

  #endCookies({ headers }: AccessRequest): void {
    for (const cookie of cookieValues(headers.cookie ?? '')) this.#sessions.end(cookie, Date.now())
  }

  /** Compares a token that an address shows, and counts a wrong one. */
  #checkToken(given: string, address = ''): AccessDecision {
    const waitMs = this.#guesses.waitMs(address)
    if (waitMs > 0) return { status: 429, retryAfter_s: Math.ceil(waitMs / 1000) }
    const isApiToken = this.#token !== '' && equal(given, this.#token)
    const user = isApiToken ? tokenUser : this.accounts.findByToken(given)
    if (!user) {
      this.#guesses.noteWrong(address)
      return { status: 401 }
    }
    this.#guesses.noteRight(address)
    return { status: 200, user: isApiToken ? tokenUser : userOf(user as Account) }
  }
}

const addressOf = ({ socket }: Pick<AccessRequest, 'socket'>): string => addressKey(socket.remoteAddress ?? '')

/** What of an account others see. */
function userOf({ name, role, areas, unit }: User): User {
  return { name, role, ...(areas ? { areas } : {}), ...(unit === undefined ? {} : { unit }) }
}

/** A session ends with its time at the server; an empty value removes the cookie. */
function cookieHeader(value: string, request: AccessRequest): string {
  const maxAge_s = value === '' ? 0 : Math.floor(sessionLimits.maxAgeMs / 1000)
  const secure = isHttps(request) ? '; Secure' : ''
  return `${cookieName}=${value}; Path=/; HttpOnly; SameSite=Lax; Max-Age=${maxAge_s}${secure}`
}

/** Whether the browser's connection is encrypted, here or at the proxy before. */
export function isHttps({ headers, socket }: AccessRequest): boolean {
  const [forwarded = ''] = String(headers['x-forwarded-proto'] ?? '').split(',', 1)
  return 'encrypted' in socket || forwarded.trim().toLowerCase() === 'https'
}

/** Cookies of one request that are looked up. */
const maxCookies = 4

/** Values of the session cookie. */
function cookieValues(header: string): string[] {
  const values = header.split(';').flatMap((part) => {
    const [name = '', value = ''] = part.trim().split('=', 2)
    return name === cookieName && value !== '' ? [value] : []
  })
  return values.slice(0, maxCookies)
}

const compareKey = randomBytes(32)

function equal(given: string, expected: string): boolean {
  // Digests have one length, which timingSafeEqual asks for.
  const digest = (text: string): Buffer => createHmac('sha256', compareKey).update(text).digest()
  return timingSafeEqual(digest(given), digest(expected))
}
