import { createHmac, randomBytes, scrypt, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'

/**
 * How a password is hashed. A generated password has 144 random bits, which nobody guesses however fast the hash is, so
 * an HMAC is enough: 1,000 nodes log in within a second. Earlier versions used scrypt for all passwords.
 */
export type HashKind = 'hmac' | 'scrypt'

export const hashBytes = 32
/** RFC 7914; some 50 ms of one core. */
const cost = { N: 1 << 14, r: 8, p: 1 }
const deriveScrypt = promisify<string, Buffer, number, typeof cost, Buffer>(scrypt)

/** 18 random bytes as base64url. */
const generated = /^[A-Za-z0-9_-]{24}$/

export function generatePassword(): string {
  return randomBytes(18).toString('base64url')
}

export function looksGenerated(password: string): boolean {
  return generated.test(password)
}

export function hmac(password: string, salt: Buffer): Buffer {
  return createHmac('sha256', salt).update(password).digest()
}

export function sameHash(a: Buffer, b: Buffer): boolean {
  return a.length === b.length && timingSafeEqual(a, b)
}

/** Checks that may wait for scrypt; beyond it they are refused. */
const maxWaiting = 5_000

export interface SlowHash {
  /**
   * Hashes with scrypt; `undefined` when nobody wants it any more as its turn comes. Those of usernames that seem to be
   * guessed come after all others.
   * @throws Error when too many wait
   */
  derive(password: string, salt: Buffer, asker: SlowAsker): Promise<Buffer | undefined>
}

export interface SlowAsker {
  wanted(): Promise<boolean>
  readonly seemsGuess: boolean
}

/**
 * One scrypt at a time: it runs in the four threads that the log's commits and all files share, and may take one of them
 * only.
 */
export function createSlowHash(): SlowHash {
  const waiting: (() => Promise<void>)[] = []
  const guesses: (() => Promise<void>)[] = []
  let isRunning = false

  async function run(): Promise<void> {
    if (isRunning) return
    isRunning = true
    for (let next = waiting.shift() ?? guesses.shift(); next; next = waiting.shift() ?? guesses.shift()) await next()
    isRunning = false
  }

  return {
    derive(password, salt, { wanted, seemsGuess }) {
      if (waiting.length + guesses.length >= maxWaiting) return Promise.reject(new Error('too many pending logins'))
      return new Promise((resolve, reject) => {
        const turn = async () => ((await wanted()) ? deriveScrypt(password, salt, hashBytes, cost) : undefined)
        ;(seemsGuess ? guesses : waiting).push(() => turn().then(resolve, reject))
        void run()
      })
    },
  }
}
