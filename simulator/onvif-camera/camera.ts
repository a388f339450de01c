import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { daylight } from './daylight.ts'
import { LoginGuard, type LoginSettings } from './login-guard.ts'
import {
  type CameraIdentity,
  openActions,
  operations,
  type Preset,
  type PtzHead,
  Refusal,
  serviceAddress,
} from './operations.ts'
import { createPtzHead } from './ptz-head.ts'
import { encode, Scene, type SceneSettings } from './scene.ts'
import { actionOf, envelope, faultEnvelope, textOf } from './soap.ts'
import { type CameraState, healthyState, type ScriptStep, scriptedState, zoneMs } from './state.ts'
import { createStreamServer } from './stream-server.ts'
import { type CameraEvent, Subscriptions } from './subscriptions.ts'

export interface SimulatedCameraSettings {
  readonly host?: string
  readonly port?: number
  readonly identity?: Partial<CameraIdentity>
  readonly login?: Partial<LoginSettings>
  readonly scene?: Partial<SceneSettings>
  readonly presets?: readonly Preset[]
  /** Time of a turn from one preset to another, in ms. */
  readonly turnMs?: number
  /** Whether `GetStatus` reports that the head moves; some cameras always report that it rests. */
  readonly reportsMoves?: boolean
  /** Whether even `GetSystemDateAndTime` needs a login, as some cameras have it. */
  readonly closed?: boolean
  /** The true time, in ms; a test may run its own. */
  readonly clock?: () => number
  /** What happens over each day, in place of `state`. */
  readonly script?: readonly ScriptStep[]
}

const defaultIdentity: CameraIdentity = {
  manufacturer: 'IOC',
  model: 'Simulated',
  firmware: '5.10',
  serial: '20260000000000000001',
  mac: '02:00:00:00:00:01',
  name: 'camera',
}

/** Longest request that a camera reads, in bytes. */
const maxRequestBytes = 262_144
/** Longest that a pull may wait, in ms. */
const maxPullMs = 60_000
/** Size of the document of `huge`, in bytes. */
const hugeBytes = 200_000_000
const nestedElements = 200_000

/**
 * A camera that speaks ONVIF: device, media, events, recording and PTZ services, snapshots of a generated scene, RTSP, and
 * the faults of real ones. Everything that a fault changes is in `state`, and may change at any time.
 */
export class SimulatedCamera {
  readonly state: CameraState = { ...healthyState }
  readonly login: LoginGuard
  readonly subscriptions = new Subscriptions()
  /** Requests by their action, `snapshot` for pictures. */
  readonly requests = new Map<string, number>()
  readonly identity: CameraIdentity
  readonly head: PtzHead
  readonly #settings: SimulatedCameraSettings
  readonly #scene: Scene
  readonly #sockets = new Set<Socket>()
  #server: Server | undefined
  #stream: ReturnType<typeof createStreamServer> | undefined
  #port = 0
  #streamPort = 0
  #shots = 0

  constructor(settings: SimulatedCameraSettings = {}) {
    this.#settings = settings
    this.identity = { ...defaultIdentity, ...settings.identity }
    this.login = new LoginGuard(settings.login)
    this.head = createPtzHead(settings.turnMs ?? 0, settings.reportsMoves ?? true)
    this.#scene = new Scene(settings.scene)
  }

  async start(): Promise<void> {
    const { host = '127.0.0.1', port = 0 } = this.#settings
    this.#server = createServer((request, response) => void this.#serve(request, response))
    this.#server.on('connection', (socket) => {
      this.#sockets.add(socket)
      socket.on('close', () => this.#sockets.delete(socket))
    })
    this.#server.listen(this.#port || port, host)
    await once(this.#server, 'listening')
    this.#port = (this.#server.address() as AddressInfo).port
    this.#stream = createStreamServer(
      this.login,
      () => this.#current(),
      () => this.now(),
    )
    this.#stream.server.listen(this.#streamPort, host)
    await once(this.#stream.server, 'listening')
    this.#streamPort = (this.#stream.server.address() as AddressInfo).port
  }

