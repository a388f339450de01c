import type { Duplex } from 'node:stream'
import type { NodeAnswer } from '@ioc/contract/messages/node-command.ts'
import type { Birth } from '@ioc/contract/messages/status.ts'
import type { MeasurementRecord } from '@ioc/contract/messages/telemetry.ts'
import { answerChannel, type DownChannel, type NodeAddress, nodeTopic, parseNodeTopic } from '@ioc/contract/topics.ts'
import type { Logger } from '@ioc/runtime/logger.ts'
import { type BackoffSettings, backoffMs, defaultBackoff } from './backoff.ts'
import { type CloseReason, type Connection, offline, openConnection } from './connection.ts'
import { type Downlink, parseDownlink } from './downlink.ts'
import type { Outbox, QueuedMessage } from './outbox/outbox.ts'
import { Pace } from './pace.ts'

export interface UplinkSettings {
  readonly url: string
  /** Opens the stream to the broker, where `url` is not enough. */
  readonly openStream?: (() => Duplex) | undefined
  /** The birth of a connection is acknowledged: all of it works. Called again for each further birth. */
  readonly onBorn?: (() => void) | undefined
  /** The broker does not accept the credential. */
  readonly onRefused?: (() => void) | undefined
  readonly address: NodeAddress
  /** Read at each attempt to connect: a credential may be replaced while the agent runs. */
  readonly password: () => string
  /** Most backlog messages a second. */
  readonly replayPerSecond: number
  /** The birth, but for the session. */
  readonly birth: () => Omit<Birth, 'online' | 'session'>
  /** Most messages between PUBLISH and PUBACK. */
  readonly window?: number
  /** Longest wait for a PUBACK before the connection is given up, in ms. */
  readonly ackTimeoutMs?: number
  /** From which age a message counts as backlog, and is marked as a replay, in ms. */
  readonly replayAfterMs?: number
  readonly backoff?: BackoffSettings
  /** The broker has acknowledged these messages of an epoch of the outbox. */
  readonly onAcknowledged?: (epoch: string, seqs: ReadonlySet<number>) => void
}

type OptionalPart = 'openStream' | 'onBorn' | 'onRefused' | 'onAcknowledged'

/** Where the broker is. */
export type BrokerPlace = Pick<UplinkSettings, 'url' | 'openStream'>

/** Longest that `stop` waits for the acknowledgement of the last status, in ms. */
const farewellMs = 2_000

/**
 * A connection that lived this long was a good one, and the next is tried soon, in ms. A shorter one counts as a
 * failure: two agents with one credential, say, would otherwise push each other out several times a second.
 */
const steadyMs = 10_000

/** A connection and what is known of it. */
interface Link {
  readonly connection: Connection
  readonly session: number
  epoch: string
  open: boolean
  /** The birth was acknowledged. */
  born: boolean
  /** When it opened, in ms, monotonic. */
  openedAt: number
  /** Seq of each message between PUBLISH and PUBACK, and when it was published (ms, monotonic). Oldest first. */
  readonly inFlight: Map<number, number>
  /** What earlier connections published and nobody acknowledged, to be repeated. Oldest first. */
  readonly retries: number[]
  /** Messages up to this seq were published as live ones, or are backlog. */
  live: number
}

/**
 * Brings the outbox to the broker. Within the in-flight window it publishes, in this order: what an earlier
 * connection published and nobody acknowledged (as MQTT-4.4.0-1 asks); what was collected just now; the backlog,
 * oldest first and paced. A message leaves the outbox at its PUBACK.
 */
export class Uplink {
  #settings: Required<Omit<UplinkSettings, OptionalPart>> & Pick<UplinkSettings, OptionalPart>
  readonly #outbox: Outbox
  readonly #onDownlink: (downlink: Downlink) => void
  readonly #logger: Logger
  readonly #pace: Pace
  readonly #acknowledged = new Set<number>()
  #link: Link | undefined
  #reconnectTimer: NodeJS.Timeout | undefined
  #paceTimer: NodeJS.Timeout | undefined
  #ackTimer: NodeJS.Timeout | undefined
  #flushing: NodeJS.Immediate | undefined
  #failures = 0
  #sent = 0
  #stopped = true
  #lastFailure: string | undefined

  constructor(settings: UplinkSettings, outbox: Outbox, onDownlink: (downlink: Downlink) => void, logger: Logger) {
    this.#settings = { window: 20, ackTimeoutMs: 30_000, replayAfterMs: 5_000, backoff: defaultBackoff, ...settings }
    this.#outbox = outbox
    this.#onDownlink = onDownlink
    this.#logger = logger
    this.#pace = new Pace(settings.replayPerSecond)
  }

  /** Connects, and stays connected until `stop`. */
  start(): void {
    this.#stopped = false
    this.#connect()
  }

