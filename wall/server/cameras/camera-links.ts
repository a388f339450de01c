import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import type { Credential, CredentialStore } from '@ioc/broker/credentials/credential-store.ts'
import { type ErrorCode, errorTable, IocError, isIocError } from '@ioc/contract/errors.ts'
import {
  type BridgeMessage,
  type CameraReport,
  cameraLinkPath,
  type FoundCameras,
  type LinkAnswer,
  linkAnswerMs,
  maxLinkCameras,
  maxLinkMessageBytes,
  parseBridgeMessage,
  type Still,
  type WallRequest,
} from '@ioc/contract/messages/camera-link.ts'
import { type NodeAddress, parseUsername, username } from '@ioc/contract/topics.ts'
import type { Logger } from '@ioc/runtime/logger.ts'
import { type RawData, type WebSocket, WebSocketServer } from 'ws'
import { GuessLimit } from '../guess-limit.ts'
import { refuse } from '../live-server.ts'

/** A camera that a bridge reports, at its site. */
export interface LinkedCamera extends CameraReport {
  readonly site: string
  readonly node: string
  /** Whether its bridge is connected. */
  readonly linked: boolean
}

export interface CameraLinkHandlers {
  readonly onCamera: (camera: LinkedCamera) => void
  readonly onGone: (site: string, camera: string) => void
  readonly onStill: (site: string, still: Still) => void
  readonly onReturned: (site: string, camera: string) => void
}

/** Bridges that are connected, and requests that wait for their answers. */
const maxLinks = 1_000
const maxAwaited = 200
/** Messages of one bridge that do not match their schema, after which it is disconnected. */
const maxInvalid = 10
/** Messages of one bridge in a minute: 1,000 cameras report twice. */
const maxPerMinute = 6_000
/** Wrong passwords of one address in a minute. */
const maxWrong = 20
const pingMs = 20_000
/** How often the credential of each link is checked, in ms. */
const credentialCheckMs = 2_000

type LinkCredentials = Pick<CredentialStore, 'verify' | 'findValid'>

interface Awaited {
  readonly socket: WebSocket
  readonly resolve: (answer: LinkAnswer) => void
  readonly reject: (error: IocError) => void
}

