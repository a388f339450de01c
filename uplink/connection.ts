import { randomUUID } from 'node:crypto'
import { createConnection } from 'node:net'
import type { Duplex } from 'node:stream'
import { type NodeAddress, nodeTopic, username } from '@ioc/contract/topics.ts'
import { connect, type ErrorWithReasonCode, type IClientOptions, MqttClient } from 'mqtt'

export interface ConnectionSettings {
  readonly url: string
  /** Opens the stream to the broker, as over TLS with a pinned authority; without it, `url` decides. */
  readonly openStream?: (() => Duplex) | undefined
  readonly address: NodeAddress
  readonly password: string
  readonly session: number
}

export interface ConnectionEvents {
  onOpen(): void
  /** The connection is gone, or never came to be. Called once; no publish of it is acknowledged after that. */
  onClose(reason: CloseReason): void
  onMessage(topic: string, payload: Buffer): void
}

export interface CloseReason {
  readonly message: string
  /** The broker does not accept the credential. */
  readonly refused: boolean
}

/** One MQTT connection, from CONNECT to its end. It is never reconnected: the next one is a new one. */
export interface Connection {
  /** Publishes with QoS 1; `onAck` is called at its PUBACK, and never if the connection ends before it. */
  publish(topic: string, payload: string, retain: boolean, onAck: () => void): void
  subscribe(topics: string[], onRefused: (error: Error) => void): void
  /** Sends DISCONNECT where nothing waits for a PUBACK, and ends the connection within a second. */
  end(): Promise<void>
  /** Cuts the connection; `onClose` follows. */
  cut(reason: string): void
}

const keepaliveS = 30
/** Over TLS three round trips: a satellite line of 2 s each way takes 12 s for them, and longer where packets are lost. */
const connectTimeoutMs = 40_000
const endMs = 1_000
const defaultPort = 1883

/** This process: the broker tells it from another machine with the same credential. */
const run = randomUUID()

/** CONNACK codes 4 and 5: bad user name or password, not authorized (MQTT 3.1.1, 3.2.2.3). */
const refusedCodes: readonly unknown[] = [4, 5]

/**
 * Opens a connection. MQTT.js is a transport only: with `reconnectPeriod: 0` and a client for each connection, its
 * store dies with the connection, and it never repeats or drops a message on its own (mqttjs/MQTT.js#2015).
 */
export function openConnection(settings: ConnectionSettings, events: ConnectionEvents): Connection {
  const { address, session } = settings
  let reason: CloseReason = { message: 'connection closed', refused: false }
  let closed = false
  const client = createClient(settings, {
    // One id for each node: after a cut, the broker ends the old, half-open connection at once.
    clientId: username(address),
    username: username(address),
    password: settings.password,
    protocolVersion: 4,
    clean: true,
    keepalive: keepaliveS,
    // Publishing must not put pings off: a link that only takes bytes is dead.
    reschedulePings: false,
    connectTimeout: connectTimeoutMs,
    reconnectPeriod: 0,
    resubscribe: false,
    queueQoSZero: false,
    // The cache of encoded numbers would cost 8 MB.
    writeCache: false,
    will: { topic: nodeTopic(address, 'status'), payload: Buffer.from(offline(session, run)), qos: 1, retain: true },
  })
  const onEnd = (): void => {
    if (closed) return
    closed = true
    client.end(true)
    events.onClose(reason)
  }
  client.on('connect', () => events.onOpen())
  client.on('message', (topic, payload) => events.onMessage(topic, payload))
  client.on('error', (error) => {
    reason = { message: describe(error), refused: refusedCodes.includes((error as ErrorWithReasonCode).code) }
    client.stream.destroy()
  })
  client.on('close', onEnd)
  return {
    publish(topic, payload, retain, onAck) {
      client.publish(topic, payload, { qos: 1, retain }, (error) => {
        if (closed) return
        if (error) {
          reason = { message: describe(error), refused: false }
          client.stream.destroy()
        } else onAck()
      })
    },
    subscribe(topics, onRefused) {
      client.subscribe(topics, { qos: 1 }, (error) => {
        if (error && !closed) onRefused(error)
      })
    },
    async end() {
      // MQTT.js holds DISCONNECT back until every PUBACK is there. Without it the broker publishes the will, which says
      // the same as the status that the node published itself.
      const timer = setTimeout(() => client.stream.destroy(), endMs)
      await new Promise<void>((resolve) => {
        client.once('close', resolve)
        if (closed) resolve()
        else client.end()
      })
      clearTimeout(timer)
    },
    cut(message) {
      reason = { message, refused: false }
      client.stream.destroy()
    },
  }
}

/**
 * Plain TCP gets its stream from here: `connect` loads TLS and WebSockets whatever the URL asks for, which costs 7 MB.
 */
function createClient({ url, openStream }: ConnectionSettings, options: IClientOptions): MqttClient {
  if (openStream) return new MqttClient(openStream, options)
  if (!url.startsWith('mqtt:')) return connect(url, options)
  const { hostname, port } = new URL(url)
  // An address in IPv6 stands in brackets in a URL only.
  const host = hostname.replace(/^\[(.*)\]$/, '$1')
  return new MqttClient(() => createConnection({ host, port: Number(port || defaultPort) }), options)
}

/** The status of a node that is gone: the will, and what a node says itself when it stops. */
export function offline(session: number, connecting?: string): string {
  return JSON.stringify({ online: false, session, run: connecting })
}

/** Node gathers the failures of several addresses in an AggregateError without a message of its own. */
function describe(error: Error): string {
  return error.message || (error as NodeJS.ErrnoException).code || error.name
}
