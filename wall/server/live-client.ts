import type { WebSocket } from 'ws'
import type { LiveChange, LiveState } from './live-state.ts'
import { RateWindow } from './rate-window.ts'
import { prefixesOf } from './topic-index.ts'
import type { VisiblePlaces } from './visible-places.ts'

/** What `/live` may cost, for one client and in all. */
export interface LiveLimits {
  readonly maxClients: number
  /** Bytes of one message of a client. */
  readonly maxMessageBytes: number
  readonly maxTopicLength: number
  /** Subscriptions of one client. */
  readonly maxSubscriptions: number
  /** Subscriptions of all clients together. */
  readonly maxSubscriptionsInAll: number
  /** Messages and pings of one client in ten seconds. */
  readonly maxMessagesPer10s: number
  /** Bytes that one client sends in ten seconds, framing included. */
  readonly maxBytesPer10s: number
  /** Topics that one client subscribes to or unsubscribes from in ten seconds. */
  readonly maxTopicsPer10s: number
  /** Last values that one client gets for its subscriptions in ten seconds; beyond, they wait. */
  readonly maxSnapshotValuesPer10s: number
  /** Messages that make no sense before a client is sent away. */
  readonly maxMistakes: number
  /** Bytes that wait in a client's socket before newer values replace older ones. */
  readonly maxBufferedBytes: number
  /** Topics that wait for one slow client. */
  readonly maxPendingTopics: number
  /** Time that a client may stay behind, in ms. */
  readonly maxBehindMs: number
  /** Time between pings, in ms; a client that answers none within it is gone. */
  readonly pingMs: number
}

export const liveLimits: LiveLimits = {
  maxClients: 1_000,
  maxMessageBytes: 64 * 1024,
  maxTopicLength: 512,
  maxSubscriptions: 1_000,
  maxSubscriptionsInAll: 100_000,
  maxMessagesPer10s: 200,
  maxBytesPer10s: 512 * 1024,
  maxTopicsPer10s: 4_000,
  maxSnapshotValuesPer10s: 400_000,
  maxMistakes: 10,
  maxBufferedBytes: 256 * 1024,
  maxPendingTopics: 100_000,
  maxBehindMs: 30_000,
  pingMs: 15_000,
}

/** Last values that a client gets at once, before it is the next one's turn. */
const snapshotStep = 100
const windowMs = 10_000

/**
 * One connection of `/live`. It sends at once while the client keeps up. When the socket's buffer is over the limit,
 * the newest value of each topic waits here and the older one is dropped: a wall shows what is, not what was. The last
 * values of a new subscription are read in steps, when the socket has room; a change of a value that was not yet read
 * is not sent besides.
 */
export class LiveClient {
  readonly address: string
  readonly subscriptions = new Set<string>()
  /** Values that a newer one replaced before they were sent. */
  superseded = 0
  mistakes = 0
  alive = true

  readonly #socket: WebSocket
  readonly #state: LiveState
  readonly #limits: LiveLimits
  /** Called when the socket has room again for last values that wait. */
  readonly #onRoom: (client: LiveClient) => void
  /** The limit of the user. */
  readonly #places: VisiblePlaces | undefined
  readonly #pending = new Map<string, Buffer>()
  /** Prefixes whose last values are being sent, with the last topic that was. */
  readonly #snapshots = new Map<string, string | undefined>()
  readonly #messages: RateWindow
  readonly #bytes: RateWindow
  readonly #topics: RateWindow
  readonly #snapshotValues: RateWindow
  #resume: NodeJS.Timeout | undefined
  #behindSince = 0

  constructor(
    socket: WebSocket,
    address: string,
    state: LiveState,
    limits: LiveLimits,
    onRoom: (client: LiveClient) => void,
    places?: VisiblePlaces,
  ) {
    this.address = address
    this.#socket = socket
    this.#state = state
    this.#limits = limits
    this.#onRoom = onRoom
    this.#places = places
    this.#messages = new RateWindow(limits.maxMessagesPer10s, windowMs)
    this.#bytes = new RateWindow(limits.maxBytesPer10s, windowMs)
    this.#topics = new RateWindow(limits.maxTopicsPer10s, windowMs)
    this.#snapshotValues = new RateWindow(limits.maxSnapshotValuesPer10s, windowMs)
  }

