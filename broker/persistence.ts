import { Readable } from 'node:stream'
import { snapshotLine } from '@ioc/contract/live-batch.ts'
import { topicMatches } from '@ioc/contract/topic-matches.ts'
import { liveBatchTopic, livePrefix } from '@ioc/contract/topics.ts'
import type { AedesPublishPacket } from 'aedes'
import AsyncLevelPersistence from 'aedes-persistence-level/asyncPersistence.js'
import type { ClassicLevel } from 'classic-level'
import type { LogTail, TakenMessage } from './ingest.ts'
import { livePacket } from './live-batches.ts'
import { digestOf, type ReceivedMessages, type StoredMessage } from './received.ts'
import { RecentlyRetained } from './recently-retained.ts'

interface SessionClient {
  readonly id: string
}

interface StoredSubscription {
  readonly topic: string
  readonly qos: 0 | 1 | 2
}

/** A will as it is on disk. */
export interface StoredWill extends AedesPublishPacket {
  readonly clientId: string
}

/** What is stored of a QoS 2 message that is being appended to the log. */
interface Pending {
  readonly digest: string
  readonly tail: LogTail
}

export interface PersistenceRules {
  /** Whether a session may have a subscription; what may not is not stored, so that nothing is queued for it. */
  mayKeep(sessionId: string, filter: string): boolean
  readonly received: ReceivedMessages
}

/** In place of the topic, where a QoS 2 message is stored as the digest of its content. */
const digestTopic = '$digest'
/** While the message is appended to the log: whether it was is looked up at the next start. */
const pendingTopic = '$pending'
/** Where it was, and an earlier run of the broker ended before it was published to subscribers. */
const takenTopic = '$taken'
/** Families of keys of a session; each is followed by its id, percent-encoded. */
const sessionKeys = ['subscriptions', 'outgoing', 'outgoing-id', 'incoming', 'will'] as const
/** Sorts after every character of a percent-encoded id. */
const afterAll = '\x7f'

/**
 * Sessions, retained messages and queued messages on disk. Live values are the exception: the processor says them all
 * anew when it starts, so writing each change to disk would only wear it. They are retained in memory.
 */
export class BrokerPersistence extends AsyncLevelPersistence {
  /** Whether the processor has published every live value since the broker started. */
  isSnapshotComplete = false

  /** By topic: a message, or the JSON of a value that came in a batch. Most of these are replaced before anyone reads them. */
  readonly #live = new Map<string, AedesPublishPacket | string>()
  readonly #digests = new WeakMap<AedesPublishPacket, string>()
  readonly #stored = new RecentlyRetained()
  readonly #subscribing = new WeakMap<readonly StoredSubscription[], Promise<void>>()
  readonly #db: ClassicLevel
  readonly #rules: PersistenceRules

  constructor(db: ClassicLevel, rules: PersistenceRules) {
    super(db)
    this.#db = db
    this.#rules = rules
  }

  override async storeRetained(packet: AedesPublishPacket): Promise<void> {
    if (!packet.topic.startsWith(livePrefix)) {
      this.#stored.note(packet)
      return super.storeRetained(packet)
    }
    if (packet.payload.length === 0) this.#live.delete(packet.topic)
    else this.#live.set(packet.topic, packet)
  }

  /** Retains a live value that came in a batch; an empty one removes its topic. */
  retainValue(topic: string, json: string): void {
    if (json === '') this.#live.delete(topic)
    else this.#live.set(topic, json)
  }

