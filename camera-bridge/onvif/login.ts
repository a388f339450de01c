import { IocError } from '@ioc/contract/errors.ts'
import { type Account, authorization, type Challenge, chooseChallenge } from './digest.ts'

/**
 * Waits after failed logins in a row, in ms. Cameras lock an account after five failures or so, some until a person
 * unlocks it: no more than four reach the camera within two hours.
 */
const waitsMs = [5, 30, 60].map((minutes) => minutes * 60_000)

/** Keeps a wrong password from locking the account of a camera. Times are in ms. */
export class LoginGate {
  #failures = 0
  #openAt = Number.NEGATIVE_INFINITY

  /** @throws IocError CAMERA_UNAUTHORIZED while the gate is closed */
  requireOpen(now: number): void {
    if (now >= this.#openAt) return
    const minutes = Math.ceil((this.#openAt - now) / 60_000)
    throw new IocError('CAMERA_UNAUTHORIZED', `login was rejected; the next attempt is in ${minutes} min`)
  }

  accepted(): void {
    this.#failures = 0
    this.#openAt = Number.NEGATIVE_INFINITY
  }

  /** Closes the gate; returns the error to throw. */
  rejected(now: number): IocError {
    const wait = waitsMs[Math.min(this.#failures, waitsMs.length - 1)] ?? 0
    this.#failures += 1
    this.#openAt = now + wait
    return new IocError('CAMERA_UNAUTHORIZED', 'the camera rejects the username or the password')
  }
}

/** A login of one request. */
export interface SignedLogin {
  /** The value of `Authorization`; undefined before the first challenge. */
  readonly header: string | undefined
  readonly challenge: Challenge | undefined
}

/** The login of HTTP and of RTSP: the last challenge is used again, so that a request costs one round trip. */
export class HeaderLogin {
  readonly #account: Account | undefined
  #challenge: Challenge | undefined
  #uses = 0

  constructor(account: Account | undefined) {
    this.#account = account
  }

  sign(method: string, uri: string): SignedLogin {
    const challenge = this.#challenge
    if (!challenge || !this.#account) return { header: undefined, challenge }
    return { header: authorization(challenge, this.#account, method, uri, ++this.#uses), challenge }
  }

  /**
   * Takes the challenge of a refusal. Returns whether another try makes sense: no login was sent, or one whose nonce had
   * been accepted before and has expired.
   * @param sent with the request that was refused. Where another request took a new challenge meanwhile, that one is tried
   */
  learn(challenges: readonly string[], sent: SignedLogin): boolean {
    if (sent.challenge !== this.#challenge) return this.#challenge !== undefined
    const hadNone = this.#challenge === undefined
    const wasAccepted = this.#uses > 1
    this.#challenge = chooseChallenge(challenges)
    this.#uses = 0
    return this.#account !== undefined && this.#challenge !== undefined && (hadNone || wasAccepted)
  }

  /** The next request is sent without a login. */
  reset(): void {
    this.#challenge = undefined
    this.#uses = 0
  }
}
