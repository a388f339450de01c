import { randomUUID } from 'node:crypto'
import { IocError } from '@ioc/contract/errors.ts'
import { parseLiveBatch, snapshotMark } from '@ioc/contract/live-batch.ts'
import { type AlertingCommand, parseAlertingCommand } from '@ioc/contract/messages/alerting-command.ts'
import { type NodeAnswer, type NodeCommand, readNodeAnswer } from '@ioc/contract/messages/node-command.ts'
import type { WatchAnswer } from '@ioc/contract/messages/notifications.ts'
import { parseStatus, type Status } from '@ioc/contract/messages/status.ts'
import {
  alertingTopic,
  answerChannel,
  answerTopic,
  filters,
  liveBatchTopic,
  livePrefix,
  type NodeAddress,
  nodeTopic,
  parseNodeTopic,
  username,
} from '@ioc/contract/topics.ts'
import { credentialFile, readCredential } from '@ioc/runtime/credential-file.ts'
import { urlHost } from '@ioc/runtime/listen.ts'
import type { Logger } from '@ioc/runtime/logger.ts'
import { connect, type IPublishPacket, type MqttClient } from 'mqtt'
import type { LiveChange, LiveState } from './live-state.ts'
import type { WallOptions } from './options.ts'

const reconnectMs = 1_000
/** How long the watch may take to answer, in ms. */
const maxAnswerMs = 10_000
/** How long it may take to try a channel, in ms: longer than the time-out of a channel. */
const maxTestMs = 30_000
/** How long a node may take to answer a command, in ms. */
const maxNodeAnswerMs = 10_000
/** Commands that wait for their answers at the same time. */
const maxAwaited = 200

/** A command that the watch answers, without the request that its answer repeats. */
export type AnsweredCommand = WithoutRequest<Extract<AlertingCommand, { readonly request?: string }>>
type WithoutRequest<C> = C extends unknown ? Omit<C, 'request'> : never

/** Who the changes are for. */
export interface LiveViewers {
  publish(change: LiveChange): void
  /** Whether anyone receives the changes of a topic. */
  isWatched(topic: string): boolean
}

/** A command to a node that answers it, without its id. */
type AskedCommand = WithoutId<Extract<NodeCommand, { readonly id?: string }>>
type WithoutId<C> = C extends unknown ? Omit<C, 'id'> : never

/** Subscribes at the broker, updates the state, and passes every change on at once. */
export class LiveSource {
  readonly #options: WallOptions
  readonly #state: LiveState
  readonly #viewers: LiveViewers
  readonly #logger: Logger
  /** Commands that wait for their answers, by request. */
  readonly #awaited = new Map<string, (answer: WatchAnswer) => void>()
  readonly #awaitedOfNodes = new Map<string, (answer: NodeAnswer) => void>()
  /** Called with each birth and will, and for a node that was removed without one. */
  onNode: (address: NodeAddress, status: Status | undefined) => void = () => undefined
  #client: MqttClient | undefined

  constructor(options: WallOptions, state: LiveState, viewers: LiveViewers, logger: Logger) {
    this.#options = options
    this.#state = state
    this.#viewers = viewers
    this.#logger = logger
  }

  get connected(): boolean {
    return this.#client?.connected ?? false
  }

