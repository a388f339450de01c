import type { AedesPublishPacket } from 'aedes'
import type { BrokerPersistence, StoredWill } from './persistence.ts'
import type { RepeatedLog } from './repeated-log.ts'

export interface LeftoverWills {
  start(): void
  stop(): void
}

export interface LeftoverWillParts {
  readonly persistence: BrokerPersistence
  readonly brokerId: string
  readonly warnings: RepeatedLog
  isConnected(sessionId: string): boolean
  /** Publishes as the session's user; what that user may not publish is dropped. */
  publish(will: AedesPublishPacket & { readonly clientId: string }): Promise<void>
}

/**
 * Publishes the wills of sessions whose broker has died and which did not come back in time. Aedes would publish them with
 * no client, so as anybody, and would stop at the first one that fails.
 */
export function createLeftoverWills(parts: LeftoverWillParts, delayMs: number): LeftoverWills {
  const { persistence, brokerId, warnings, isConnected } = parts
  let timer: NodeJS.Timeout | undefined
  let stopped = false

  async function publish(will: StoredWill): Promise<void> {
    try {
      if (!isConnected(will.clientId)) await parts.publish(will)
      if (!isConnected(will.clientId)) await persistence.delWill({ id: will.clientId })
    } catch (error) {
      warnings.warn('cannot publish a will yet', will.clientId, { client: will.clientId, err: error })
    }
  }

  async function publishDue(): Promise<void> {
    try {
      const wills = await persistence.leftoverWills(brokerId)
      for (const will of wills) if (!stopped) await publish(will)
    } catch (error) {
      warnings.warn('cannot read wills', '', { err: error })
    }
    // One that could not be published stays, and is tried again.
    if (!stopped) timer = setTimeout(publishDue, delayMs)
  }

  return {
    start() {
      timer = setTimeout(publishDue, delayMs)
    },
    stop() {
      stopped = true
      clearTimeout(timer)
    },
  }
}