  async stop(): Promise<void> {
    this.subscriptions.clear()
    const [server, stream] = [this.#server, this.#stream]
    this.#server = undefined
    this.#stream = undefined
    for (const socket of [...this.#sockets, ...(stream?.sockets ?? [])]) socket.destroy()
    for (const one of [server, stream?.server]) {
      if (one?.listening) await new Promise((resolve) => one.close(resolve))
    }
  }

  /** Subscriptions end, connections are cut, and the camera is back at once. */
  reboot(): void {
    this.subscriptions.clear()
    for (const socket of this.#sockets) socket.destroy()
  }

  emit(event: CameraEvent): void {
    this.subscriptions.put(event, this.now())
  }

  /** The camera's clock, in ms. */
  now(): number {
    return this.#trueTime() + this.#current().clockOffsetMs
  }

  get base(): string {
    return `http://${this.#settings.host ?? '127.0.0.1'}:${this.#port}`
  }

  get deviceUrl(): string {
    return `${this.base}/onvif/device_service`
  }

  get streamUri(): string {
    return `rtsp://${this.#settings.host ?? '127.0.0.1'}:${this.#streamPort}/live`
  }

  /** Requests of an action since the start. */
  count(action: string): number {
    return this.requests.get(action) ?? 0
  }

  #trueTime(): number {
    return (this.#settings.clock ?? Date.now)()
  }

  #current(): CameraState {
    const { script } = this.#settings
    return script ? scriptedState(script, this.#trueTime()) : this.state
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    response.on('error', () => undefined)
    // The time of answers is the camera's, also where it refuses the login.
    response.sendDate = false
    const body = await readBody(request)
    if (body === undefined) return void request.destroy()
    const path = (request.url ?? '').split('?')[0] ?? ''
    const action = path.endsWith('/snapshot.jpg') ? 'snapshot' : (actionOf(body) ?? 'unknown')
    this.requests.set(action, this.count(action) + 1)
    const { answer, delayMs } = this.#current()
    if (delayMs > 0) await new Promise((resolve) => setTimeout(resolve, delayMs))
    response.setHeader('Date', new Date(this.now()).toUTCString())
    switch (answer) {
      case 'silent':
        return
      case 'cut':
        request.socket.destroy()
        return
      case 'endless':
        return sendEndlessly(response, Number.POSITIVE_INFINITY)
      case 'huge':
        return sendEndlessly(response, hugeBytes)
      case 'entity_bomb':
        return send(response, 200, entityBomb())
      case 'deep':
        return send(response, 200, `${'<a>'.repeat(nestedElements)}${'</a>'.repeat(nestedElements)}`)
      case 'not_xml':
        return send(response, 200, '<!DOCTYPE html><html><body><p>Login<br></body>', 'text/html')
      case 'normal':
        break
      default:
        answer satisfies never
    }
    const { servicePath } = this.#current()
    const hasMoved = servicePath !== healthyState.servicePath
    if (hasMoved && path !== '/onvif/device_service' && !path.startsWith(`${servicePath}/`)) {
      return send(response, 404, '<html><body>Not found</body></html>', 'text/html')
    }
    const { replies, unauthorized } = this.#current()
    const reply = replies[action]
    if (reply) return send(response, reply.status, reply.body)
    if (unauthorized.includes(action)) return this.#refuseLogin(response, action)
    const isOpen = openActions.includes(action) && !this.#settings.closed
    if (!isOpen && !this.login.admits(request, body, this.now())) return this.#refuseLogin(response, action)
    if (action === 'snapshot') return this.#sendSnapshot(response)
    try {
      send(response, 200, envelope(await this.#operate(action, body, path, response)))
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      send(response, 400, faultEnvelope(error.subcode, error.message))
    }
  }

  #refuseLogin(response: ServerResponse, action: string): void {
    const challenges = this.login.challenges()
    if (challenges.length > 0) response.setHeader('WWW-Authenticate', challenges)
    const status = challenges.length > 0 || action === 'snapshot' ? 401 : 400
    send(response, status, faultEnvelope('NotAuthorized', 'Sender not authorized'))
  }

  async #operate(action: string, body: string, path: string, response: ServerResponse): Promise<string> {
    const now = this.now()
    const id = Number(/\/subscription\/(\d+)$/.exec(path)?.[1] ?? Number.NaN)
    switch (action) {
      case 'CreatePullPointSubscription': {
        const lasts = parseDuration(textOf(body, 'InitialTerminationTime')) ?? maxPullMs
        const created = this.subscriptions.create(now, lasts, this.#current().maxSubscriptions)
        if (!created) throw new Refusal('InvalidArgVal', 'Maximum number of subscriptions reached')
        return (
          '<tev:CreatePullPointSubscriptionResponse><tev:SubscriptionReference>' +
          `<wsa5:Address>${serviceAddress(this.base, this.#current(), `subscription/${created.id}`)}</wsa5:Address></tev:SubscriptionReference>` +
          `${times(now, created.expires)}</tev:CreatePullPointSubscriptionResponse>`
        )
      }
      case 'PullMessages': {
        const subscription = this.#subscription(id, now)
        const waitMs = Math.min(parseDuration(textOf(body, 'Timeout')) ?? maxPullMs, maxPullMs)
        const limit = Number(textOf(body, 'MessageLimit') ?? 100)
        const { cutPullMs } = this.#current()
        const cut = cutPullMs === undefined ? undefined : setTimeout(() => response.destroy(), cutPullMs)
        const messages = await this.subscriptions.pull(subscription, waitMs, limit)
        clearTimeout(cut)
        this.#subscription(id, this.now())
        return (
          `<tev:PullMessagesResponse>${times(this.now(), subscription.expires, 'tev')}${messages.join('')}` +
          '</tev:PullMessagesResponse>'
        )
      }
      case 'Renew': {
        const subscription = this.#subscription(id, now)
        subscription.expires = now + (parseDuration(textOf(body, 'TerminationTime')) ?? maxPullMs)
        return `<wsnt:RenewResponse><wsnt:TerminationTime>${new Date(subscription.expires).toISOString()}</wsnt:TerminationTime><wsnt:CurrentTime>${new Date(now).toISOString()}</wsnt:CurrentTime></wsnt:RenewResponse>`
      }
      case 'SetSynchronizationPoint':
        this.#subscription(id, now)
        return '<tev:SetSynchronizationPointResponse/>'
      case 'Unsubscribe':
        this.subscriptions.end(id)
        return '<wsnt:UnsubscribeResponse/>'
    }
    const operation = operations[action]
    if (!operation) throw new Refusal('ActionNotSupported', 'Optional action not implemented')
    const { width, height } = this.#scene.settings
    const { identity, base, streamUri, head } = this
    const presets = this.#settings.presets ?? []
    const context = { identity, state: this.#current(), now, base, streamUri, width, height, presets, head }
    return operation(context, body)
  }

  #subscription(id: number, now: number) {
    const found = this.subscriptions.find(id, now)
    if (!found) throw new Refusal('InvalidArgVal', 'The subscription does not exist')
    return found
  }

  async #sendSnapshot(response: ServerResponse): Promise<void> {
    const jpeg = await this.snapshot()
    response.setHeader('Content-Type', 'image/jpeg')
    response.setHeader('Content-Length', jpeg.length)
    response.end(jpeg)
  }

  /** The picture that it sees now, as a JPEG. */
  snapshot(): Promise<Buffer> {
    const { picture, light, moving, reencodes } = this.#current()
    const frame = this.#scene.shoot({
      // Burnt in as people there read it.
      clock: this.now() + zoneMs,
      light: light ?? daylight(this.#trueTime()),
      mode: picture,
      moving,
    })
    return encode(frame, reencodes ? 70 + (this.#shots++ % 5) * 5 : 80)
  }
}

async function readBody(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = []
  let bytes = 0
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) {
      bytes += chunk.length
      if (bytes > maxRequestBytes) return undefined
      chunks.push(chunk)
    }
  } catch {
    return undefined
  }
  return Buffer.concat(chunks).toString('utf8')
}

function send(response: ServerResponse, status: number, text: string, type = 'application/soap+xml'): void {
  response.writeHead(status, { 'Content-Type': `${type}; charset=utf-8`, 'Content-Length': Buffer.byteLength(text) })
  response.end(text)
}

function sendEndlessly(response: ServerResponse, bytes: number): void {
  const chunk = Buffer.from(`<!-- ${'x'.repeat(65_000)} -->`)
  let sent = 0
  response.writeHead(200, { 'Content-Type': 'application/soap+xml' })
  const more = () => {
    while (sent < bytes && !response.destroyed) {
      sent += chunk.length
      if (!response.write(chunk)) return
    }
    response.end()
  }
  response.on('drain', more)
  more()
}

/** Ten entities, each ten times the one before. */
function entityBomb(): string {
  const entities = Array.from({ length: 10 }, (_, n) => {
    const value = n === 0 ? 'bomb' : `&e${n - 1};`.repeat(10)
    return `<!ENTITY e${n} "${value}">`
  })
  return `<?xml version="1.0"?><!DOCTYPE e [${entities.join('')}]>${envelope('<tds:GetHostnameResponse>&e9;</tds:GetHostnameResponse>')}`
}

function times(now: number, until: number, prefix = 'wsnt'): string {
  const [current, end] = [now, until].map((ts) => new Date(ts).toISOString())
  return `<${prefix}:CurrentTime>${current}</${prefix}:CurrentTime><${prefix}:TerminationTime>${end}</${prefix}:TerminationTime>`
}

/** As `PT600S` or `PT1M`, in ms. */
function parseDuration(text: string | undefined): number | undefined {
  const [, hours, minutes, seconds] = /^PT(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?$/.exec(text ?? '') ?? []
  if (hours === undefined && minutes === undefined && seconds === undefined) return undefined
  return (Number(hours ?? 0) * 3_600 + Number(minutes ?? 0) * 60 + Number(seconds ?? 0)) * 1_000
}
