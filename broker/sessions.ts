import type { Client } from 'aedes'
import type { Principal } from './authorization.ts'

interface Session {
  readonly principal: Principal
  /** Of the credential that it logged in with. */
  readonly credentialId: string
}

/** The connections that have logged in. */
export interface Sessions {
  /** Notes what CONNECT asked for. */
  connecting(client: Client, asked: { readonly resumes: boolean; readonly run: string | undefined }): void
  /** Whether it asked to resume a session without saying which. */
  resumesNothing(client: Client): boolean
  add(client: Client, principal: Principal, credentialId: string): void
  delete(client: Client): void
  principalOf(client: Client): Principal | undefined
  /** Whether a session, by its id, has a connection. */
  has(sessionId: string): boolean
  isOpen(username: string): boolean
  /** The process that opened a connection, where it named itself. */
  runOf(client: Client): string | undefined
  /** Another open connection of the user with the id of this one, which then ends. */
  displaced(client: Client, username: string): Client | undefined
  usernames(): readonly string[]
  /** Ends the connections of a user, except those of one credential. */
  closeAll(username: string, exceptCredential?: string): Promise<void>
}

export function createSessions(): Sessions {
  const sessions = new Map<Client, Session>()
  const byUsername = new Map<string, Set<Client>>()
  const nameless = new WeakSet<Client>()
  const runs = new WeakMap<Client, string>()

  return {
    connecting(client, { resumes, run }) {
      if (resumes) nameless.add(client)
      if (run !== undefined) runs.set(client, run)
    },
    resumesNothing: (client) => nameless.has(client),
    add(client, principal, credentialId) {
      // It may have gone while its password was checked.
      if (client.closed) return
      sessions.set(client, { principal, credentialId })
      if (principal.role === 'anonymous') return
      const clients = byUsername.get(principal.username) ?? new Set()
      byUsername.set(principal.username, clients.add(client))
    },
    delete(client) {
      const session = sessions.get(client)
      if (!sessions.delete(client) || !session) return
      const clients = byUsername.get(session.principal.username)
      clients?.delete(client)
      if (clients?.size === 0) byUsername.delete(session.principal.username)
    },
    principalOf: (client) => sessions.get(client)?.principal,
    has: (sessionId) => [...sessions.keys()].some(({ id, closed }) => id === sessionId && !closed),
    runOf: (client) => runs.get(client),
    displaced: (client, username) =>
      [...(byUsername.get(username) ?? [])].find((one) => one !== client && one.id === client.id && !one.closed),
    isOpen: (username) => byUsername.has(username),
    usernames: () => [...byUsername.keys()],
    async closeAll(username, exceptCredential) {
      const ending = [...(byUsername.get(username) ?? [])].filter(
        (client) => exceptCredential === undefined || sessions.get(client)?.credentialId !== exceptCredential,
      )
      await Promise.all(ending.map((client) => new Promise<void>((resolve) => client.close(resolve))))
    },
  }
}
