/** What guessing the password of an account may cost. */
export interface LockLimits {
  /** Wrong passwords of an account in a window; beyond, none is compared until the window ends. */
  readonly maxPerAccount: number
  readonly windowMs: number
  /** Accounts, and accounts with an address, that are remembered; beyond, the oldest are evicted. */
  readonly maxKeys: number
}

export const lockLimits: LockLimits = { maxPerAccount: 10, windowMs: 600_000, maxKeys: 10_000 }

interface Window {
  readonly since: number
  count: number
}

/**
 * Locks an account after wrong passwords. An address from which its password was right is counted by itself: strangers
 * who guess do not lock out whom the account belongs to. Unknown names are counted too, so that a lock tells nothing. The
 * clock is monotonic, in ms: a step of the system's clock opens no lock.
 */
export class AccountLock {
  readonly #limits: LockLimits
  readonly #windows = new Map<string, Window>()
  readonly #trusted = new Set<string>()

  constructor(limits: Partial<LockLimits> = {}) {
    this.#limits = { ...lockLimits, ...limits }
  }

  /** Whether the password of the account was right from this address before. */
  isTrusted(name: string, address: string): boolean {
    return this.#trusted.has(pair(name, address))
  }

  /** ms until a password is compared again; 0 when it is compared now. */
  waitMs(name: string, address: string, now: number): number {
    const { count = 0, since = now } = this.#windowOf(name, address, now) ?? {}
    return count < this.#limits.maxPerAccount ? 0 : since + this.#limits.windowMs - now
  }

  /**
   * Counts an attempt as wrong until `noteRight`: those that wait for their hash count too. True where it is the one that
   * locks the account.
   */
  noteAttempt(name: string, address: string, now: number): boolean {
    const key = this.#keyOf(name, address)
    const window = this.#windowOf(name, address, now) ?? { since: now, count: 0 }
    window.count++
    this.#windows.delete(key)
    this.#windows.set(key, window)
    evictOldest(this.#windows, this.#limits.maxKeys)
    return window.count === this.#limits.maxPerAccount
  }

  noteRight(name: string, address: string): void {
    const window = this.#windows.get(this.#keyOf(name, address))
    if (window) window.count--
    this.#trusted.add(pair(name, address))
    evictOldest(this.#trusted, this.#limits.maxKeys)
  }

  #keyOf(name: string, address: string): string {
    return this.isTrusted(name, address) ? pair(name, address) : name
  }

  #windowOf(name: string, address: string, now: number): Window | undefined {
    const window = this.#windows.get(this.#keyOf(name, address))
    return window && now - window.since < this.#limits.windowMs ? window : undefined
  }
}

/** A name has no space. */
const pair = (name: string, address: string) => `${name} ${address}`

function evictOldest(collection: Map<string, unknown> | Set<string>, max: number): void {
  for (const key of collection.keys()) {
    if (collection.size <= max) return
    collection.delete(key)
  }
}
