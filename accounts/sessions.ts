import { createHash, randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { readPrivateJson, writePrivateJson } from '@ioc/runtime/private-file.ts'
import type { Account } from './account-store.ts'

const dayMs = 86_400_000

export interface SessionLimits {
  /** How long a session lasts, in ms. */
  readonly maxAgeMs: number
  /** How long a session may be unused, in ms. */
  readonly maxIdleMs: number
  /** Sessions of one account; beyond, the one that was used the longest time ago ends. */
  readonly maxPerAccount: number
}

export const sessionLimits: SessionLimits = { maxAgeMs: 30 * dayMs, maxIdleMs: 7 * dayMs, maxPerAccount: 20 }

/** How far the clock may have been set back since a session began, in ms: one that began later is refused. */
const maxClockStepMs = 300_000
/** How often the time of last use is written to disk, in ms. */
const seenWriteMs = 600_000

interface Session {
  readonly user: string
  readonly account: string
  readonly passwordId: string
  readonly created: number
  seen: number
}

/**
 * Sessions of browsers, which survive a restart. Only the hash of a cookie is kept, so that nobody who reads the file can
 * use one. A session ends with its account, and with the password that began it. Times are ms since 1970.
 */
export class Sessions {
  readonly #path: string
  readonly #limits: SessionLimits
  readonly #sessions: Map<string, Session>
  readonly #onWriteError: (error: unknown) => void
  #written = 0

  /** `onWriteError` is called where a session cannot be written: with a full disk, people log in all the same. */
  constructor(dataDir: string, onWriteError: (error: unknown) => void, limits: Partial<SessionLimits> = {}) {
    this.#path = join(dataDir, 'accounts', 'sessions.json')
    this.#onWriteError = onWriteError
    this.#limits = { ...sessionLimits, ...limits }
    const stored = Object.entries(readPrivateJson(this.#path) ?? {}) as [string, unknown][]
    this.#sessions = new Map(stored.flatMap(([key, session]) => (isSession(session) ? [[key, session]] : [])))
  }

  /** Begins a session and returns its cookie, which is always a new one. */
  begin({ name, id, passwordId }: Account, now: number): string {
    const cookie = randomBytes(32).toString('base64url')
    this.#evict(id, now)
    this.#sessions.set(hashOf(cookie), { user: name, account: id, passwordId, created: now, seen: now })
    this.#tryWrite(now)
    return cookie
  }

  /** The account of a cookie, as `find` knows it now. */
  account(cookie: string, find: (name: string) => Account | undefined, now: number): Account | undefined {
    const session = this.#sessions.get(hashOf(cookie))
    if (!session || !this.#isCurrent(session, now)) return undefined
    const account = find(session.user)
    if (account?.id !== session.account || account.passwordId !== session.passwordId) return undefined
    session.seen = Math.max(session.seen, now)
    if (Math.abs(now - this.#written) > seenWriteMs) this.#tryWrite(now)
    return account
  }

  /** @throws Error of the system where the end cannot be written: after a restart the session would go on */
  end(cookie: string, now: number): void {
    if (this.#sessions.delete(hashOf(cookie))) this.#write(now)
  }

  #isCurrent({ created, seen }: Session, now: number): boolean {
    const { maxAgeMs, maxIdleMs } = this.#limits
    return created <= now + maxClockStepMs && now - created < maxAgeMs && now - seen < maxIdleMs
  }

  /** Drops the sessions that are over, and makes room for one more of an account. */
  #evict(account: string, now: number): void {
    for (const [key, session] of this.#sessions) if (!this.#isCurrent(session, now)) this.#sessions.delete(key)
    const own = [...this.#sessions].filter(([, session]) => session.account === account)
    own.sort(([, a], [, b]) => b.seen - a.seen)
    for (const [key] of own.slice(this.#limits.maxPerAccount - 1)) this.#sessions.delete(key)
  }

  #tryWrite(now: number): void {
    try {
      this.#write(now)
    } catch (error) {
      this.#onWriteError(error)
    }
  }

  #write(now: number): void {
    this.#written = now
    writePrivateJson(this.#path, Object.fromEntries(this.#sessions))
  }
}

function isSession(value: unknown): value is Session {
  const { user, account, passwordId, created, seen } = (value ?? {}) as Partial<Record<keyof Session, unknown>>
  const isText = [user, account, passwordId].every((one) => typeof one === 'string')
  return isText && typeof created === 'number' && typeof seen === 'number'
}

const hashOf = (cookie: string) => createHash('sha256').update(cookie).digest('hex')
