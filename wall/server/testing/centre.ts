import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { AccountStore, type Grant } from '@ioc/accounts/account-store.ts'
import { readOptions } from '@ioc/contract/options.ts'
import { topicMatches } from '@ioc/contract/topic-matches.ts'
import { livePrefix } from '@ioc/contract/topics.ts'
import { credentialFile } from '@ioc/runtime/credential-file.ts'
import { createLogger } from '@ioc/runtime/logger.ts'
import { Aedes } from 'aedes'
import { connectAsync } from 'mqtt'
import { WebSocket } from 'ws'
import type { LiveLimits } from '../live-client.ts'
import { wallOptions } from '../options.ts'
import { startWall, type Wall } from '../start.ts'

/** A real broker and a real wall on ports of their own, for tests. */
export interface Centre {
  readonly url: string
  readonly dataDir: string
  readonly mqttPort: number
  readonly wall: Wall
  /** Creates a user with a token, and returns the headers of its requests. */
  addUser(name: string, grant: Grant): Promise<{ readonly authorization: string }>
  /** Publishes below `ioc/v1/_live/`, retained. */
  publish(topic: string, value: object): Promise<void>
  publishRaw(topic: string, payload: string, retain?: boolean): Promise<void>
  /** What comes on a topic, or on topics of a filter, from now on, as JSON. */
  listen(topic: string): Promise<unknown[]>
  /** Sends an API path a body as JSON. */
  post(path: string, body?: object, headers?: Record<string, string>): Promise<{ status: number; body: unknown }>
  /** Reads an API path as JSON. */
  get(path: string, headers?: Record<string, string>): Promise<{ status: number; body: unknown }>
  stopBroker(): Promise<void>
  stop(): Promise<void>
}

/** The agent of the centre's own machine. */
export const ownNode = 'office/centre-01'
/** Of the users that `addUser` creates. */
export const testPassword = 'correct horse 4'

const credential = { username: 'centre/wall', password: 'secret' }

/** Starts both; `environment` holds settings as a user would set them, `onWarning` gets the warnings that the wall logs. */
export async function startCentre(
  environment: Record<string, string> = {},
  limits: Partial<LiveLimits> = {},
  onWarning?: (text: string) => void,
  boardsFolder?: string,
): Promise<Centre> {
  const dataDir = mkdtempSync(join(tmpdir(), 'ioc-wall-'))
  const file = credentialFile(dataDir, 'centre')
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, JSON.stringify(credential))
  writeFileSync(credentialFile(dataDir, 'agent'), JSON.stringify({ username: ownNode, password: 'secret' }))

  const broker = await Aedes.createBroker({ concurrency: 0 })
  broker.authenticate = (_client, username, password, done) => {
    done(null, username === credential.username && password?.toString() === credential.password)
  }
  const server = createServer(broker.handle)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const mqttPort = (server.address() as AddressInfo).port

  const options = readOptions(wallOptions, {
    IOC_DATA_DIR: dataDir,
    IOC_MQTT_PORT: String(mqttPort),
    IOC_HTTP_PORT: '0',
    IOC_LOG_LEVEL: 'silent',
    // No store listens on the port of "discard".
    IOC_STORAGE_PORT: '9',
    ...environment,
  })
  const logger = createLogger('wall', options)
  if (onWarning) logger.warn = (_fields: object, text = '') => onWarning(text)
  const wall = await startWall(options, logger, limits, boardsFolder)
  const url = `http://127.0.0.1:${wall.port}`
  const publisher = await connectAsync({ host: '127.0.0.1', port: mqttPort, protocol: 'mqtt', ...credential })
  const publishRaw = async (topic: string, payload: string, retain = true): Promise<void> => {
    await publisher.publishAsync(topic, payload, { qos: 1, retain })
  }
  const stopBroker = async (): Promise<void> => {
    await publisher.endAsync(true)
    await new Promise<void>((resolve) => broker.close(() => server.close(() => resolve())))
  }
  return {
    url,
    mqttPort,
    dataDir,
    wall,
    addUser: async (name, grant) => {
      const accounts = new AccountStore(dataDir)
      await accounts.add(name, grant, testPassword)
      return { authorization: `Bearer ${accounts.addToken(name, 'test')}` }
    },
    publishRaw,
    listen: async (topic) => {
      const received: unknown[] = []
      publisher.on('message', (of, payload) => {
        if (topicMatches(topic, of)) received.push(JSON.parse(payload.toString()))
      })
      await publisher.subscribeAsync(topic, { qos: 1 })
      return received
    },
    post: async (path, body, headers = {}) => {
      const json = body === undefined ? {} : { body: JSON.stringify(body) }
      const type = body === undefined ? {} : { 'content-type': 'application/json' }
      const response = await fetch(url + path, { method: 'POST', headers: { ...type, ...headers }, ...json })
      return { status: response.status, body: await response.json().catch(() => undefined) }
    },
    publish: (topic, value) => publishRaw(livePrefix + topic, JSON.stringify(value)),
    get: async (path, headers = {}) => {
      const response = await fetch(url + path, { headers })
      const text = await response.text()
      const json = response.headers.get('content-type')?.includes('json')
      return { status: response.status, body: json ? JSON.parse(text) : text }
    },
    stopBroker,
    stop: async () => {
      await wall.stop()
      if (server.listening) await stopBroker()
      rmSync(dataDir, { recursive: true, force: true })
    },
  }
}

export type Frame = Record<string, unknown>

/** A client of `/live` that keeps what it got, and waits for what a test looks for. */
export class LiveTestClient {
  readonly frames: Frame[] = []
  readonly socket: WebSocket
  readonly closed: Promise<number>
  #wake: () => void = () => {}

  constructor(url: string, headers: Record<string, string> = {}) {
    this.socket = new WebSocket(`${url.replace('http', 'ws')}/live`, { headers })
    this.closed = new Promise((resolve) => this.socket.once('close', resolve))
    this.socket.on('error', () => {})
    this.socket.on('message', (data) => {
      this.frames.push(JSON.parse(data.toString()) as Frame)
      this.#wake()
    })
  }

  async open(): Promise<this> {
    await new Promise<void>((resolve, reject) => {
      this.socket.once('open', resolve)
      this.socket.once('error', reject)
    })
    return this
  }

  send(message: unknown): void {
    this.socket.send(typeof message === 'string' ? message : JSON.stringify(message))
  }

  /** Resolves to the first frame, come or to come, that fits. */
  async until(fits: (frame: Frame) => boolean): Promise<Frame> {
    for (let next = 0; ; ) {
      for (; next < this.frames.length; next++) {
        const frame = this.frames[next]
        if (frame && fits(frame)) return frame
      }
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
  }
}

/** Waits until `check` gives something, asking again as fast as the event loop turns. */
export async function eventually<T>(check: () => Promise<T | undefined> | T | undefined): Promise<T> {
  for (;;) {
    const value = await check()
    if (value !== undefined) return value
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}
