import type { EventEmitter } from 'node:events'
import { watch } from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import { join } from 'node:path'
import { isIocError } from '@ioc/contract/errors.ts'
import { isUpChannel, liveBatchTopic, parseNodeTopic } from '@ioc/contract/topics.ts'
import { listen } from '@ioc/runtime/listen.ts'
import type { Logger } from '@ioc/runtime/logger.ts'
import type { Running } from '@ioc/runtime/process.ts'
import { Aedes, type AuthenticateError, type Client } from 'aedes'
import { ClassicLevel } from 'classic-level'
import mqemitter from 'mqemitter'
import { mayPublish, maySubscribe, type Principal } from './authorization.ts'
import { createConnectionLimits } from './connection-limits.ts'
import { type CredentialStore, credentialFolder } from './credentials/credential-store.ts'
import type { Ingest } from './ingest.ts'
import { createLiveBatches } from './live-batches.ts'
import type { BrokerOptions } from './options.ts'
import { guardPackets } from './packet-guard.ts'
import { BrokerPersistence } from './persistence.ts'

export interface BrokerParts {
  readonly credentials: CredentialStore
  readonly ingest: Ingest
  readonly logger: Logger
}

/** CONNACK return code 5, not authorized (MQTT 3.1.1 §3.2.2.3). */
const notAuthorized = 5

/** Where an invalid payload goes in place of its topic: acknowledged, but neither retained nor passed on. */
const sinkTopic = '$SYS/ioc/rejected'

