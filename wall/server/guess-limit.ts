import { RateWindow } from './rate-window.ts'

/** What guessing a token or a password may cost the centre. */
export interface GuessLimits {
  /** Wrong tokens of one address in a window. */
  readonly maxPerAddress: number
  /** Wrong tokens of all addresses in a window. Addresses that have shown the right token are exempt. */
  readonly maxInAll: number
  readonly windowMs: number
  /** Addresses that are remembered; beyond, the oldest are evicted. */
  readonly maxAddresses: number
}

export const guessLimits: GuessLimits = { maxPerAddress: 10, maxInAll: 200, windowMs: 60_000, maxAddresses: 10_000 }

/** Limits wrong tokens and passwords, for each address and for all together. While a limit is exceeded, no token is compared. */
export class GuessLimit {
  readonly #limits: GuessLimits
  readonly #all: RateWindow
  readonly #byAddress = new Map<string, RateWindow>()
  /** Addresses that have shown the right token: strangers who guess must not lock them out. */
  readonly #known = new Set<string>()

  constructor(limits: Partial<GuessLimits> = {}) {
    this.#limits = { ...guessLimits, ...limits }
    this.#all = new RateWindow(this.#limits.maxInAll, this.#limits.windowMs)
  }

  /** Milliseconds until this address may show a token again; 0 when it may now. */
  waitMs(address: string): number {
    const key = addressKey(address)
    const own = this.#byAddress.get(key)?.waitMs ?? 0
    return this.#known.has(key) ? own : Math.max(own, this.#all.waitMs)
  }

  noteWrong(address: string): void {
    const key = addressKey(address)
    const { maxPerAddress, windowMs, maxAddresses } = this.#limits
    const window = this.#byAddress.get(key) ?? new RateWindow(maxPerAddress, windowMs)
    this.#byAddress.delete(key)
    this.#byAddress.set(key, window)
    evictOldest(this.#byAddress, maxAddresses)
    window.take()
    this.#all.take()
  }

  /** Notes a right one; `counted`: it was counted as wrong before it was compared. */
  noteRight(address: string, counted = false): void {
    if (counted) {
      this.#byAddress.get(addressKey(address))?.take(-1)
      this.#all.take(-1)
    }
    this.#known.add(addressKey(address))
    evictOldest(this.#known, this.#limits.maxAddresses)
  }
}

/** IPv4 addresses as they are; of IPv6 the network, because one machine has all addresses of its /64. */
export function addressKey(address: string): string {
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, '')
  if (!plain.includes(':')) return plain
  const [head = '', tail] = plain.split('::', 2)
  const left = head.split(':')
  if (tail === undefined) return left.slice(0, 4).join(':')
  const missing = 8 - left.length - (tail === '' ? 0 : tail.split(':').length)
  return [...left, ...Array<string>(Math.max(0, missing)).fill('0'), ...tail.split(':')].slice(0, 4).join(':')
}

function evictOldest(collection: Map<string, unknown> | Set<string>, max: number): void {
  for (const key of collection.keys()) {
    if (collection.size <= max) return
    collection.delete(key)
  }
}