/** The links of camera bridges: what they report, and requests to them. */
export class CameraLinks {
  readonly cameras = new Map<string, LinkedCamera>()
  readonly #credentials: LinkCredentials
  readonly #handlers: CameraLinkHandlers
  readonly #logger: Logger
  /** By username. */
  readonly #links = new Map<string, WebSocket>()
  /** What each offers, by username. */
  readonly #offered = new Map<string, FoundCameras>()
  readonly #awaited = new Map<string, Awaited>()
  readonly #guesses = new GuessLimit({ maxPerAddress: maxWrong })
  readonly #sockets = new WebSocketServer({
    noServer: true,
    maxPayload: maxLinkMessageBytes,
    perMessageDeflate: false,
  })

  constructor(credentials: LinkCredentials, handlers: CameraLinkHandlers, logger: Logger) {
    this.#credentials = credentials
    this.#handlers = handlers
    this.#logger = logger
  }

  /** Nodes that are connected, with the cameras that each offers. */
  get bridges(): (NodeAddress & { readonly offered: FoundCameras })[] {
    return [...this.#links.keys()].map((name) => ({ ...parseUsername(name), offered: this.#offered.get(name) ?? [] }))
  }

  find(site: string, camera: string): LinkedCamera | undefined {
    return this.cameras.get(`${site}/${camera}`)
  }

  /** Takes an upgrade over; false: its path is another one. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): boolean {
    if ((request.url ?? '').split('?', 1)[0] !== cameraLinkPath) return false
    void this.#admit(request)
      .then((admitted) => {
        if (typeof admitted === 'string') refuse(socket, admitted)
        else this.#sockets.handleUpgrade(request, socket, head, (websocket) => this.#welcome(websocket, admitted))
      })
      .catch((error: unknown) => {
        this.#logger.error({ err: error }, 'a camera bridge could not be admitted')
        socket.destroy()
      })
    return true
  }

  /**
   * Asks the bridge of a node, and waits for its answer.
   * @throws IocError CAMERA_BRIDGE_UNREACHABLE, and as the bridge refuses
   */
  async ask(address: NodeAddress, ask: WallRequest): Promise<LinkAnswer> {
    const socket = this.#links.get(username(address))
    if (!socket || this.#awaited.size >= maxAwaited) {
      throw new IocError('CAMERA_BRIDGE_UNREACHABLE', 'the bridge of this camera is not connected')
    }
    const request = `c-${randomUUID()}`
    let timer: NodeJS.Timeout | undefined
    try {
      return await new Promise<LinkAnswer>((resolve, reject) => {
        const late = () =>
          reject(new IocError('CAMERA_BRIDGE_UNREACHABLE', 'the bridge of this camera does not answer'))
        timer = setTimeout(late, linkAnswerMs)
        this.#awaited.set(request, { socket, resolve, reject })
        socket.send(JSON.stringify({ request, ask }))
      })
    } finally {
      clearTimeout(timer)
      this.#awaited.delete(request)
    }
  }

  async stop(): Promise<void> {
    for (const socket of this.#links.values()) socket.terminate()
    await new Promise<void>((resolve) => this.#sockets.close(() => resolve()))
  }

  /** The credential of a request, or the status that refuses it. */
  async #admit({ headers, socket }: IncomingMessage): Promise<Credential | string> {
    const from = socket.remoteAddress ?? ''
    if (this.#guesses.waitMs(from) > 0) return '429 Too Many Requests'
    const [scheme = '', given = ''] = (headers.authorization ?? '').split(' ', 2)
    if (!/^basic$/i.test(scheme)) return '401 Unauthorized'
    const text = Buffer.from(given, 'base64').toString('utf8')
    const colon = text.indexOf(':')
    this.#guesses.noteWrong(from)
    const credential = await this.#credentials.verify(text.slice(0, colon), text.slice(colon + 1))
    if (credential?.role !== 'node') return '401 Unauthorized'
    this.#guesses.noteRight(from, true)
    if (this.#links.size >= maxLinks && !this.#links.has(credential.username)) return '503 Service Unavailable'
    return credential
  }

  #welcome(socket: WebSocket, { username: name, id }: Credential): void {
    const address = parseUsername(name)
    // A bridge that is back before its old connection timed out replaces it.
    this.#links.get(name)?.terminate()
    this.#links.set(name, socket)
    let isAlive = true
    let invalid = 0
    let inMinute = 0
    const pings = setInterval(() => {
      if (!isAlive) return socket.terminate()
      isAlive = false
      socket.ping()
    }, pingMs)
    const checks = setInterval(() => {
      // A credential that was revoked, replaced, or has expired ends its link too.
      if (this.#credentials.findValid(name)?.id !== id) socket.terminate()
    }, credentialCheckMs)
    const minutes = setInterval(() => {
      inMinute = 0
    }, 60_000)
    socket.on('pong', () => {
      isAlive = true
    })
    socket.on('message', (data: RawData) => {
      isAlive = true
      if (++inMinute > maxPerMinute) return socket.close(1008, 'too many messages')
      try {
        this.#receive(socket, address, parseBridgeMessage(Buffer.from(data as Buffer)))
      } catch (error) {
        if (!isIocError(error)) throw error
        this.#logger.warn({ err: error, node: name }, 'invalid message of a camera bridge')
        if (++invalid >= maxInvalid) socket.close(1008, 'too many invalid messages')
      }
    })
    socket.on('error', (error) =>
      this.#logger.debug({ err: error, node: name }, 'error on the link of a camera bridge'),
    )
    socket.on('close', () => {
      clearInterval(pings)
      clearInterval(checks)
      clearInterval(minutes)
      for (const waiting of this.#awaited.values()) {
        if (waiting.socket === socket) {
          waiting.reject(new IocError('CAMERA_BRIDGE_UNREACHABLE', 'the bridge of this camera was disconnected'))
        }
      }
      if (this.#links.get(name) !== socket) return
      this.#links.delete(name)
      this.#offered.delete(name)
      for (const camera of this.cameras.values()) {
        if (camera.site === address.site && camera.node === address.node) this.#put({ ...camera, linked: false })
      }
    })
  }

  #receive(from: WebSocket, { site, node }: NodeAddress, message: BridgeMessage): void {
    switch (message.kind) {
      case 'cameras': {
        const names = new Set(message.cameras.map(({ name }) => name))
        for (const known of [...this.cameras.values()]) {
          if (known.site !== site || known.node !== node || names.has(known.name)) continue
          this.cameras.delete(`${site}/${known.name}`)
          this.#handlers.onGone(site, known.name)
        }
        for (const camera of message.cameras) this.#put({ ...camera, site, node, linked: true })
        return
      }
      case 'camera':
        this.#put({ ...message.camera, site, node, linked: true })
        return
      case 'offered':
        this.#offered.set(username({ site, node }), message.offered)
        return
      case 'still':
        if (this.#isOf(site, node, message.still.camera)) this.#handlers.onStill(site, message.still)
        return
      case 'returned':
        if (this.#isOf(site, node, message.camera)) this.#handlers.onReturned(site, message.camera)
        return
      case 'answer': {
        const { request, error, body } = message
        const waiting = this.#awaited.get(request)
        if (waiting?.socket !== from) return
        if (!error) waiting.resolve(body)
        else waiting.reject(new IocError(codeOf(error.code), error.message))
        return
      }
      default:
        message satisfies never
    }
  }

  #countOf({ site, node }: NodeAddress): number {
    let count = 0
    for (const camera of this.cameras.values()) count += Number(camera.site === site && camera.node === node)
    return count
  }

  #isOf(site: string, node: string, camera: string): boolean {
    return this.cameras.get(`${site}/${camera}`)?.node === node
  }

  /** A camera belongs to the node that reported it first, as its device does. */
  #put(camera: LinkedCamera): void {
    const key = `${camera.site}/${camera.name}`
    const known = this.cameras.get(key)
    if (known && known.node !== camera.node && known.linked) return
    if (!known && this.#countOf(camera) >= maxLinkCameras) return
    this.cameras.set(key, camera)
    this.#handlers.onCamera(camera)
  }
}

function codeOf(code: string): ErrorCode {
  return Object.hasOwn(errorTable, code) ? (code as ErrorCode) : 'CAMERA_FAULT'
}
