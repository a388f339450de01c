import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'
import { IocError } from '@ioc/contract/errors.ts'

/** A password as it is stored, with the cost at which it was hashed. */
export interface StoredPassword {
  readonly salt: string
  readonly hash: string
  readonly N: number
  readonly r: number
  readonly p: number
}

/** RFC 7914, as OWASP recommends for 16 MiB of memory; some 0.2 s of one core. */
const cost = { N: 1 << 14, r: 8, p: 5 }
const hashBytes = 32
const saltBytes = 16

export const minPasswordLength = 10
export const maxPasswordLength = 200

/** Passwords that may wait to be hashed. */
const maxWaiting = 100

const derive = promisify<string, Buffer, number, typeof cost, Buffer>(scrypt)

/** A password of 108 random bits, which a person can type. */
export function generatePassword(): string {
  return randomBytes(14).toString('base64url').slice(0, 18)
}

/** @throws IocError PASSWORD_INVALID */
export function requirePassword(password: string, name: string): void {
  const fits = password.length >= minPasswordLength && password.length <= maxPasswordLength
  if (!fits || password.toLowerCase().includes(name) || new Set(password).size < 5) {
    throw new IocError(
      'PASSWORD_INVALID',
      `a password has ${minPasswordLength} to ${maxPasswordLength} characters, at least 5 different ones, and does not contain the user name`,
    )
  }
}

/**
 * Hashes passwords, one at a time: scrypt runs in the four threads that all files of the process share, and may take one
 * of them only.
 */
export class PasswordHasher {
  readonly #first: (() => Promise<void>)[] = []
  readonly #waiting: (() => Promise<void>)[] = []
  #isRunning = false
  readonly #maxWaiting: number
  /** Hashed for unknown users, so that they take as long as others. */
  readonly #dummy: StoredPassword

  constructor(limit = maxWaiting) {
    this.#maxWaiting = limit
    this.#dummy = {
      salt: randomBytes(saltBytes).toString('hex'),
      hash: randomBytes(hashBytes).toString('hex'),
      ...cost,
    }
  }

  /** @throws IocError LOGIN_BUSY */
  async hash(password: string): Promise<StoredPassword> {
    const salt = randomBytes(saltBytes)
    const hash = await this.#derive(password, salt, cost, true)
    return { salt: salt.toString('hex'), hash: hash.toString('hex'), ...cost }
  }

  /**
   * Whether a password is right; without a stored one it never is, after the same time. `isTrusted` goes before others.
   * @throws IocError LOGIN_BUSY
   */
  async verify(password: string, stored: StoredPassword | undefined, isTrusted = false): Promise<boolean> {
    const { salt, hash, N, r, p } = stored ?? this.#dummy
    const given = await this.#derive(password, Buffer.from(salt, 'hex'), { N, r, p }, isTrusted)
    const expected = Buffer.from(hash, 'hex')
    return given.length === expected.length && timingSafeEqual(given, expected) && stored !== undefined
  }

  #derive(password: string, salt: Buffer, of: typeof cost, isFirst: boolean): Promise<Buffer> {
    if (this.#first.length + this.#waiting.length >= this.#maxWaiting) {
      return Promise.reject(new IocError('LOGIN_BUSY', 'too many people log in at this moment: try again in a minute'))
    }
    return new Promise((resolve, reject) => {
      const queue = isFirst ? this.#first : this.#waiting
      // Two spellings of one Vietnamese text are the same password.
      queue.push(() => derive(password.normalize('NFC'), salt, hashBytes, of).then(resolve, reject))
      void this.#run()
    })
  }

  async #run(): Promise<void> {
    if (this.#isRunning) return
    this.#isRunning = true
    for (let next = this.#next(); next; next = this.#next()) await next()
    this.#isRunning = false
  }

  #next(): (() => Promise<void>) | undefined {
    return this.#first.shift() ?? this.#waiting.shift()
  }
}
