import type { EventEmitter } from 'node:events'
import { createServer, type Server, type Socket } from 'node:net'
import { join } from 'node:path'
import { isExpired } from '@ioc/contract/credential-expiry.ts'
import { isIocError } from '@ioc/contract/errors.ts'
import { runOfWill } from '@ioc/contract/messages/status.ts'
import {
  answerChannel,
  forgetTopic,
  isUpChannel,
  liveBatchTopic,
  parseNodeTopic,
  parseUsername,
} from '@ioc/contract/topics.ts'
import { listen } from '@ioc/runtime/listen.ts'
import type { Logger } from '@ioc/runtime/logger.ts'
import type { Running } from '@ioc/runtime/process.ts'
import { Aedes, type AedesPublishPacket, type AuthenticateError, type Client } from 'aedes'
import { ClassicLevel } from 'classic-level'
import mqemitter from 'mqemitter'
import { addressOf, createAdmission } from './admission.ts'
import { mayLeaveWill, mayPublish, maySubscribe, type Principal, sessionId, usernameOf } from './authorization.ts'
import type { BrokerRecords } from './broker-records.ts'
import { createCloneWatch } from './clones.ts'
import { createConnections } from './connections.ts'
import { usesTls } from './credentials/certificates.ts'
import { type Credential, type CredentialStore, credentialFolder } from './credentials/credential-store.ts'
import { watchCredentials } from './credentials/credential-watch.ts'
import { createExpiries } from './expiries.ts'
import { parseForgetRequest } from './forget-request.ts'
import type { Ingest } from './ingest.ts'
import { createLeftoverWills } from './leftover-wills.ts'
import { createLiveBatches } from './live-batches.ts'
import { createLoginHistory } from './login-history.ts'
import type { BrokerOptions } from './options.ts'
import { gatePackets } from './packet-gate.ts'
import { BrokerPersistence } from './persistence.ts'
import { createReceivedMessages } from './received.ts'
import { createRemoval } from './removal.ts'
import { createRepeatedLog } from './repeated-log.ts'
import { createRepeats } from './repeats.ts'
import { createSessions } from './sessions.ts'
import { startTlsListener } from './tls-listener.ts'

export interface BrokerParts {
  readonly credentials: CredentialStore
  readonly ingest: Ingest
  readonly records: BrokerRecords
  readonly logger: Logger
}

/** CONNACK return codes (MQTT 3.1.1 §3.2.2.3). */
const identifierRejected = 2
const notAuthorized = 5

/** Longest client id, with the username before it. */
const maxSessionIdLength = 512
/** Levels that Aedes can take at most; the limit of the setting is below it. */
const maxAedesTopicLevels = 100
/** Characters of a topic that are logged. */
const maxLoggedTopic = 256

/** Where a message that goes nowhere is published in place of its topic: acknowledged, but neither retained nor passed on. */
const sinkTopic = '$SYS/ioc/rejected'

/** A will has no message identifier: it comes once. */
type Publish = AedesPublishPacket & { messageId?: number }
type UpTopic = Parameters<Ingest['take']>[0]