  /** Topics of live values that came in batches. */
  *batchedTopics(): Iterable<string> {
    for (const [topic, kept] of this.#live) if (typeof kept === 'string') yield topic
  }

  /**
   * A retained message that was read for a new subscriber, with the newest payload of its topic; null where the topic is no
   * longer retained. Between the reading and the sending, the subscriber may have received a newer one.
   */
  present(packet: AedesPublishPacket): AedesPublishPacket | null {
    const { topic } = packet
    const kept = topic.startsWith(livePrefix) ? (this.#live.get(topic) ?? '') : this.#stored.newest(topic)
    if (kept === undefined) return packet
    const payload = typeof kept === 'string' ? Buffer.from(kept) : kept.payload
    return payload.length === 0 ? null : { ...packet, payload }
  }

  override createRetainedStream(pattern: string): Readable {
    return this.createRetainedStreamCombi([pattern])
  }

  override createRetainedStreamCombi(patterns: readonly string[]): Readable {
    return Readable.from(this.#retained(patterns))
  }

  async *#retained(patterns: readonly string[]): AsyncGenerator<AedesPublishPacket> {
    for (const [topic, kept] of this.#live) {
      if (!patterns.some((pattern) => topicMatches(pattern, topic))) continue
      yield typeof kept === 'string' ? livePacket(topic, kept) : kept
    }
    try {
      for await (const packet of super.createRetainedStreamCombi(patterns)) yield packet as AedesPublishPacket
    } catch (error) {
      // Aedes does not handle errors of this stream. While the broker stops, the subscriber's connection is already closed.
      if (this.#db.status === 'open') throw error
      return
    }
    // The last one of a subscription to the batches: what was not sent by then is not there.
    if (patterns.includes(liveBatchTopic)) yield livePacket(liveBatchTopic, snapshotLine(this.isSnapshotComplete))
  }

  /** Aedes calls this once for each filter of a SUBSCRIBE, with all of them, the refused ones included. */
  override addSubscriptions(client: SessionClient, subscriptions: readonly StoredSubscription[]): Promise<void> {
    let stored = this.#subscribing.get(subscriptions)
    if (!stored) {
      const kept = subscriptions.filter(({ topic }) => this.#rules.mayKeep(client.id, topic))
      stored = super.addSubscriptions(client, kept)
      this.#subscribing.set(subscriptions, stored)
    }
    return stored
  }

  /** Computes the digest that a QoS 2 message is stored by; before its topic is changed. */
  digest(packet: AedesPublishPacket): string {
    const digest = digestOf(packet)
    this.#digests.set(packet, digest)
    return digest
  }

  /**
   * Notes a QoS 2 message of a persistent session that is being appended to the log, whose tail it is. Without the note, a
   * broker that is killed before Aedes has stored the identifier would store a repeat again.
   */
  async storePending(client: SessionClient, packet: AedesPublishPacket, digest: string, tail: LogTail): Promise<void> {
    const payload = Buffer.from(JSON.stringify({ digest, tail } satisfies Pending))
    await super.incomingStorePacket(client, { ...packet, topic: pendingTopic, payload })
  }

  /** Settles what an earlier run of the broker has left pending: received if it is in the log, else not. */
  async settlePending(takenSince: (tail: LogTail) => AsyncIterable<TakenMessage>): Promise<void> {
    /** Records that an identifier was found for: of two messages with the same content perhaps one is in the log. */
    const settled = new Set<string>()
    for await (const key of this.#db.keys({ gte: 'incoming:', lt: `incoming:${afterAll}` })) {
      const [, session = '', id = ''] = key.split(':')
      const client = { id: decodeURIComponent(session) }
      const packet = await super.incomingGetPacket(client, { messageId: Number(id) })
      if (packet.topic !== pendingTopic) continue
      const { digest, tail } = JSON.parse(String(packet.payload)) as Pending
      let isTaken = false
      for await (const message of takenSince(tail)) {
        if (settled.has(message.id) || digestOf(message) !== digest) continue
        settled.add(message.id)
        isTaken = true
        break
      }
      if (isTaken) {
        await super.incomingStorePacket(client, { ...packet, topic: takenTopic, payload: Buffer.from(digest) })
      } else {
        await super.incomingDelPacket(client, packet)
      }
    }
  }

  /** A QoS 2 message is stored until PUBREL, to know a repeat by: its digest is enough. */
  override incomingStorePacket(client: SessionClient, packet: AedesPublishPacket): Promise<void> {
    const payload = Buffer.from(this.#digests.get(packet) ?? '')
    return super.incomingStorePacket(client, { ...packet, topic: digestTopic, payload })
  }

  /** Aedes publishes what is not stored yet. */
  override async incomingGetPacket(client: SessionClient, packet: { readonly messageId?: number }) {
    const stored = await super.incomingGetPacket(client, packet)
    if (stored.topic === pendingTopic || stored.topic === takenTopic) throw new Error('not published yet')
    return stored
  }

  override async incomingDelPacket(client: SessionClient, packet: { readonly messageId?: number }): Promise<void> {
    this.#rules.received.release(client.id, packet.messageId ?? 0)
    await super.incomingDelPacket(client, packet)
  }

  /** Forgets that a QoS 2 message was received, where its identifier is used for another one. */
  async replaceReceived(client: SessionClient, packet: { readonly messageId?: number }): Promise<void> {
    await super.incomingDelPacket(client, packet)
  }

  /** Reads what a persistent session has received and not released. */
  async restoreReceived(sessionId: string): Promise<void> {
    const prefix = `incoming:${encodeURIComponent(sessionId)}:`
    const found: StoredMessage[] = []
    for await (const key of this.#db.keys({ gte: prefix, lt: `${prefix}${afterAll}` })) {
      const messageId = Number(key.slice(prefix.length))
      const { topic, payload } = await super.incomingGetPacket({ id: sessionId }, { messageId })
      // Of this run: it is in memory, or was not taken.
      if (topic === pendingTopic) continue
      // An earlier version stored the whole message.
      const isDigest = topic === digestTopic || topic === takenTopic
      const digest = isDigest ? String(payload) : digestOf({ topic, payload })
      found.push({ messageId, digest, isPublished: topic !== takenTopic })
    }
    this.#rules.received.restore(sessionId, found)
  }

  /** None for Aedes: the broker publishes leftover wills itself, see `leftover-wills.ts`. */
  override streamWill(): Readable {
    return Readable.from([])
  }

  /** Aedes does not handle that it fails, as it does while the broker stops. What stays is published later, or replaced. */
  override async delWill(client: SessionClient): Promise<void> {
    await super.delWill(client).catch(() => undefined)
  }

  /** Wills that an earlier run of the broker has left. */
  async leftoverWills(brokerId: string): Promise<StoredWill[]> {
    const wills: StoredWill[] = []
    for await (const will of super.streamWill({ [brokerId]: true })) wills.push(will as StoredWill)
    return wills
  }

  /** Removes all sessions of a user: subscriptions, queued messages, wills. */
  async removeSessions(username: string): Promise<void> {
    const user = encodeURIComponent(`${username} `)
    const sessions = new Set<string>()
    const range = (family: string) => ({ gte: `${family}:${user}`, lt: `${family}:${user}${afterAll}` })
    for await (const key of this.#db.keys(range('subscriptions'))) {
      sessions.add(decodeURIComponent(key.slice('subscriptions:'.length).split(':', 1)[0] ?? ''))
    }
    for (const id of sessions) await this.cleanSubscriptions({ id })
    for (const family of sessionKeys) await this.#db.clear(range(family))
  }
}
