import type { AedesPublishPacket, Client } from 'aedes'

export interface Repeats {
  /** Takes the place of Aedes' own check for a client. */
  watch(client: Client): void
  /** Whether a message that is about to be forwarded to a client was the last one that was. */
  isRepeat(client: Client, packet: AedesPublishPacket): boolean
}

/** What Aedes asks for the number of the last message that was forwarded to a client. */
const none: Record<string, number> = new Proxy({}, { get: () => 0, set: () => true })

/**
 * A client whose subscriptions overlap receives a message once. Aedes forwards a message to all subscriptions before the
 * next one, so that a repeat follows at once. Its own check takes every message with a lower number than the last one for a
 * repeat. Messages have their numbers before they are retained or queued, and overtake each other there: the status of a
 * node was lost when live values overtook it (aedes issues 955 and 994).
 */
export function createRepeats(): Repeats {
  const last = new WeakMap<Client, number>()
  return {
    watch(client) {
      Object.assign(client, { duplicates: none })
    },
    isRepeat(client, { brokerId, brokerCounter }) {
      // What is retained is sent without a number of the broker.
      if (!brokerId) return false
      if (last.get(client) === brokerCounter) return true
      last.set(client, brokerCounter)
      return false
    },
  }
}
