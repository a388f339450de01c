import type { Socket } from 'node:net'
import type { WebSocket } from 'ws'
import type { LiveChange } from './live-state.ts'

/** What one client may cost. */
export interface LiveLimits {
  /** Most clients at once. */
  readonly clients: number
  /** Largest message of a client, in bytes. */
  readonly payloadBytes: number
  /** Most subscriptions of one client. */
  readonly subscriptions: number
  /** Most messages of one client in ten seconds. */
  readonly messagesPer10s: number
  /** Bytes that wait in a client's socket before newer values replace older ones. */
  readonly bufferedBytes: number
  /** Most topics that wait for one slow client. */
  readonly pendingTopics: number
  /** Longest time that a client may stay behind, in ms. */
  readonly behindMs: number
  /** Time between pings, in ms; a client that answers none within it is gone. */
  readonly pingMs: number
}

export const liveLimits: LiveLimits = {
  clients: 1_000,
  payloadBytes: 64 * 1024,
  subscriptions: 1_000,
  messagesPer10s: 200,
  bufferedBytes: 256 * 1024,
  pendingTopics: 50_000,
  behindMs: 30_000,
  pingMs: 15_000,
}

/**
 * One connection of `/live`. It sends at once while the client keeps up. When the socket's buffer is over the limit,
 * the newest value of each topic waits here and the older one is dropped: a wall wants what is, not what was.
 */
export class LiveClient {
  readonly subscriptions = new Set<string>()
  /** Values that a newer one replaced before they were sent. */
  superseded = 0
  alive = true

  readonly #socket: WebSocket
  readonly #limits: LiveLimits
  readonly #pending = new Map<string, Buffer>()
  #behindSince = 0
  #windowStart = 0
  #messages = 0

  /** `raw` is the socket below, whose `drain` says when there is room again. */
  constructor(socket: WebSocket, raw: Socket, limits: LiveLimits) {
    this.#socket = socket
    this.#limits = limits
    raw.on('drain', () => this.#flush())
  }

  send({ topic, frame }: LiveChange): void {
    if (this.#pending.size === 0 && this.#hasRoom()) {
      this.#socket.send(frame, { binary: false })
      return
    }
    if (this.#pending.size === 0) this.#behindSince = performance.now()
    // Deleted first, so that what changed longest ago goes out first.
    if (this.#pending.delete(topic)) this.superseded++
    this.#pending.set(topic, frame)
    if (this.#pending.size > this.#limits.pendingTopics) this.#socket.terminate()
  }

  /** Sends a reply to the client itself. */
  reply(message: object): void {
    if (this.#hasRoom()) this.#socket.send(JSON.stringify(message))
  }

  close(code: number, reason: string): void {
    this.#socket.close(code, reason)
  }

  terminate(): void {
    this.#socket.terminate()
  }

  /** Pings, and ends a client that did not answer the last ping or stays behind for too long. */
  checkAlive(): void {
    const behind = this.#pending.size > 0 && performance.now() - this.#behindSince > this.#limits.behindMs
    if (!this.alive || behind) {
      this.#socket.terminate()
      return
    }
    this.alive = false
    this.#socket.ping()
  }

  /** Counts a message; false when the client sends more than it may. */
  mayTalk(): boolean {
    const now = performance.now()
    if (now - this.#windowStart > 10_000) {
      this.#windowStart = now
      this.#messages = 0
    }
    this.#messages++
    return this.#messages <= this.#limits.messagesPer10s
  }

  #hasRoom(): boolean {
    return this.#socket.bufferedAmount < this.#limits.bufferedBytes
  }

  #flush(): void {
    for (const [topic, frame] of this.#pending) {
      if (!this.#hasRoom()) return
      this.#pending.delete(topic)
      this.#socket.send(frame, { binary: false })
    }
  }
}
