/** Takeovers of a connection within `windowMs` after which two machines seem to use one credential. */
const maxTakeovers = 3
const windowMs = 600_000
/** Usernames whose takeovers are remembered. */
const maxUsernames = 10_000

export interface CloneWatch {
  /** A new connection displaced an open one with the same client id. */
  takenOver(username: string): void
}

/**
 * Notices cloned machines. A machine that reconnects displaces its own half-open connection now and then; two machines
 * with one credential displace each other for as long as both run.
 */
export function createCloneWatch(onSuspected: (username: string) => void): CloneWatch {
  const takeovers = new Map<string, readonly number[]>()
  return {
    takenOver(username) {
      const now = performance.now()
      const recent = [...(takeovers.get(username) ?? []).filter((at) => now - at < windowMs), now]
      takeovers.delete(username)
      if (recent.length >= maxTakeovers) return onSuspected(username)
      takeovers.set(username, recent)
      if (takeovers.size > maxUsernames) takeovers.delete(takeovers.keys().next().value as string)
    },
  }
}
