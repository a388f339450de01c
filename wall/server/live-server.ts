import type { IncomingMessage, Server } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { User } from '@ioc/contract/roles.ts'
import type { Logger } from '@ioc/runtime/logger.ts'
import { type RawData, type WebSocket, WebSocketServer } from 'ws'
import type { Access, AccessRequest } from './access.ts'
import { addressKey } from './guess-limit.ts'
import { LiveClient, type LiveLimits, liveLimits } from './live-client.ts'
import type { LiveChange, LiveState } from './live-state.ts'
import { prefixesOf } from './topic-index.ts'
import type { PlacesOf } from './visible-places.ts'

const livePath = '/live'
/** Fragments that one message may come in. */
const maxFragments = 64
/** How often the users of connections are looked up, in ms: those who log out or are removed are disconnected. */
const userCheckMs = 2_000
/** Close code of a connection whose user may no longer read what it did (RFC 6455: for applications). */
const accessChanged = 4401
/** Time that last values may take of the event loop before requests and changes have their turn, in ms. */
const maxSnapshotTurnMs = 10

export interface LiveServerOptions {
  readonly access: Access
  readonly placesOf: PlacesOf
  /** Whether a request comes by an allowed name, and from no page of another site. */
  readonly isAllowedSite: (request: IncomingMessage) => boolean
  /** Called with a socket that is HTTP no longer. */
  readonly release: (socket: Socket) => void
  /** Takes upgrades of another path over; false where the path is none of its own. */
  readonly upgradeOther?: (request: IncomingMessage, socket: Socket, head: Buffer) => boolean
  readonly maxClientsPerAddress: number
  readonly limits?: Partial<LiveLimits>
}

/** `/live`: what clients subscribe to, and the way from a change to those who asked for it. */
export class LiveServer {
  readonly #state: LiveState
  readonly #options: LiveServerOptions
  readonly #limits: LiveLimits
  readonly #logger: Logger
  readonly #clients = new Set<LiveClient>()
  /** Who each client is, and the request that showed it. */
  readonly #users = new Map<LiveClient, { readonly request: AccessRequest; readonly user: User }>()
  readonly #byAddress = new Map<string, number>()
  /** Prefix to clients: a change looks up its own few prefixes, however many clients there are. */
  readonly #subscribers = new Map<string, Set<LiveClient>>()
  /** Clients for which last values wait, in turn. */
  readonly #snapshots = new Set<LiveClient>()
  #subscriptions = 0
  #sockets: WebSocketServer | undefined
  #timer: NodeJS.Timeout | undefined
  #userTimer: NodeJS.Timeout | undefined
  #turn: NodeJS.Immediate | undefined
  #supersededByGone = 0

