import { type LeasePriority, leasePriorities } from '@ioc/contract/messages/camera-link.ts'

/** A lease lasts for so long after the last move of its holder, in ms. */
export const leaseMs = 60_000

export interface Lease {
  readonly holder: string
  readonly priority: LeasePriority
  readonly until: number
}

/**
 * Who may move a camera: one at a time. Each move renews the lease of its holder. A higher priority takes it over; an equal or
 * lower one waits until it ends.
 */
export class CameraLease {
  #lease: Lease | undefined

  current(now: number): Lease | undefined {
    return this.#lease && this.#lease.until > now ? this.#lease : undefined
  }

  /** @returns whoever holds it instead; undefined: it is granted */
  acquire(holder: string, priority: LeasePriority, now: number): Lease | undefined {
    const current = this.current(now)
    const isOthers = current !== undefined && current.holder !== holder
    if (isOthers && leasePriorities[priority] <= leasePriorities[current.priority]) return current
    this.#lease = { holder, priority, until: now + leaseMs }
    return undefined
  }

  release(holder: string): void {
    if (this.#lease?.holder === holder) this.#lease = undefined
  }
}
