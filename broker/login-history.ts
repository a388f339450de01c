import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'

/** What is known of the next login with a username and a password, the best first. */
export const loginRanks = ['proven', 'unsuspicious', 'suspicious'] as const
export type LoginRank = (typeof loginRanks)[number]

export interface Login {
  readonly username: string
  readonly password: string
}

export interface LoginHistory {
  succeeded(login: Login): void
  failed(login: Login): void
  /** `proven`: this password was right lately. `suspicious`: the username is unknown, or failed lately. */
  rankOf(login: Login): LoginRank
}

/** Usernames that are remembered, of those that were right and of those that were wrong. */
const maxUsernames = 10_000
/** How long a failed login makes its username suspicious, in ms. */
const failureMs = 600_000

/**
 * Logins of this run of the broker, by username: to tell devices from somebody who guesses behind the same router.
 * Passwords are kept as HMACs with a key that only this process has.
 */
export function createLoginHistory(isKnown: (username: string) => boolean): LoginHistory {
  const key = randomBytes(32)
  const proofs = new Map<string, Buffer>()
  const failures = new Map<string, number>()
  const proofOf = ({ username, password }: Login) =>
    createHmac('sha256', key).update(`${username}\0`).update(password).digest()

  function isProven(login: Login): boolean {
    const proof = proofs.get(login.username)
    return proof !== undefined && timingSafeEqual(proof, proofOf(login))
  }

  function remember<T>(map: Map<string, T>, username: string, value: T): void {
    map.delete(username)
    map.set(username, value)
    if (map.size > maxUsernames) map.delete(map.keys().next().value as string)
  }

  return {
    succeeded: (login) => remember(proofs, login.username, proofOf(login)),
    failed(login) {
      if (isProven(login)) proofs.delete(login.username)
      remember(failures, login.username, performance.now())
    },
    rankOf(login) {
      if (isProven(login)) return 'proven'
      const failedAt = failures.get(login.username) ?? Number.NEGATIVE_INFINITY
      return performance.now() - failedAt > failureMs && isKnown(login.username) ? 'unsuspicious' : 'suspicious'
    },
  }
}