/** Starts the broker; it listens when this resolves. @throws IocError PORT_IN_USE */
export async function startBroker(
  options: BrokerOptions,
  parts: BrokerParts,
): Promise<Running & { readonly port: number }> {
  const { credentials, ingest, logger } = parts
  const principals = new WeakMap<Client, Principal>()
  const level = new ClassicLevel(join(options.dataDir, 'broker', 'sessions'))
  await level.open()

  const persistence = new BrokerPersistence(level)
  const liveBatches = createLiveBatches((packet) => void persistence.storeRetained(packet))

  const aedes = new Aedes({
    persistence,
    // Without a limit: with one, mqemitter drains its queue by recursion and overflows the stack under load.
    mq: mqemitter({ concurrency: 0, matchEmptyLevels: true }),
    concurrency: 0,
    connectTimeout: options.mqttConnectTimeoutMs,
    drainTimeout: options.mqttDrainTimeoutMs,
    maxTopicLevels: options.mqttMaxTopicLevels,
    maxClientsIdLength: 256,
    preConnect(_client, packet, done) {
      // Sessions of different users never meet: nobody takes over another's client id, nor its queued messages.
      const { username } = packet as { username?: string }
      if (packet.clientId) packet.clientId = `${username ?? ''} ${packet.clientId}`
      done(null, true)
    },
    authenticate(client, username, password, done) {
      if (username === undefined && options.mqttAnonymous) {
        principals.set(client, { username: '', role: 'anonymous' })
        return done(null, true)
      }
      credentials.verify(username ?? '', password?.toString() ?? '').then(
        (role) => {
          if (!role) return done(refusal('bad user name or password'), false)
          principals.set(client, { username: username as string, role })
          done(null, true)
        },
        (error: Error) => {
          logger.error({ err: error }, 'cannot read credentials')
          done(refusal('cannot check the credential'), false)
        },
      )
    },
    authorizePublish(client, packet, done) {
      const topic = parseNodeTopic(packet.topic)
      const principal = client && principals.get(client)
      // Without a client it is a will of a session that an earlier run of this broker had accepted.
      if (client && !(principal && mayPublish(principal, packet.topic))) {
        logger.warn({ username: principal?.username, topic: packet.topic.slice(0, 256) }, 'publish refused')
        return done(new Error('not allowed to publish there'))
      }
      if (packet.topic === liveBatchTopic) {
        packet.retain = false
        liveBatches.take(packet.payload as Buffer)
      }
      if (!topic || !isUpChannel(topic.channel)) return done(null)
      const { channel } = topic
      // Only a status is worth retaining: a retained measurement would come back as a new one.
      if (channel !== 'status') packet.retain = false
      ingest.take({ ...topic, channel }, packet.payload as Buffer).then(
        (valid) => {
          if (!valid) {
            packet.topic = sinkTopic
            packet.retain = false
          }
          done(null)
        },
        (error: Error) => {
          if (!isIocError(error, 'LOG_CLOSED')) logger.error({ err: error, topic: packet.topic }, 'not acknowledged')
          done(error)
        },
      )
    },
    authorizeSubscribe(client, subscription, done) {
      const principal = principals.get(client)
      if (principal && maySubscribe(principal, subscription.topic)) return done(null, subscription)
      logger.warn({ username: principal?.username, filter: subscription.topic.slice(0, 256) }, 'subscription refused')
      // A null subscription is answered with 0x80 [MQTT-3.9.3-2].
      done(null, null)
    },
    authorizeForward(client, packet) {
      const socket = client.conn as Socket
      if (socket.writableLength < options.mqttMaxBacklogBytes) return packet
      logger.warn({ username: principals.get(client)?.username }, 'subscriber does not read: cut off')
      socket.destroy()
      return null
    },
  })
  aedes.on('clientError', (client, error) => logger.debug({ client: client.id, err: error }, 'client error'))
  aedes.on('connectionError', (_client, error) => logger.debug({ err: error }, 'connection error'))
  const emitter: EventEmitter = aedes
  emitter.on('error', (error: Error) => logger.error({ err: error }, 'broker error'))
  const clients = new Set<Client>()
  aedes.on('client', (client) => {
    clients.add(client)
    if (principals.get(client)?.role === 'centre') liveBatches.connected(client)
  })
  aedes.on('clientDisconnect', (client) => {
    clients.delete(client)
    liveBatches.disconnected(client)
  })
  await aedes.listen()

  const limits = createConnectionLimits({
    total: options.mqttMaxConnections,
    perSecond: options.mqttMaxConnectionsPerSecond,
  })
  const server = createServer({ noDelay: true }, (socket) => {
    if (!limits.take()) return void socket.destroy()
    socket.once('close', limits.release)
    socket.setTimeout(options.mqttIdleMs, () => socket.destroy())
    guardPackets(socket, options.mqttMaxPacketBytes)
    aedes.handle(socket)
  })
  const port = await listen(server, options.mqttPort, options.bind, 'IOC_MQTT_PORT').catch(async (error) => {
    await closeAll()
    throw error
  })

  // A credential that was taken away ends the connections that used it.
  const watcher = watch(credentialFolder(options.dataDir), () => {
    const known = new Set(credentials.list().map((entry) => entry.username))
    for (const client of clients) {
      const principal = principals.get(client)
      if (principal && principal.role !== 'anonymous' && !known.has(principal.username)) client.close()
    }
  })

  async function closeAll(): Promise<void> {
    await new Promise<void>((resolve) => aedes.close(() => resolve()))
    await level.close()
  }

  const rate = createRate(() => ingest.counts().accepted)
  return {
    port,
    async stop() {
      watcher.close()
      await closeServer(server, closeAll)
    },
    gauges: () => ({ connections: limits.open(), rejected: ingest.counts().rejected, messages_per_s: rate() }),
  }
}

async function closeServer(server: Server, closeConnections: () => Promise<void>): Promise<void> {
  const closed = new Promise((resolve) => server.close(resolve))
  await closeConnections()
  await closed
}

function refusal(message: string): AuthenticateError {
  return Object.assign(new Error(message), { returnCode: notAuthorized }) as AuthenticateError
}

/** Change of a counter a second since the last call. */
function createRate(counter: () => number): () => number {
  let last = counter()
  let at = performance.now()
  return () => {
    const now = performance.now()
    const rate = ((counter() - last) / (now - at)) * 1000
    last = counter()
    at = now
    return Math.round(rate)
  }
}
