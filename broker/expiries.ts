import type { Credential } from './credentials/credential-store.ts'

/** Notices that credentials expire while somebody is connected with them. */
export interface Expiries {
  /** Notes when a credential in use expires; again where that changes. */
  note(credential: Pick<Credential, 'username' | 'expires'>): void
  start(): void
  stop(): void
}

/** How often it is looked whether a credential has expired, in ms. A timer for each could not wait for more than 24 days. */
const turnMs = 500

export function createExpiries(onExpired: (username: string) => void): Expiries {
  const ends = new Map<string, number>()
  let timer: NodeJS.Timeout | undefined

  function turn(): void {
    const now = Date.now()
    for (const [username, expires] of ends) {
      if (expires > now) continue
      ends.delete(username)
      onExpired(username)
    }
  }

  return {
    note({ username, expires }) {
      if (expires === null) ends.delete(username)
      else ends.set(username, expires)
    },
    start() {
      timer = setInterval(turn, turnMs)
    },
    stop: () => clearInterval(timer),
  }
}
