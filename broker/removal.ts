import { isSlug } from '@ioc/contract/names.ts'
import { type NodeAddress, nodeTopic, parseUsername, username } from '@ioc/contract/topics.ts'
import type { BrokerRecords } from './broker-records.ts'
import type { CredentialStore } from './credentials/credential-store.ts'
import type { RepeatedLog } from './repeated-log.ts'

/** Removes what the broker keeps of nodes that an operator removed. */
export interface Removal {
  /** Removes one node; it comes back with its next birth, if it still has a credential. */
  remove(address: NodeAddress): Promise<void>
  /** Removes the node of a credential that was removed, where something of it is left. */
  settle(username: string): Promise<void>
  settleAll(): Promise<void>
}

export interface RemovalParts {
  readonly credentials: CredentialStore
  readonly records: BrokerRecords
  readonly warnings: RepeatedLog
  /** Ends the connections of a user. */
  disconnect(username: string): Promise<void>
  /** Clears a retained message, for subscribers too. */
  clearRetained(topic: string): Promise<void>
  removeSessions(username: string): Promise<void>
}

export function createRemoval(parts: RemovalParts): Removal {
  const { credentials, records, warnings } = parts
  const running = new Map<string, Promise<void>>()

  async function remove(address: NodeAddress): Promise<void> {
    const user = username(address)
    await parts.disconnect(user)
    await records.forgotten(address, {})
    for (const channel of ['status', 'config'] as const) await parts.clearRetained(nodeTopic(address, channel))
    await parts.removeSessions(user)
  }

  async function settleNow(user: string): Promise<void> {
    if (isNode(user)) await remove(parseUsername(user))
    else await parts.disconnect(user)
    credentials.settled(user)
  }

  function settle(user: string): Promise<void> {
    if (!credentials.isRemoved(user)) return Promise.resolve()
    const settling =
      running.get(user) ??
      settleNow(user)
        // A log that is full: its file stays, and it is tried again.
        .catch((error: Error) => warnings.warn('cannot remove a node yet', user, { username: user, err: error }))
        .finally(() => running.delete(user))
    running.set(user, settling)
    return settling
  }

  return {
    remove,
    settle,
    async settleAll() {
      for (const user of credentials.removed()) await settle(user)
    },
  }
}

/** The centre's own username is none of a node. */
function isNode(user: string): boolean {
  const parts = user.split('/')
  return parts.length === 2 && parts.every(isSlug)
}