  /** Publishes that the node is offline, and disconnects. What is not acknowledged stays in the outbox. */
  async stop(): Promise<void> {
    this.#stopped = true
    clearTimeout(this.#reconnectTimer)
    clearTimeout(this.#paceTimer)
    clearTimeout(this.#ackTimer)
    const link = this.#link
    if (link?.open) await this.#publishOffline(link)
    else link?.connection.cut('stopped')
    this.#link = undefined
    this.#flushAcknowledged()
  }

  /** Messages that were acknowledged since the start. */
  get sent(): number {
    return this.#sent
  }

  get connected(): boolean {
    return this.#link?.open === true
  }

  /** Whether the birth of the present connection is acknowledged. */
  get born(): boolean {
    return this.#link?.born === true
  }

  /** Why the last connection ended, or did not come to be. */
  get lastFailure(): string | undefined {
    return this.#lastFailure
  }

  /** Connects to another place at once. What is not acknowledged is repeated there. */
  moveTo(place: BrokerPlace): void {
    this.#settings = { ...this.#settings, ...place, openStream: place.openStream }
    this.reconnect('the broker was changed')
  }

  /** Ends the connection, if there is one, and connects at once. */
  reconnect(reason: string): void {
    if (this.#stopped) return
    this.#failures = 0
    this.#lastFailure = undefined
    clearTimeout(this.#reconnectTimer)
    if (this.#link) this.#link.connection.cut(reason)
    else this.#connect()
  }

  /** Answers a command; lost where the connection ends before it is acknowledged. */
  answer(answer: NodeAnswer): void {
    const link = this.#link
    if (!link?.open) return
    const topic = nodeTopic(this.#settings.address, answerChannel)
    link.connection.publish(topic, JSON.stringify(answer), false, () => undefined)
  }

  /** Something was queued. */
  notify(): void {
    this.#pump()
  }

  /** Publishes the birth again, as after a change of cadence. */
  announce(): void {
    const link = this.#link
    if (!link?.open) return
    const birth = JSON.stringify({ online: true, session: link.session, ...this.#settings.birth() })
    link.connection.publish(nodeTopic(this.#settings.address, 'status'), birth, true, () => {
      link.born = true
      this.#settings.onBorn?.()
      this.#pump()
    })
  }

  #connect(): void {
    const { url, openStream, address, password } = this.#settings
    const session = this.#outbox.nextSession()
    const connection = openConnection(
      { url, openStream, address, session, password: password() },
      {
        onOpen: () => this.#onOpen(),
        onClose: (reason) => this.#onClose(reason),
        onMessage: (topic, payload) => this.#onMessage(topic, payload),
      },
    )
    const { epoch } = this.#outbox
    const retries = this.#outbox.tried()
    this.#link = {
      connection,
      session,
      epoch,
      open: false,
      born: false,
      openedAt: 0,
      inFlight: new Map(),
      retries,
      live: 0,
    }
  }

  #onOpen(): void {
    const link = this.#link
    if (!link || this.#stopped) return
    link.open = true
    link.openedAt = performance.now()
    this.#logger.info({ session: link.session, queued: this.#outbox.queued }, 'connected')
    const { address } = this.#settings
    link.connection.subscribe([nodeTopic(address, 'config'), nodeTopic(address, 'command')], (error) =>
      this.#logger.error({ err: error }, 'the broker refused the subscription to configuration and commands'),
    )
    this.announce()
    this.#watchAcknowledgements(link)
  }

  #onClose({ message, refused }: CloseReason): void {
    this.#flushAcknowledged()
    const link = this.#link
    this.#link = undefined
    clearTimeout(this.#ackTimer)
    clearTimeout(this.#paceTimer)
    if (this.#stopped) return
    this.#lastFailure = message
    if (refused) this.#settings.onRefused?.()
    if (link?.open && performance.now() - link.openedAt >= steadyMs) this.#failures = 0
    const waitMs = Math.round(backoffMs(this.#failures, refused, this.#settings.backoff))
    this.#failures += 1
    const facts = { url: this.#settings.url, reason: message, retry_in_ms: waitMs, queued: this.#outbox.queued }
    if (refused) {
      const { site, node } = this.#settings.address
      this.#logger.error(facts, `the broker rejected the credential of ${site}/${node}: check the password`)
    } else this.#logger.warn(facts, 'not connected')
    this.#reconnectTimer = setTimeout(() => this.#connect(), waitMs)
  }

  #onMessage(topic: string, payload: Buffer): void {
    const channel = parseNodeTopic(topic)?.channel
    if (channel !== 'config' && channel !== 'command') return
    const downlink = parseDownlink(channel satisfies DownChannel, payload)
    if (downlink.kind === 'ignored') {
      this.#logger.warn({ channel, why: downlink.why }, 'message ignored')
      if (downlink.id === undefined) return
      this.answer({ id: downlink.id, command: 'unknown', ok: false, reason: downlink.why })
    } else this.#onDownlink(downlink)
  }

  /** Fills the window, once the centre has the birth: it says what the devices are whose records follow. */
  #pump(): void {
    clearTimeout(this.#paceTimer)
    const link = this.#link
    if (!link?.born || this.#stopped) return
    if (link.epoch !== this.#outbox.epoch && !this.#followEpoch(link)) return
    while (link.inFlight.size < this.#settings.window) {
      const message = this.#nextRetry(link) ?? this.#nextLive(link) ?? this.#nextBacklog()
      if (!message) break
      this.#publish(link, message)
    }
  }

  /** Goes on with a new epoch, on a new connection where something of the last one is still in flight. */
  #followEpoch(link: Link): boolean {
    if (link.inFlight.size > 0) {
      link.connection.cut('outbox started a new epoch')
      return false
    }
    link.epoch = this.#outbox.epoch
    link.retries.length = 0
    link.live = 0
    return true
  }

  #nextRetry(link: Link): QueuedMessage | undefined {
    for (;;) {
      const seq = link.retries.shift()
      if (seq === undefined) return undefined
      const message = this.#outbox.get(seq)
      if (message) return message
    }
  }

  #nextLive(link: Link): QueuedMessage | undefined {
    for (;;) {
      const message = this.#outbox.next(link.live)
      if (!message) return undefined
      link.live = message.seq
      if (!this.#isOld(message)) return message
      // It waited too long, and so did those before the newest old one: all of them are backlog.
      link.live = Math.max(link.live, this.#outbox.lastOlder(this.#settings.replayAfterMs))
    }
  }

  #nextBacklog(): QueuedMessage | undefined {
    const message = this.#outbox.next()
    if (!message) return undefined
    const waitMs = this.#pace.take(performance.now())
    if (waitMs === 0) return message
    this.#paceTimer = setTimeout(() => this.#pump(), waitMs)
    return undefined
  }

  #isOld(message: QueuedMessage): boolean {
    return this.#outbox.isOlder(message, this.#settings.replayAfterMs)
  }

  #publish(link: Link, message: QueuedMessage): void {
    const { seq } = message
    this.#outbox.markTried(seq)
    const { epoch, lost } = this.#outbox
    const head = JSON.stringify({ epoch, seq, sent: this.#outbox.now(), replay: this.#isOld(message), lost })
    const records = onPresentClock(message.records, this.#outbox.clockStep(message))
    link.inFlight.set(seq, performance.now())
    link.connection.publish(
      nodeTopic(this.#settings.address, message.channel),
      `${head.slice(0, -1)},"records":${records}}`,
      false,
      () => this.#onAcknowledged(link, seq),
    )
    if (link.inFlight.size === 1) this.#watchAcknowledgements(link)
  }

  #onAcknowledged(link: Link, seq: number): void {
    link.inFlight.delete(seq)
    // A seq of another epoch is another message.
    if (link.epoch !== this.#outbox.epoch) return
    this.#sent += 1
    this.#acknowledged.add(seq)
    // Those that arrive together are deleted together.
    this.#flushing ??= setImmediate(() => {
      this.#flushAcknowledged()
      this.#pump()
    })
  }

  #flushAcknowledged(): void {
    clearImmediate(this.#flushing)
    this.#flushing = undefined
    if (this.#acknowledged.size === 0) return
    // Before the outbox may begin a new epoch.
    this.#settings.onAcknowledged?.(this.#outbox.epoch, this.#acknowledged)
    this.#outbox.ack(this.#acknowledged)
    this.#acknowledged.clear()
  }

  /**
   * MQTT 3.1.1 repeats a message on a new connection only. So a PUBACK that does not come (a link that is dead one
   * way, a broker that had no room) ends this one.
   */
  #watchAcknowledgements(link: Link): void {
    clearTimeout(this.#ackTimer)
    const [oldest] = link.born ? link.inFlight.values() : [link.openedAt]
    if (oldest === undefined || this.#stopped) return
    const waitMs = oldest + this.#settings.ackTimeoutMs - performance.now()
    if (waitMs <= 0) {
      link.connection.cut('no acknowledgement from the broker')
      return
    }
    this.#ackTimer = setTimeout(() => this.#watchAcknowledgements(link), waitMs)
  }

  async #publishOffline({ connection, session }: Link): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, farewellMs)
      connection.publish(nodeTopic(this.#settings.address, 'status'), offline(session), true, () => {
        clearTimeout(timer)
        resolve()
      })
    })
    await connection.end()
  }
}

/** A difference between clocks up to here is no step of the wall clock, in ms: it runs a little faster or slower. */
const maxDriftMs = 1_000

/**
 * The records of a message, with times as the wall clock counts them now: `sent` is read from it, and the centre takes
 * `sent - ts` for how long ago a record was measured.
 */
function onPresentClock(records: string, stepMs: number): string {
  if (Math.abs(stepMs) <= maxDriftMs) return records
  const parsed = JSON.parse(records) as (MeasurementRecord & { readonly ts: number })[]
  return JSON.stringify(parsed.map((record) => ({ ...record, ts: record.ts + stepMs })))
}
