/** Takeovers of a connection within `windowMs` after which two machines seem to use one credential. */
const maxTakeovers = 3
const windowMs = 600_000
/** Takeovers of a username that are remembered. */
const maxRemembered = 100
/** Usernames whose takeovers are remembered. */
const maxUsernames = 10_000

export interface CloneWatch {
  /**
   * A new connection displaced an open one with the same client id. `run` and `displacedRun` name the processes that opened
   * them, where they do.
   */
  takenOver(username: string, run: string | undefined, displacedRun: string | undefined): void
}

interface Takeover {
  readonly at: number
  readonly displacedRun: string | undefined
  /** It shows that two machines are connected. */
  readonly counts: boolean
}

/**
 * Notices cloned machines: two with one credential displace each other for as long as both run. On a line that is cut often,
 * one machine displaces its own half-open connections, and one that restarts those of the process before. So where processes
 * name themselves, a takeover counts if its process was displaced by another before. A machine that was copied with its memory,
 * as it ran, is not told from the original.
 */
export function createCloneWatch(onSuspected: (username: string) => void): CloneWatch {
  const takeovers = new Map<string, readonly Takeover[]>()
  return {
    takenOver(username, run, displacedRun) {
      const now = performance.now()
      if (run !== undefined && run === displacedRun) return
      const before = (takeovers.get(username) ?? []).filter(({ at }) => now - at < windowMs)
      const counts = run === undefined || before.some((one) => one.displacedRun === run)
      const recent = [...before, { at: now, displacedRun, counts }].slice(-maxRemembered)
      takeovers.delete(username)
      if (recent.filter((one) => one.counts).length >= maxTakeovers) return onSuspected(username)
      takeovers.set(username, recent)
      if (takeovers.size > maxUsernames) takeovers.delete(takeovers.keys().next().value as string)
    },
  }
}