  constructor(state: LiveState, options: LiveServerOptions, logger: Logger) {
    this.#state = state
    this.#options = options
    this.#logger = logger
    this.#limits = { ...liveLimits, ...options.limits }
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
      maxPayload: this.#limits.maxMessageBytes,
      maxFragments,
      // Compression would cost memory for each client and latency for each value.
      perMessageDeflate: false,
    })
    http.on('upgrade', (request, socket, head) => this.#upgrade(request, socket as Socket, head))
    this.#timer = setInterval(() => {
      for (const client of this.#clients) client.checkAlive()
      // A page does not see pings: `link`, repeated, shows it that the connection works, and what time it is.
      const link = this.#state.refreshLink()
      if (link) this.publish(link)
    }, this.#limits.pingMs)
    this.#userTimer = setInterval(() => this.checkUsers(), userCheckMs)
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer)
    clearInterval(this.#userTimer)
    if (this.#turn) clearImmediate(this.#turn)
    for (const client of this.#clients) client.terminate()
    const sockets = this.#sockets
    if (sockets) await new Promise<void>((resolve) => sockets.close(() => resolve()))
  }

  /** Disconnects the clients whose users are logged out, removed, or may read something else than before. */
  checkUsers(): void {
    for (const [client, { request, user }] of this.#users) {
      const decision = this.#options.access.decide(request)
      const isSame = decision.status === 200 && JSON.stringify(decision.user) === JSON.stringify(user)
      if (isSame) continue
      this.#users.delete(client)
      client.close(accessChanged, 'log in again')
    }
  }

  isWatched(topic: string): boolean {
    if (this.#subscribers.size === 0) return false
    for (const prefix of prefixesOf(topic)) if (this.#subscribers.has(prefix)) return true
    return false
  }

  /** Sends a change once to everyone who subscribed to its topic, or to a prefix of it. */
  publish(change: LiveChange): void {
    let seen: Set<LiveClient> | undefined
    for (const prefix of prefixesOf(change.topic)) {
      const clients = this.#subscribers.get(prefix)
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
    if (this.#options.upgradeOther?.(request, socket, head)) return
    const user = this.#admit(request)
    if (typeof user === 'string') refuse(socket, user)
    else {
      const { headers } = request
      const known = { request: { headers, socket }, user }
      this.#sockets?.handleUpgrade(request, socket, head, (websocket) => this.#welcome(websocket, socket, known))
    }
  }

  /** The user of a request, or the status that refuses it. */
  #admit(request: IncomingMessage): User | string {
    if ((request.url ?? '').split('?', 1)[0] !== livePath) return '404 Not Found'
    if (!this.#options.isAllowedSite(request)) return '403 Forbidden'
    const decision = this.#options.access.decide(request)
    switch (decision.status) {
      case 401:
        return '401 Unauthorized'
      case 429:
        return `429 Too Many Requests\r\nRetry-After: ${decision.retryAfter_s}`
      case 200:
        break
      default:
        decision satisfies never
    }
    const ofAddress = this.#byAddress.get(addressKey(request.socket.remoteAddress ?? '')) ?? 0
    if (ofAddress >= this.#options.maxClientsPerAddress) return '429 Too Many Requests'
    return this.#clients.size >= this.#limits.maxClients ? '503 Service Unavailable' : decision.user
  }

  #welcome(socket: WebSocket, raw: Socket, known: { readonly request: AccessRequest; readonly user: User }): void {
    this.#options.release(raw)
    const address = addressKey(raw.remoteAddress ?? '')
    const client = new LiveClient(
      socket,
      address,
      this.#state,
      this.#limits,
      (ready) => this.#schedule(ready),
      this.#options.placesOf(known.user),
    )
    this.#clients.add(client)
    this.#users.set(client, known)
    this.#byAddress.set(address, (this.#byAddress.get(address) ?? 0) + 1)
    raw.on('data', (chunk) => {
      if (!client.takeBytes(chunk.length)) client.terminate()
    })
    const takeMessage = (): boolean => {
      client.alive = true
      const taken = client.takeMessage()
      if (!taken) client.close(1008, 'too many messages')
      return taken
    }
    socket.on('pong', () => {
      client.alive = true
    })
    socket.on('ping', takeMessage)
    socket.on('message', (data, isBinary) => {
      if (!takeMessage()) return
      const mistake = isBinary ? 'expected text' : this.#obey(client, data)
      if (!mistake) return
      client.reply({ error: mistake })
      if (++client.mistakes >= this.#limits.maxMistakes) client.close(1008, 'too many invalid messages')
    })
    socket.on('error', (error) => this.#logger.debug({ err: error.message }, 'error on a live connection'))
    socket.on('close', () => this.#remove(client))
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
    const { maxTopicLength, maxSubscriptions, maxSubscriptionsInAll } = this.#limits
    const wanted = topicList(subscribe, maxTopicLength)
    const unwanted = topicList(unsubscribe, maxTopicLength)
    if (!wanted || !unwanted) return `expected an array of topics of 1 to ${maxTopicLength} characters`
    if (!client.takeTopics(wanted.length + unwanted.length)) {
      client.close(1008, 'too many subscriptions in a short time')
      return 'too many subscriptions in a short time'
    }
    for (const topic of unwanted) this.#unsubscribe(client, topic)
    if (client.subscriptions.size + wanted.length > maxSubscriptions) return `at most ${maxSubscriptions} subscriptions`
    if (this.#subscriptions + wanted.length > maxSubscriptionsInAll)
      return 'the server has reached its limit of subscriptions'
    for (const topic of wanted) this.#subscribe(client, topic)
    if (client.sendSnapshots()) this.#schedule(client)
    return undefined
  }

  #subscribe(client: LiveClient, topic: string): void {
    if (client.subscriptions.has(topic)) return
    client.subscriptions.add(topic)
    this.#subscriptions++
    const clients = this.#subscribers.get(topic)
    if (clients) clients.add(client)
    else this.#subscribers.set(topic, new Set([client]))
    client.addSnapshot(topic)
  }

  #unsubscribe(client: LiveClient, topic: string): void {
    if (!client.subscriptions.delete(topic)) return
    this.#subscriptions--
    client.dropSnapshot(topic)
    const clients = this.#subscribers.get(topic)
    clients?.delete(client)
    if (clients?.size === 0) this.#subscribers.delete(topic)
  }

  /** Gives a client a turn at its last values. */
  #schedule(client: LiveClient): void {
    if (!this.#clients.has(client)) return
    this.#snapshots.add(client)
    this.#turn ??= setImmediate(() => this.#sendSnapshots())
  }

  /** Sends last values, a step for each client in turn, and leaves the event loop to others after a short time. */
  #sendSnapshots(): void {
    this.#turn = undefined
    const until = performance.now() + maxSnapshotTurnMs
    for (const client of this.#snapshots) {
      this.#snapshots.delete(client)
      // Added again at the end, which this loop reaches when all others have had their turn.
      if (client.sendSnapshots()) this.#snapshots.add(client)
      if (performance.now() > until) break
    }
    if (this.#snapshots.size > 0) this.#turn = setImmediate(() => this.#sendSnapshots())
  }

  #remove(client: LiveClient): void {
    for (const topic of [...client.subscriptions]) this.#unsubscribe(client, topic)
    if (!this.#clients.delete(client)) return
    this.#users.delete(client)
    this.#snapshots.delete(client)
    client.release()
    this.#supersededByGone += client.superseded
    const left = (this.#byAddress.get(client.address) ?? 1) - 1
    if (left > 0) this.#byAddress.set(client.address, left)
    else this.#byAddress.delete(client.address)
  }
}

/** A list of topics without slashes at their ends; `undefined` for anything else. */
function topicList(value: unknown, maxLength: number): string[] | undefined {
  if (value === undefined) return []
  if (!Array.isArray(value)) return undefined
  const topics: string[] = []
  for (const item of value) {
    if (typeof item !== 'string' || item.length > maxLength) return undefined
    const topic = item.replace(/^\/+|\/+$/g, '')
    if (topic === '') return undefined
    topics.push(topic)
  }
  return topics
}

/** Refuses an upgrade, and keeps nothing of its connection. */
export function refuse(socket: Duplex, status: string): void {
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`, () => socket.destroy())
}
