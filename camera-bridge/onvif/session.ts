import { IocError, isIocError } from '@ioc/contract/errors.ts'
import type { Account } from './digest.ts'
import { exchange, type HttpAnswer } from './exchange.ts'
import { HeaderLogin, LoginGate, type SignedLogin } from './login.ts'
import { bodyOf, type Element, envelope, faultOf, usernameToken } from './soap.ts'

export interface SessionSettings {
  readonly account: Account | undefined
  /** The bridge's clock, in ms. */
  readonly now: () => number
}

/** Longest answer to a request, in bytes. */
const maxSoapBytes = 1 << 20
/** The clock is read first: whatever answers at an address that is no camera ends here, and costs no more. */
const maxClockBytes = 1 << 16
const maxPictureBytes = 8 << 20
/** Longest time of a request, in ms. */
export const requestMs = 10_000
/** A clock that moved by less is not a reason to sign again, in ms. */
const movedClockMs = 5_000

const unsigned: SignedLogin = { header: undefined, challenge: undefined }

/** How the camera takes logins of SOAP: not known yet, as a token within the message, or as a header. */
type Scheme = 'unknown' | 'token' | 'header'

export interface Result {
  readonly body: Element
  readonly text: string
}

/**
 * Requests to one camera with its login, which is learned: the first protected request is sent without one, and the refusal
 * shows whether the camera takes headers. A failed login closes the gate, so that the account is not locked.
 */
export class Session {
  readonly #settings: SessionSettings
  readonly #soapLogin: HeaderLogin
  readonly #pictureLogin: HeaderLogin
  readonly #soapGate = new LoginGate()
  readonly #pictureGate = new LoginGate()
  #scheme: Scheme = 'unknown'
  /** A header was rejected: some cameras offer headers and take only tokens. They are tried after the wait. */
  #prefersToken = false
  /** The camera's clock minus the bridge's, in ms: tokens are signed with the camera's time. */
  clockOffsetMs = 0
  /** Reads the camera's clock again; set by the client. */
  readClock: ((signal: AbortSignal) => Promise<unknown>) | undefined

  constructor(settings: SessionSettings) {
    this.#settings = settings
    this.#soapLogin = new HeaderLogin(settings.account)
    this.#pictureLogin = new HeaderLogin(settings.account)
  }

  /** An operation without a login; the raw answer, as its `Date` matters too. @throws IocError CAMERA_… */
  anonymous(url: URL, body: string, signal: AbortSignal): Promise<HttpAnswer> {
    return this.#post(url, envelope(body), undefined, signal, requestMs, maxClockBytes)
  }

  /**
   * Calls an operation; resolves to the body of the answer, and to the whole of it as text.
   * @throws IocError CAMERA_UNREACHABLE, CAMERA_UNAUTHORIZED, CAMERA_FAULT, CAMERA_ANSWER_INVALID
   */
  async call(url: URL, body: string, signal: AbortSignal, timeoutMs = requestMs, header = ''): Promise<Result> {
    const { account, now } = this.#settings
    if (account) this.#soapGate.requireOpen(now())
    for (let tries = 1; ; tries++) {
      const scheme = this.#scheme
      const token = scheme === 'token' && account ? usernameToken(account, now() + this.clockOffsetMs) : ''
      const signed = scheme === 'header' ? this.#soapLogin.sign('POST', url.pathname + url.search) : unsigned
      const answer = await this.#post(url, envelope(body, header + token), signed.header, signal, timeoutMs)
      if (!isRefusal(answer)) {
        if (scheme !== 'unknown') this.#soapGate.accepted()
        return resultOf(answer)
      }
      if (!account || tries > 1 + Number(scheme === 'unknown')) break
      if (!(await this.#canTryAgain(scheme, answer, signed, signal))) break
    }
    this.#prefersToken = this.#scheme === 'header'
    this.#scheme = 'unknown'
    this.#soapLogin.reset()
    throw this.#soapGate.rejected(now())
  }

  /** A picture, or another document that is no SOAP. @throws IocError CAMERA_… */
  async fetchPicture(url: URL, signal: AbortSignal): Promise<HttpAnswer> {
    const { account, now } = this.#settings
    if (account) this.#pictureGate.requireOpen(now())
    for (let tries = 1; ; tries++) {
      const signed = this.#pictureLogin.sign('GET', url.pathname + url.search)
      const answer = await exchange({
        method: 'GET',
        url,
        headers: signed.header === undefined ? {} : { Authorization: signed.header },
        signal: bounded(signal, requestMs),
        maxBytes: maxPictureBytes,
      })
      if (answer.status === 200) {
        if (signed.header !== undefined) this.#pictureGate.accepted()
        return answer
      }
      if (answer.status !== 401) throw new IocError('CAMERA_FAULT', `${url.host}: HTTP status ${answer.status}`)
      if (tries > 1 || !this.#pictureLogin.learn(answer.challenges, signed)) break
    }
    this.#pictureLogin.reset()
    throw this.#pictureGate.rejected(now())
  }

  async #canTryAgain(
    scheme: Scheme,
    { challenges }: HttpAnswer,
    signed: SignedLogin,
    signal: AbortSignal,
  ): Promise<boolean> {
    switch (scheme) {
      case 'unknown':
        this.#scheme = this.#soapLogin.learn(challenges, signed) && !this.#prefersToken ? 'header' : 'token'
        return true
      case 'header':
        return this.#soapLogin.learn(challenges, signed)
      case 'token': {
        // A clock that was set since it was read makes a right password look wrong.
        const before = this.clockOffsetMs
        await this.readClock?.(signal)
        return Math.abs(this.clockOffsetMs - before) > movedClockMs
      }
      default:
        return scheme satisfies never
    }
  }

  #post(
    url: URL,
    text: string,
    login: string | undefined,
    signal: AbortSignal,
    timeoutMs: number,
    maxBytes = maxSoapBytes,
  ): Promise<HttpAnswer> {
    return exchange({
      method: 'POST',
      url,
      headers: {
        'Content-Type': 'application/soap+xml; charset=utf-8',
        ...(login === undefined ? {} : { Authorization: login }),
      },
      body: text,
      signal: bounded(signal, timeoutMs),
      maxBytes,
    })
  }
}

export function bounded(signal: AbortSignal, timeoutMs: number): AbortSignal {
  return AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)])
}

/** Cameras refuse a login by the status, or by a fault with another status, some with 200. */
function isRefusal({ status, body }: HttpAnswer): boolean {
  if (status === 401) return true
  try {
    const code = faultOf(bodyOf(body.toString('utf8')))?.code
    return code === 'NotAuthorized' || code === 'FailedAuthentication' || code === 'InvalidSecurity'
  } catch (error) {
    if (isIocError(error)) return false
    throw error
  }
}

/** @throws IocError CAMERA_FAULT, CAMERA_ANSWER_INVALID */
function resultOf({ status, body }: HttpAnswer): Result {
  const text = body.toString('utf8')
  if (status >= 500 && text.trim() === '') throw new IocError('CAMERA_FAULT', `HTTP status ${status}`)
  const parsed = bodyOf(text)
  const fault = faultOf(parsed)
  if (fault) throw new IocError('CAMERA_FAULT', `${fault.code}: ${fault.reason.slice(0, 200)}`)
  return { body: parsed, text }
}
