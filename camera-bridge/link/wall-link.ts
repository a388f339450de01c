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
import { backoffMs } from '@ioc/uplink/backoff.ts'
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

/** Waits before the next try. */
const backoff = { minMs: 1_000, maxMs: 60_000, refusedMs: 0 } as const
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
  #failures = 0
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
      this.#failures = 0
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
    socket.on('error', (error) => {
      const facts = { err: error, wall: target.host }
      // Once: a wall that is away, or refuses the credential, does so at each try.
      if (this.#failures === 0) this.#logger.warn(facts, 'no link to the wall')
      else this.#logger.debug(facts, 'no link to the wall')
    })
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
    this.#timer = setTimeout(() => this.start(), backoffMs(this.#failures, false, backoff))
    this.#failures += 1
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
      if (isIocError(error)) return { error: { code: error.code, message: error.message.slice(0, 500) }, body: {} }
      // As of a full disk: the request fails, and the cameras are still watched.
      this.#logger.error({ err: error, ask: ask.kind }, 'unexpected error in a request of the wall')
      return {
        error: { code: 'CAMERA_FAULT', message: 'unexpected error, see the log of the camera bridge' },
        body: {},
      }
    }
  }
}
