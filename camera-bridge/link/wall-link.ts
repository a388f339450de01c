import { isIocError } from '@ioc/contract/errors.ts'
import {
  type BridgeMessage,
  cameraLinkPath,
  type LinkAnswer,
  linkAnswerMs,
  maxLinkMessageBytes,
  parseWallMessage,
  type WallRequest,
} from '@ioc/contract/messages/camera-link.ts'
import { type NodeAddress, username } from '@ioc/contract/topics.ts'
import type { Logger } from '@ioc/runtime/logger.ts'
import { type RawData, WebSocket } from 'ws'

export interface WallLinkSettings {
  /** Of the wall, as `http://127.0.0.1:8080`. */
  readonly url: string
  readonly address: NodeAddress
  readonly password: string
}

export interface WallLinkHandlers {
  /** What the wall has to know first. */
  readonly onConnect: () => readonly BridgeMessage[]
  /** @throws IocError that the person who asked sees */
  readonly onRequest: (ask: WallRequest) => Promise<LinkAnswer>
}

/** Wait before the next try, in ms; doubled up to the maximum. */
const minRetryMs = 1_000
const maxRetryMs = 60_000
/** Between two pings, in ms; a wall that answers none of two is gone. */
const pingMs = 20_000
/** Stills that wait for a slow line, in bytes: beyond it they are dropped, since a newer one follows. */
const maxBufferedBytes = 2_000_000

/**
 * The link of one node to the wall. It is opened from the bridge, so that nothing listens at the site. A request is answered
 * within seconds or never: a camera must not turn an hour later, when a line is back.
 */
export class WallLink {
  readonly #settings: WallLinkSettings
  readonly #handlers: WallLinkHandlers
  readonly #logger: Logger
  #socket: WebSocket | undefined
  #timer: NodeJS.Timeout | undefined
  #pings: NodeJS.Timeout | undefined
  #retryMs = minRetryMs
  #isStopped = false
  #isAlive = false

  constructor(settings: WallLinkSettings, handlers: WallLinkHandlers, logger: Logger) {
    this.#settings = settings
    this.#handlers = handlers
    this.#logger = logger
  }

  get connected(): boolean {
    return this.#socket?.readyState === WebSocket.OPEN
  }

  start(): void {
    const { url, address, password } = this.#settings
    const target = new URL(cameraLinkPath, url)
    target.protocol = target.protocol === 'https:' ? 'wss:' : 'ws:'
    const authorization = `Basic ${Buffer.from(`${username(address)}:${password}`).toString('base64')}`
    const socket = new WebSocket(target, {
      headers: { authorization },
      maxPayload: maxLinkMessageBytes,
      perMessageDeflate: false,
      handshakeTimeout: linkAnswerMs,
    })
    this.#socket = socket
    socket.on('open', () => {
      this.#retryMs = minRetryMs
      this.#isAlive = true
      this.#logger.info({ wall: target.host }, 'connected to the wall')
      for (const message of this.#handlers.onConnect()) this.send(message)
    })
    socket.on('pong', () => {
      this.#isAlive = true
    })
    socket.on('message', (data, isBinary) => {
      if (!isBinary) void this.#receive(data)
    })
    socket.on('error', (error) => this.#logger.debug({ err: error }, 'no link to the wall'))
    socket.on('close', () => this.#retry())
    this.#pings ??= setInterval(() => this.#ping(), pingMs)
    this.#pings.unref()
  }

  async stop(): Promise<void> {
    this.#isStopped = true
    clearTimeout(this.#timer)
    clearInterval(this.#pings)
    const socket = this.#socket
    if (!socket || socket.readyState === WebSocket.CLOSED) return
    const closed = new Promise((resolve) => socket.once('close', resolve))
    socket.terminate()
    await closed
  }

  /** Without a connection, or on a line that is full, a message is dropped: the next report has all of it again. */
  send(message: BridgeMessage): void {
    const socket = this.#socket
    if (socket?.readyState !== WebSocket.OPEN || socket.bufferedAmount > maxBufferedBytes) return
    socket.send(JSON.stringify(message))
  }

  #ping(): void {
    const socket = this.#socket
    if (socket?.readyState !== WebSocket.OPEN) return
    if (this.#isAlive) socket.ping()
    else socket.terminate()
    this.#isAlive = false
  }

  #retry(): void {
    if (this.#isStopped) return
    this.#timer = setTimeout(() => this.start(), this.#retryMs)
    this.#retryMs = Math.min(2 * this.#retryMs, maxRetryMs)
  }

  async #receive(data: RawData): Promise<void> {
    try {
      const { request, ask } = parseWallMessage(Buffer.from(data as Buffer))
      this.send({ kind: 'answer', request, ...(await this.#answer(ask)) })
    } catch (error) {
      if (!isIocError(error)) throw error
      this.#logger.warn({ err: error }, 'invalid message of the wall')
    }
  }

  async #answer(ask: WallRequest): Promise<{ error: { code: string; message: string } | null; body: LinkAnswer }> {
    try {
      return { error: null, body: await this.#handlers.onRequest(ask) }
    } catch (error) {
      if (!isIocError(error)) throw error
      return { error: { code: error.code, message: error.message.slice(0, 500) }, body: {} }
    }
  }
}