/** Starts the broker; it listens when this resolves. @throws IocError PORT_IN_USE */
export async function startBroker(
  options: BrokerOptions,
  parts: BrokerParts,
): Promise<Running & { readonly port: number; readonly tlsPort: number | undefined }> {
  const { credentials, ingest, records, logger } = parts
  const warnings = createRepeatedLog(logger)
  const sessions = createSessions()
  const received = createReceivedMessages()
  const connections = createConnections(records, warnings)
  /** Topics of messages that Aedes would end the connection for; it sees the sink in their place. */
  const tooDeep = new WeakMap<object, string>()
  let refused = 0
  const level = new ClassicLevel(join(options.dataDir, 'broker', 'sessions'))
  await level.open()
  const persistence = new BrokerPersistence(level, {
    received,
    mayKeep(session, filter) {
      const principal = principalOf(session)
      return principal !== undefined && maySubscribe(principal, filter)
    },
  })

  /** Who a session belongs to, as the credentials are now: its connection, or its broker, may have ended. */
  function principalOf(session: string): Principal | undefined {
    const user = usernameOf(session)
    if (user === '') return options.mqttAnonymous ? { username: '', role: 'anonymous' } : undefined
    return user === undefined ? undefined : credentials.findValid(user)
  }

  /** Drops a message that is not allowed: the client goes on, and what else it sends is taken. */
  function refuse(packet: Publish, user: string | undefined, topic = packet.topic): void {
    refused++
    const who = user ?? ''
    warnings.warn('publish refused', who, { username: who, topic: topic.slice(0, maxLoggedTopic) })
    sink(packet)
  }

  function sink(packet: Publish): void {
    packet.topic = sinkTopic
    packet.retain = false
  }

  /** Resolves when a message may be acknowledged; where it is not for others, its topic is then the sink. */
  async function accept(packet: Publish, principal: Principal | undefined, client: Client | undefined): Promise<void> {
    const deep = tooDeep.get(packet)
    if (deep !== undefined) return refuse(packet, principal?.username, deep)
    if (!principal || !mayPublish(principal, packet.topic)) return refuse(packet, principal?.username)
    if (packet.topic === forgetTopic) return forget(packet)
    if (packet.topic === liveBatchTopic) {
      packet.retain = false
      return liveBatches.take(packet.payload as Buffer)
    }
    const topic = parseNodeTopic(packet.topic)
    if (topic?.channel === answerChannel) packet.retain = false
    if (!topic || !isUpChannel(topic.channel)) return
    const up = { ...topic, channel: topic.channel }
    // Only a status is worth retaining: a retained measurement would come back as a new one.
    if (up.channel !== 'status') packet.retain = false
    if (client) connections.messageArrived(client)
    const valid =
      client && packet.qos === 2 && packet.messageId ? await once(client, up, packet) : await takeUp(up, packet)
    if (!valid) sink(packet)
  }

  function takeUp(topic: UpTopic, packet: Publish): Promise<boolean> {
    const payload = packet.payload as Buffer
    // What MQTT clears a retained message with: the node is gone until its next birth.
    const clears = topic.channel === 'status' && packet.retain && payload.length === 0
    return clears ? records.forgotten(topic, {}).then(() => true) : ingest.take(topic, payload)
  }

  /** Takes a QoS 2 message unless it is a repeat; resolves to whether it is for others. */
  async function once(client: Client, topic: UpTopic, packet: Publish): Promise<boolean> {
    const digest = persistence.digest(packet)
    const take = async () => {
      const noted = client.clean
        ? undefined
        : persistence.storePending(client, packet, digest, ingest.tailOf(topic.site))
      // Begun before the append, and not awaited: messages stay in their order in the log.
      const [valid] = await Promise.all([takeUp(topic, packet), noted])
      return valid
    }
    const { repeated, replaces, outcome } = received.once(client, packet, digest, take)
    const valid = await outcome
    if (replaces) await persistence.replaceReceived(client, packet)
    return valid && !repeated
  }

  async function forget(packet: Publish): Promise<void> {
    const request = parseForgetRequest(packet.payload as Buffer)
    if (!request) return refuse(packet, 'centre')
    if ('device' in request) await records.forgotten({ site: request.site, node: '' }, { device: request.device })
    else await removal.remove(request)
    sink(packet)
  }

  const liveBatches = createLiveBatches({
    retain: (topic, payload) => persistence.retainValue(topic, payload),
    topics: () => persistence.batchedTopics(),
    setSnapshot(complete) {
      persistence.isSnapshotComplete = complete
    },
  })

  const repeats = createRepeats()
  const aedes = new Aedes({
    persistence,
    // Without a limit: with one, mqemitter drains its queue by recursion and overflows the stack under load.
    mq: mqemitter({ concurrency: 0, matchEmptyLevels: true }),
    concurrency: 0,
    connectTimeout: options.mqttConnectTimeoutMs,
    drainTimeout: options.mqttDrainTimeoutMs,
    maxTopicLevels: maxAedesTopicLevels,
    maxClientsIdLength: maxSessionIdLength,
    preConnect(client, packet, done) {
      const { username: user } = packet as { username?: string }
      // Aedes would make up an id that says nothing of the user.
      const clientId = packet.clientId || `anonymous-${crypto.randomUUID()}`
      repeats.watch(client)
      const resumes = !packet.clean && !packet.clientId
      packet.clientId = sessionId(user, clientId)
      // With a keepalive Aedes ends the connection after 1.5 times as long [MQTT-3.1.2-24]; without one we do.
      if (packet.keepalive) (client.conn as Socket).setTimeout(0)
      const { will } = packet
      const principal = will && principalOf(packet.clientId)
      // As with a publish: a device with a will of its own that is not for us still sends its measurements.
      if (will && !(principal && mayLeaveWill(principal, will, options.mqttMaxWillBytes))) {
        refused++
        const who = user ?? ''
        warnings.warn('will refused', who, { username: who, topic: will.topic.slice(0, maxLoggedTopic) })
        delete packet.will
      }
      sessions.connecting(client, { resumes, run: packet.will && runOfWill(Buffer.from(packet.will.payload)) })
      done(null, true)
    },
    authenticate(client, user, password, done) {
      login(client, user, password?.toString() ?? '').then(
        (error) => done(error, !error),
        (error: Error) => {
          // Not refused: a client that was would not try again.
          warnings.warn('cannot check a credential', user ?? '', { username: user, err: error })
          client.close()
        },
      )
    },
    authorizePublish(client, packet, done) {
      // Aedes sends the will when it has closed the client: by then its credential may be gone.
      const principal = client && (client.closed ? principalOf(client.id) : sessions.principalOf(client))
      accept(packet as Publish, principal ?? undefined, client ?? undefined).then(
        () => done(null),
        (error: Error) => {
          if (!isIocError(error, 'LOG_CLOSED')) {
            const who = principal?.username ?? ''
            warnings.warn('not acknowledged', who, { username: who, topic: packet.topic, err: error })
          }
          done(error)
        },
      )
    },
    authorizeSubscribe(client, subscription, done) {
      const principal = sessions.principalOf(client)
      if (principal && maySubscribe(principal, subscription.topic)) return done(null, subscription)
      const who = principal?.username ?? ''
      warnings.warn('subscription refused', who, {
        username: who,
        filter: subscription.topic.slice(0, maxLoggedTopic),
      })
      // A null subscription is answered with 0x80 [MQTT-3.9.3-2].
      done(null, null)
    },
    authorizeForward(client, packet) {
      const principal = sessions.principalOf(client)
      // Also what was queued for a session before its subscription was refused.
      if (!principal || !maySubscribe(principal, packet.topic) || repeats.isRepeat(client, packet)) return null
      const socket = client.conn as Socket
      if (socket.writableLength < options.mqttMaxBacklogBytes) {
        // What is retained was read for this subscriber, and belongs to no broker.
        return packet.brokerId ? packet : persistence.present(packet)
      }
      warnings.warn('subscriber does not read: disconnected', principal.username, { username: principal.username })
      socket.destroy()
      return null
    },
  })

  /** Resolves to why a login is refused; to null where it is not. */
  async function login(client: Client, user: string | undefined, password: string): Promise<AuthenticateError | null> {
    const socket = client.conn as Socket
    const address = addressOf(socket)
    // A session that nobody can come back to is not kept [MQTT-3.1.3-8].
    if (sessions.resumesNothing(client) || client.id.length > maxSessionIdLength) {
      return refusal('client id not allowed', identifierRejected)
    }
    if (user === undefined && options.mqttAnonymous) {
      sessions.add(client, { username: '', role: 'anonymous' }, '')
      return null
    }
    await removal.settle(user ?? '')
    const wanted = async () => {
      // Lets a client that has gone be seen.
      socket.read(0)
      await new Promise(setImmediate)
      return !client.closed && !socket.destroyed
    }
    const attempt = { username: user ?? '', password }
    const credential = await credentials.verify(attempt.username, password, { address, wanted })
    if (!credential) {
      history.failed(attempt)
      admission.penalize(address)
      const known = credentials.find(attempt.username)
      const message = known && isExpired(known, Date.now()) ? 'login refused: credential expired' : 'login refused'
      warnings.warn(message, address, { username: user?.slice(0, maxLoggedTopic), address })
      return refusal('bad user name or password', notAuthorized)
    }
    history.succeeded(attempt)
    if (credential.role === 'node') noteNode(client, credential)
    if (!client.clean) await persistence.restoreReceived(client.id)
    sessions.add(client, credential, credential.id)
    expiries.note(credential)
    return null
  }

  function noteNode(client: Client, credential: Credential): void {
    try {
      credentials.connected(credential)
      const displaced = sessions.displaced(client, credential.username)
      if (displaced) clones.takenOver(credential.username, sessions.runOf(client), sessions.runOf(displaced))
    } catch (error) {
      // A full disk: the node connects all the same.
      warnings.warn('cannot note a connection', credential.username, { err: error as Error })
    }
  }

  const publish = (packet: Parameters<Aedes['publish']>[0]) =>
    new Promise<void>((resolve, reject) => aedes.publish(packet, (error) => (error ? reject(error) : resolve())))

  const removal = createRemoval({
    credentials,
    records,
    warnings,
    disconnect: (user) => sessions.closeAll(user),
    clearRetained: (topic) =>
      publish({ cmd: 'publish', topic, payload: Buffer.alloc(0), qos: 0, retain: true, dup: false }),
    removeSessions: (user) => persistence.removeSessions(user),
  })
  const leftoverWills = createLeftoverWills(
    {
      persistence,
      brokerId: aedes.id,
      warnings,
      isConnected: (id) => sessions.has(id),
      async publish(will) {
        const principal = principalOf(will.clientId)
        if (principal && !mayLeaveWill(principal, will, options.mqttMaxWillBytes)) refuse(will, principal.username)
        else await accept(will, principal, undefined)
        await publish(will)
      },
    },
    options.mqttLeftoverWillMs,
  )
  const clones = createCloneWatch((user) => {
    warnings.warn('two machines seem to use one credential: revoke it', user, { username: user })
    credentials.suspectClone(user)
  })
  const history = createLoginHistory((user) => credentials.find(user) !== undefined)
  const admission = createAdmission(
    {
      maxOpen: options.mqttMaxConnections,
      maxOpenPerAddress: options.mqttMaxConnectionsPerAddress,
      perSecond: options.mqttMaxConnectionsPerSecond,
    },
    (attempt) => {
      if (attempt) return history.rankOf(attempt)
      return options.mqttAnonymous ? 'unsuspicious' : 'suspicious'
    },
    admit,
  )

  aedes.on('clientError', (client, error) => logger.debug({ client: client.id, err: error }, 'client error'))
  aedes.on('connectionError', (_client, error) => logger.debug({ err: error }, 'connection error'))
  const emitter: EventEmitter = aedes
  emitter.on('error', (error: Error) => logger.error({ err: error }, 'broker error'))
  aedes.on('client', (client) => {
    // Aedes registers also one that has gone while it connected, and would keep it.
    if (client.closed) return (aedes as Aedes & { deleteClient(id: string): void }).deleteClient(client.id)
    const principal = sessions.principalOf(client)
    if (principal?.role === 'node') {
      const isCloned = credentials.cloneSuspectedAt(principal.username) !== undefined
      connections.began(client, parseUsername(principal.username), isCloned)
    }
    if (principal?.role === 'centre') liveBatches.connected(client)
  })
  aedes.on('clientDisconnect', (client) => {
    connections.ended(client)
    liveBatches.disconnected(client)
  })
  await persistence.settlePending((tail) => ingest.takenSince(tail))
  await aedes.listen()
  await connections.start()
  await removal.settleAll()

  function admit(socket: Socket): void {
    socket.setTimeout(options.mqttIdleMs, () => socket.destroy())
    const client = aedes.handle(socket)
    socket.once('close', () => {
      sessions.delete(client)
      connections.ended(client)
    })
    const limits = {
      maxPacketBytes: options.mqttMaxPacketBytes,
      maxFilters: options.mqttMaxFilters,
      maxPerSecond: options.mqttMaxPacketsPerSecond,
    }
    gatePackets(client, limits, {
      onPublish(packet) {
        if (packet.topic.split('/', options.mqttMaxTopicLevels + 1).length <= options.mqttMaxTopicLevels) return
        // A wildcard in a topic stays what it is: a protocol error [MQTT-3.3.2-2].
        if (/[#+]/.test(packet.topic)) return
        tooDeep.set(packet, packet.topic)
        packet.topic = sinkTopic
      },
      onTooManyFilters(filters) {
        const who = sessions.principalOf(client)?.username ?? ''
        warnings.warn('too many filters in a packet', who, { username: who, filters })
      },
    })
  }

  // A credential that was revoked, has expired, or has a new password ends the connections that used it.
  async function recheck(user: string): Promise<void> {
    try {
      if (credentials.isRemoved(user)) return await removal.settle(user)
      if (!sessions.isOpen(user)) return
      const valid = credentials.findValid(user)
      if (valid) expiries.note(valid)
      await sessions.closeAll(user, valid?.id)
    } catch (error) {
      warnings.warn('cannot check a credential', user, { username: user, err: error as Error })
    }
  }
  const expiries = createExpiries((user) => void recheck(user))
  const watch = watchCredentials(
    credentialFolder(options.dataDir),
    {
      one: (user) => void recheck(user),
      async everything() {
        await removal.settleAll()
        let looks = 0
        for (const user of sessions.usernames()) {
          await recheck(user)
          if (++looks % looksAtOnce === 0) await new Promise(setImmediate)
        }
      },
    },
    logger,
  )

  const server = createServer({ noDelay: true }, (socket) => admission.offer(socket))
  const port = await listen(server, options.mqttPort, options.bind, 'IOC_MQTT_PORT').catch(async (error) => {
    await closeAll()
    throw error
  })
  const tls = usesTls(options)
    ? await startTlsListener(options, (socket) => admission.offer(socket), logger).catch(async (error) => {
        await closeServer(server, closeAll)
        throw error
      })
    : undefined

  watch.start()
  expiries.start()
  leftoverWills.start()

  async function closeAll(): Promise<void> {
    watch.stop()
    expiries.stop()
    leftoverWills.stop()
    await new Promise<void>((resolve) => aedes.close(() => resolve()))
    admission.stop()
    connections.stop()
    warnings.stop()
    await level.close()
  }

  const rate = createRate(() => ingest.counts().accepted)
  return {
    port,
    tlsPort: tls?.port,
    async stop() {
      const closed = tls?.stop()
      await closeServer(server, closeAll)
      await closed
    },
    gauges: () => ({
      connections: admission.open(),
      rejected: ingest.counts().rejected,
      refused,
      messages_per_s: rate(),
    }),
  }
}

/** Credentials that are looked at before messages have their turn again. */
const looksAtOnce = 50

async function closeServer(server: Server, closeConnections: () => Promise<void>): Promise<void> {
  const closed = new Promise((resolve) => server.close(resolve))
  await closeConnections()
  await closed
}

function refusal(message: string, returnCode: number): AuthenticateError {
  return Object.assign(new Error(message), { returnCode }) as AuthenticateError
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