  send(change: LiveChange): void {
    const { topic } = change
    const frame = this.#visible(topic, change.frame)
    if (!frame) return
    if (!change.gone && this.#awaits(topic)) return
    if (this.#pending.size === 0 && this.#hasRoom()) {
      this.#write(frame)
      return
    }
    if (this.#pending.size === 0) this.#behindSince = performance.now()
    // Deleted first, so that what changed longest ago goes out first.
    if (this.#pending.delete(topic)) this.superseded++
    this.#pending.set(topic, frame)
    if (this.#pending.size > this.#limits.maxPendingTopics) this.#socket.terminate()
  }

  /** Sends a reply to the client itself. */
  reply(message: object): void {
    if (this.#hasRoom()) this.#socket.send(JSON.stringify(message))
  }

  /** Plans to send the last values below a prefix. */
  addSnapshot(prefix: string): void {
    this.#snapshots.set(prefix, undefined)
  }

  dropSnapshot(prefix: string): void {
    this.#snapshots.delete(prefix)
  }

  /** Sends a step of the last values that wait; whether the next step may follow at once. */
  sendSnapshots(): boolean {
    let left = snapshotStep
    for (const [prefix, after] of this.#snapshots) {
      const topics = this.#state.below(prefix, after, left)
      for (const topic of topics) {
        // The socket calls back when there is room again.
        if (this.#pending.size > 0 || !this.#hasRoom()) return false
        if (!this.#snapshotValues.take()) {
          this.#resumeLater()
          return false
        }
        const kept = this.#state.frameOf(topic)
        const frame = kept && this.#visible(topic, kept)
        if (frame) this.#write(frame)
        this.#snapshots.set(prefix, topic)
      }
      if (topics.length === left) return true
      left -= topics.length
      this.#snapshots.delete(prefix)
    }
    return false
  }

  #resumeLater(): void {
    this.#resume ??= setTimeout(() => {
      this.#resume = undefined
      this.#onRoom(this)
    }, this.#snapshotValues.waitMs)
  }

  close(code: number, reason: string): void {
    this.#socket.close(code, reason)
  }

  terminate(): void {
    this.#socket.terminate()
  }

  /** Drops what waits for a client whose connection ended. */
  release(): void {
    clearTimeout(this.#resume)
    this.#snapshots.clear()
    this.#pending.clear()
  }

  /** Pings, and ends a client that did not answer the last ping or stays behind for too long. */
  checkAlive(): void {
    const behind = this.#pending.size > 0 && performance.now() - this.#behindSince > this.#limits.maxBehindMs
    if (!this.alive || behind) {
      this.#socket.terminate()
      return
    }
    this.alive = false
    this.#socket.ping()
  }

  /** Counts a message or a ping; false when the client sends more than it may. */
  takeMessage(): boolean {
    return this.#messages.take()
  }

  takeBytes(count: number): boolean {
    return this.#bytes.take(count)
  }

  takeTopics(count: number): boolean {
    return this.#topics.take(count)
  }

  /** Whether the last value of a topic is still to be read for a subscription. */
  #awaits(topic: string): boolean {
    if (this.#snapshots.size === 0) return false
    for (const prefix of prefixesOf(topic)) {
      if (!this.#snapshots.has(prefix)) continue
      const after = this.#snapshots.get(prefix)
      if (after === undefined || topic > after) return true
    }
    return false
  }

  #visible(topic: string, frame: Buffer): Buffer | undefined {
    return this.#places ? this.#places.frame(topic, frame) : frame
  }

  #hasRoom(): boolean {
    return this.#socket.bufferedAmount < this.#limits.maxBufferedBytes
  }

  #write(frame: Buffer): void {
    this.#socket.send(frame, { binary: false }, this.#onWritten)
  }

  readonly #onWritten = (error?: Error): void => {
    if (error) return
    for (const [topic, frame] of this.#pending) {
      if (!this.#hasRoom()) return
      this.#pending.delete(topic)
      this.#write(frame)
    }
    if (this.#snapshots.size > 0 && this.#hasRoom()) this.#onRoom(this)
  }
}