  /**
   * Starts connecting; a broker that is away is tried again until it is there.
   * @throws IocError FOLDER_UNUSABLE when the broker's credential cannot be read
   */
  async start(): Promise<void> {
    const { bind, dataDir, mqttPort } = this.#options
    const file = credentialFile(dataDir, 'centre')
    const credential = await readCredential(file).catch((cause: Error) => {
      throw new IocError('FOLDER_UNUSABLE', `cannot read ${file} (${cause.message}): the broker writes it`, { cause })
    })
    const client = connect({
      protocol: 'mqtt',
      host: urlHost(bind),
      port: mqttPort,
      ...credential,
      clientId: `ioc-wall-${process.pid}`,
      clean: true,
      reconnectPeriod: reconnectMs,
      // Done on connecting: twice would send all that is retained twice.
      resubscribe: false,
      connectTimeout: 10_000,
      keepalive: 15,
    })
    this.#client = client
    client.on('connect', () => {
      this.#logger.info('connected to the broker')
      this.#pass(this.#state.applyLink(true))
      client.subscribe([liveBatchTopic, filters.live, filters.status, filters.answers], { qos: 0 }, (error) => {
        if (error) this.#logger.error({ err: error }, 'cannot subscribe')
      })
    })
    client.on('close', () => {
      if (!this.#client) return
      this.#pass(this.#state.applyLink(false))
    })
    client.on('error', (error) => this.#logger.warn({ err: error.message }, 'broker connection failed'))
    client.on('message', (topic, payload, packet) => this.#receive(topic, payload, packet))
  }

  /**
   * Sends a command to the watch, which the broker has when this resolves.
   * @throws IocError PAYLOAD_INVALID where its times are beyond the limits, BROKER_UNREACHABLE
   */
  async sendCommand(command: AlertingCommand): Promise<void> {
    const payload = JSON.stringify(command)
    parseAlertingCommand(Buffer.from(payload), Date.now())
    // What is queued until the broker is back would come when nobody expects it any more.
    if (!this.#client?.connected) throw new IocError('BROKER_UNREACHABLE', 'the wall is not connected to the broker')
    await this.#client.publishAsync(alertingTopic, payload, { qos: 1 })
  }

  /**
   * Sends a command to the watch, and waits for its answer.
   * @throws IocError PAYLOAD_INVALID, BROKER_UNREACHABLE, ALERTING_UNREACHABLE
   */
  async askWatch(command: AnsweredCommand): Promise<WatchAnswer> {
    if (this.#awaited.size >= maxAwaited)
      throw new IocError('ALERTING_UNREACHABLE', 'too many commands wait for the process alerting')
    const request = `r-${randomUUID()}`
    const answered = Promise.withResolvers<WatchAnswer>()
    const timer = setTimeout(
      () => answered.reject(new IocError('ALERTING_UNREACHABLE', 'the process alerting does not answer')),
      command.kind === 'test_channel' ? maxTestMs : maxAnswerMs,
    )
    this.#awaited.set(request, answered.resolve)
    try {
      const [answer] = await Promise.all([answered.promise, this.sendCommand({ ...command, request })])
      return answer
    } finally {
      clearTimeout(timer)
      this.#awaited.delete(request)
    }
  }

  /**
   * Publishes the configuration of a node, retained.
   * @throws IocError BROKER_UNREACHABLE
   */
  async publishConfig(address: NodeAddress, payload: string): Promise<void> {
    if (!this.#client?.connected) throw new IocError('BROKER_UNREACHABLE', 'the wall is not connected to the broker')
    await this.#client.publishAsync(nodeTopic(address, 'config'), payload, { qos: 1, retain: true })
  }

  /**
   * Sends a command to a node, and waits for its answer.
   * @throws IocError NODE_UNREACHABLE, BROKER_UNREACHABLE
   */
  async askNode(address: NodeAddress, command: AskedCommand): Promise<NodeAnswer> {
    const name = username(address)
    if (!this.#client?.connected) throw new IocError('BROKER_UNREACHABLE', 'the wall is not connected to the broker')
    if (this.#awaitedOfNodes.size >= maxAwaited)
      throw new IocError('NODE_UNREACHABLE', 'too many commands wait for the answer of a node')
    const id = randomUUID()
    const answered = Promise.withResolvers<NodeAnswer>()
    const timer = setTimeout(
      () =>
        answered.reject(new IocError('NODE_UNREACHABLE', `${name} does not answer: it is not connected, or too old`)),
      maxNodeAnswerMs,
    )
    this.#awaitedOfNodes.set(`${name} ${id}`, answered.resolve)
    try {
      const payload = JSON.stringify({ ...command, id })
      const sent = this.#client.publishAsync(nodeTopic(address, 'command'), payload, { qos: 1 })
      const [answer] = await Promise.all([answered.promise, sent])
      return answer
    } finally {
      clearTimeout(timer)
      this.#awaitedOfNodes.delete(`${name} ${id}`)
    }
  }

  async stop(): Promise<void> {
    const client = this.#client
    this.#client = undefined
    await client?.endAsync(true)
  }

  #receive(topic: string, payload: Buffer, packet: IPublishPacket): void {
    if (topic === liveBatchTopic) {
      for (const value of parseLiveBatch(payload)) {
        if (value.topic === snapshotMark) {
          const complete = value.payload === 'true'
          for (const change of this.#state.applySnapshot(complete, packet.retain)) this.#viewers.publish(change)
        } else {
          this.#take(value.topic.slice(livePrefix.length), value.payload)
        }
      }
      return
    }
    if (topic === answerTopic) {
      this.#answer(payload)
      return
    }
    if (topic.startsWith(livePrefix)) {
      this.#pass(this.#state.apply(topic.slice(livePrefix.length), payload.toString(), packet.retain))
      return
    }
    const address = parseNodeTopic(topic)
    if (!address) return
    if (address.channel === answerChannel) {
      const answer = readNodeAnswer(payload)
      // By the topic: no node can answer for another.
      if (answer) this.#awaitedOfNodes.get(`${username(address)} ${answer.id}`)?.(answer)
      return
    }
    if (payload.length === 0) {
      this.#pass(this.#state.removeNode(address))
      this.onNode(address, undefined)
      return
    }
    try {
      const status = parseStatus(payload)
      this.#pass(this.#state.applyStatus(address, status))
      this.onNode(address, status)
    } catch {
      // A node may publish anything on its own status topic; the dead letters hold what is invalid.
      this.#state.unreadable++
    }
  }

  #answer(payload: Buffer): void {
    try {
      const answer = JSON.parse(payload.toString()) as WatchAnswer
      this.#awaited.get(answer.request)?.(answer)
    } catch {
      this.#state.unreadable++
    }
  }

  /** A value of a batch: where nobody watches its topic, it waits for whoever asks. */
  #take(topic: string, json: string): void {
    if (this.#viewers.isWatched(topic) || !this.#state.defer(topic, json))
      this.#pass(this.#state.apply(topic, json, false))
  }

  #pass(change: LiveChange | undefined): void {
    if (change) this.#viewers.publish(change)
  }
}
