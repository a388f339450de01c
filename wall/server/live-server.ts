import type { IncomingMessage, Server } from 'node:http'
import type { Socket } from 'node:net'
import type { Logger } from '@ioc/runtime/logger.ts'
import { type RawData, type WebSocket, WebSocketServer } from 'ws'
import type { Access } from './access.ts'
import { LiveClient, type LiveLimits, liveLimits } from './live-client.ts'
import type { LiveChange, LiveState } from './live-state.ts'

const livePath = '/live'
const longestTopic = 512
/** Messages that make no sense before a client is sent away. */
const mostMistakes = 10

/** `/live`: what clients subscribe to, and the way from a change to those who asked for it. */
export class LiveServer {
  readonly #state: LiveState
  readonly #access: Access
  readonly #limits: LiveLimits
  readonly #logger: Logger
  readonly #clients = new Set<LiveClient>()
  /** Prefix to clients: a change looks up its own few prefixes, however many clients there are. */
  readonly #subscribers = new Map<string, Set<LiveClient>>()
  #sockets: WebSocketServer | undefined
  #timer: NodeJS.Timeout | undefined
  #supersededByGone = 0

  constructor(state: LiveState, access: Access, logger: Logger, limits: Partial<LiveLimits> = {}) {
    this.#state = state
    this.#access = access
    this.#logger = logger
    this.#limits = { ...liveLimits, ...limits }
  }

  get clientCount(): number {
    return this.#clients.size
  }

  /** Values that were replaced by newer ones before a slow client could take them. */
  get superseded(): number {
    let sum = this.#supersededByGone
    for (const client of this.#clients) sum += client.superseded
    return sum
  }

  /** Takes over the upgrades of an HTTP server. */
  start(http: Server): void {
    this.#sockets = new WebSocketServer({
      noServer: true,
      maxPayload: this.#limits.payloadBytes,
      // Compression would cost memory for each client and latency for each value.
      perMessageDeflate: false,
    })
    http.on('upgrade', (request, socket, head) => this.#upgrade(request, socket as Socket, head))
    this.#timer = setInterval(() => {
      for (const client of this.#clients) client.checkAlive()
      // A page does not see pings: `link`, said again, tells it that the way is open.
      for (const change of this.#state.lastBelow('link')) this.publish(change)
    }, this.#limits.pingMs)
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer)
    for (const client of this.#clients) client.terminate()
    const sockets = this.#sockets
    if (sockets) await new Promise<void>((resolve) => sockets.close(() => resolve()))
  }

  /** Sends a change to everyone who subscribed to it, or to what it is below of, once. */
  publish(change: LiveChange): void {
    let seen: Set<LiveClient> | undefined
    const { topic } = change
    for (let end = topic.length; end > 0; end = topic.lastIndexOf('/', end - 1)) {
      const clients = this.#subscribers.get(topic.slice(0, end))
      if (!clients) continue
      if (!seen) {
        seen = clients
        for (const client of clients) client.send(change)
        continue
      }
      const before: Set<LiveClient> = seen
      seen = new Set(before)
      for (const client of clients) {
        if (before.has(client)) continue
        seen.add(client)
        client.send(change)
      }
    }
  }

  #upgrade(request: IncomingMessage, socket: Socket, head: Buffer): void {
    socket.on('error', () => socket.destroy())
    const refusal = this.#refusal(request)
    if (refusal) refuse(socket, refusal)
    else this.#sockets?.handleUpgrade(request, socket, head, (websocket) => this.#welcome(websocket, socket))
  }

  #refusal(request: IncomingMessage): string | undefined {
    if ((request.url ?? '').split('?', 1)[0] !== livePath) return '404 Not Found'
    if (!this.#access.sameOrigin(request)) return '403 Forbidden'
    if (!this.#access.allows(request)) return '401 Unauthorized'
    return this.#clients.size >= this.#limits.clients ? '503 Service Unavailable' : undefined
  }

  #welcome(socket: WebSocket, raw: Socket): void {
    const client = new LiveClient(socket, raw, this.#limits)
    let mistakes = 0
    this.#clients.add(client)
    socket.on('pong', () => {
      client.alive = true
    })
    socket.on('message', (data, isBinary) => {
      client.alive = true
      if (!client.mayTalk()) {
        client.close(1008, 'too many messages')
        return
      }
      const mistake = isBinary ? 'expected text' : this.#obey(client, data)
      if (!mistake) return
      client.reply({ error: mistake })
      if (++mistakes >= mostMistakes) client.close(1008, 'too many mistakes')
    })
    socket.on('error', (error) => this.#logger.debug({ err: error.message }, 'live client'))
    socket.on('close', () => this.#forget(client))
  }

  /** Does what a message asks for; returns what is wrong with it. */
  #obey(client: LiveClient, data: RawData): string | undefined {
    let message: unknown
    try {
      message = JSON.parse(data.toString())
    } catch {
      return 'not JSON'
    }
    if (typeof message !== 'object' || message === null) return 'expected {"subscribe":[…]} or {"unsubscribe":[…]}'
    const { subscribe, unsubscribe } = message as { subscribe?: unknown; unsubscribe?: unknown }
    if (subscribe === undefined && unsubscribe === undefined) {
      return 'expected {"subscribe":[…]} or {"unsubscribe":[…]}'
    }
    const wanted = topicList(subscribe)
    const unwanted = topicList(unsubscribe)
    if (!wanted || !unwanted) return `expected an array of topics of 1 to ${longestTopic} characters`
    for (const topic of unwanted) this.#unsubscribe(client, topic)
    if (client.subscriptions.size + wanted.length > this.#limits.subscriptions) {
      return `at most ${this.#limits.subscriptions} subscriptions`
    }
    for (const topic of wanted) this.#subscribe(client, topic)
    return undefined
  }

  #subscribe(client: LiveClient, topic: string): void {
    if (client.subscriptions.has(topic)) return
    client.subscriptions.add(topic)
    const clients = this.#subscribers.get(topic)
    if (clients) clients.add(client)
    else this.#subscribers.set(topic, new Set([client]))
    for (const change of this.#state.lastBelow(topic)) client.send(change)
  }

  #unsubscribe(client: LiveClient, topic: string): void {
    if (!client.subscriptions.delete(topic)) return
    const clients = this.#subscribers.get(topic)
    clients?.delete(client)
    if (clients?.size === 0) this.#subscribers.delete(topic)
  }

  #forget(client: LiveClient): void {
    for (const topic of [...client.subscriptions]) this.#unsubscribe(client, topic)
    if (this.#clients.delete(client)) this.#supersededByGone += client.superseded
  }
}

/** A list of topics without slashes at their ends; `undefined` for anything else. */
function topicList(value: unknown): string[] | undefined {
  if (value === undefined) return []
  if (!Array.isArray(value)) return undefined
  const topics: string[] = []
  for (const item of value) {
    if (typeof item !== 'string' || item.length > longestTopic) return undefined
    const topic = item.replace(/^\/+|\/+$/g, '')
    if (topic === '') return undefined
    topics.push(topic)
  }
  return topics
}

function refuse(socket: Socket, status: string): void {
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
}
