import { createHash } from 'node:crypto'

/** A QoS 2 message that has been received and not yet released. */
interface Received {
  readonly digest: string
  /** The connection that it came on; undefined for one that an earlier run of the broker has stored. */
  readonly connection: object | undefined
  /** Whether it was valid, once it is durable. */
  readonly outcome: Promise<boolean>
  /** Whether subscribers have it: an earlier run of the broker may have ended in between. */
  isPublished: boolean
}

/** What is on disk of a message that has been received and not yet released. */
export interface StoredMessage {
  readonly messageId: number
  readonly digest: string
  readonly isPublished: boolean
}

export interface QosTwoPacket {
  readonly messageId?: number | undefined
  readonly dup: boolean
  readonly topic: string
  readonly payload: string | Buffer
}

export interface Session {
  readonly id: string
  readonly clean: boolean
}

export interface ReceivedMessages {
  /** Takes over what is stored of a persistent session that connects. */
  restore(sessionId: string, stored: Iterable<StoredMessage>): void
  /**
   * Runs `take` unless the message was taken before, and resolves to its outcome. `repeated` where subscribers have it too,
   * `replaces` where the identifier was in use for
   * other content, which the client must have lost the memory of.
   */
  once(
    session: Session,
    packet: QosTwoPacket,
    digest: string,
    take: () => Promise<boolean>,
  ): { readonly repeated: boolean; readonly replaces: boolean; readonly outcome: Promise<boolean> }
  /** PUBREL has come: the identifier may be used for another message. */
  release(sessionId: string, messageId: number): void
}

/**
 * Messages of all sessions that are remembered, also of clean sessions after their end, for a client that repeats. The
 * sessions that have received nothing for the longest go first.
 */
const maxMessages = 100_000

export function digestOf(packet: { readonly topic: string; readonly payload: string | Uint8Array }): string {
  return createHash('sha256').update(packet.topic).update('\0').update(packet.payload).digest('hex')
}

/**
 * Exactly once for QoS 2 (MQTT 3.1.1 §4.3.3): a PUBLISH is a repeat if its identifier has not been released and its
 * content is the same. Content is compared because a device that restarted may use an identifier again for another
 * message. With a clean session the identifier means nothing on a new connection, unless the client sets DUP.
 */
export function createReceivedMessages(): ReceivedMessages {
  const sessions = new Map<string, Map<number, Received>>()
  let count = 0

  function messagesOf(sessionId: string): Map<number, Received> {
    const messages = sessions.get(sessionId) ?? new Map<number, Received>()
    sessions.delete(sessionId)
    sessions.set(sessionId, messages)
    return messages
  }

  function add(messages: Map<number, Received>, messageId: number, received: Received): void {
    if (!messages.has(messageId)) count++
    messages.set(messageId, received)
    while (count > maxMessages) {
      const [oldest = ''] = sessions.keys()
      count -= sessions.get(oldest)?.size ?? 0
      sessions.delete(oldest)
    }
  }

  function remove(sessionId: string, messageId: number): void {
    const messages = sessions.get(sessionId)
    if (messages?.delete(messageId)) count--
    if (messages?.size === 0) sessions.delete(sessionId)
  }

  return {
    restore(sessionId, stored) {
      for (const { messageId, digest, isPublished } of stored) {
        const messages = messagesOf(sessionId)
        const received = { digest, connection: undefined, outcome: Promise.resolve(true), isPublished }
        if (!messages.has(messageId)) add(messages, messageId, received)
      }
    },
    once(session, packet, digest, take) {
      const messageId = packet.messageId ?? 0
      const messages = messagesOf(session.id)
      const known = messages.get(messageId)
      const counts = known && (known.connection === session || !session.clean || packet.dup)
      if (counts && known.digest === digest) {
        const repeated = known.isPublished
        known.isPublished = true
        return { repeated, replaces: false, outcome: known.outcome }
      }
      const outcome = take()
      const received: Received = { digest, connection: session, outcome, isPublished: true }
      add(messages, messageId, received)
      // What was not taken is not acknowledged: the client sends it again.
      outcome.catch(() => {
        if (sessions.get(session.id)?.get(messageId) === received) remove(session.id, messageId)
      })
      return { repeated: false, replaces: Boolean(counts), outcome }
    },
    release: remove,
  }
}
