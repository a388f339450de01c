import { EventEmitter, once } from 'node:events'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { type Cases, parseCases } from '@ioc/contract/messages/cases.ts'
import { type NodeAnswer, readNodeAnswer } from '@ioc/contract/messages/node-command.ts'
import { parseStatus, type Status } from '@ioc/contract/messages/status.ts'
import { parseTelemetry, type Telemetry } from '@ioc/contract/messages/telemetry.ts'
import { parseNodeTopic } from '@ioc/contract/topics.ts'
import { Aedes } from 'aedes'
import { onTestFinished } from 'vitest'

/**
 * A real broker for tests. `hold()` keeps PUBACKs back, `cut()` cuts every connection, `stop()` and `start()` take it
 * away and bring it back on the same port.
 */
export class TestBroker {
  readonly telemetry: Telemetry[] = []
  readonly cases: Cases[] = []
  readonly statuses: Status[] = []
  readonly answers: NodeAnswer[] = []
  /** Credentials that were offered. */
  readonly passwords: string[] = []
  password = 'right'
  #aedes: Aedes | undefined
  #server: Server | undefined
  readonly #sockets = new Set<Socket>()
  readonly #changes = new EventEmitter()
  #port = 0
  #isHeld: (message: Telemetry | undefined) => boolean = () => false
  #holdingStatus = false
  #held: (() => void)[] = []

  async start(): Promise<void> {
    this.#aedes = await Aedes.createBroker({
      authenticate: (_client, _username, password, done) => {
        const text = String(password)
        this.passwords.push(text)
        this.#changes.emit('change')
        done(null, text === this.password)
      },
      authorizePublish: (_client, { topic, payload }, done) => {
        const channel = parseNodeTopic(topic)?.channel
        if (channel === 'status') {
          this.statuses.push(parseStatus(Buffer.from(payload)))
          if (this.#holdingStatus) this.#held.push(() => done(null))
          else done(null)
          this.#changes.emit('change')
          return
        }
        if (channel === 'telemetry') {
          const parsed = parseTelemetry(Buffer.from(payload))
          const message = parsed.kind === 'envelope' ? parsed.message : undefined
          if (message) this.telemetry.push(message)
          if (this.#isHeld(message)) this.#held.push(() => done(null))
          else done(null)
        } else {
          const answer = channel === 'answer' ? readNodeAnswer(Buffer.from(payload)) : undefined
          if (answer) this.answers.push(answer)
          if (channel === 'cases') this.cases.push(parseCases(Buffer.from(payload)))
          done(null)
        }
        this.#changes.emit('change')
      },
    })
    const handle = this.#aedes.handle
    this.#server = createServer((socket) => {
      this.#sockets.add(socket)
      socket.on('error', () => undefined)
      socket.on('close', () => this.#sockets.delete(socket))
      handle(socket)
    })
    this.#server.listen(this.#port, '127.0.0.1')
    await once(this.#server, 'listening')
    this.#port = (this.#server.address() as AddressInfo).port
  }

  get url(): string {
    return `mqtt://127.0.0.1:${this.#port}`
  }

  get seqs(): number[] {
    return this.telemetry.map(({ seq }) => seq)
  }

  /** Keeps PUBACKs back, of all telemetry or of this: a sender has only so many messages under way. */
  hold(isHeld: (message: Telemetry | undefined) => boolean = () => true): void {
    this.#isHeld = isHeld
  }

  /** Keeps PUBACKs of births and wills back. */
  holdStatus(): void {
    this.#holdingStatus = true
  }

  release(): void {
    this.#isHeld = () => false
    this.#holdingStatus = false
    for (const done of this.#held.splice(0)) done()
  }

  cut(): void {
    this.#held = []
    for (const socket of this.#sockets) socket.destroy()
  }

  async publish(topic: string, payload: string, retain = false): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#aedes?.publish(
        { cmd: 'publish', topic, payload: Buffer.from(payload), qos: 1, retain, dup: false },
        (error) => (error ? reject(error) : resolve()),
      )
    })
  }

  /** Waits until `condition` holds, looking at each change that the broker sees. */
  async until(condition: () => boolean): Promise<void> {
    while (!condition()) await once(this.#changes, 'change')
  }

  async stop(): Promise<void> {
    this.cut()
    const [server, aedes] = [this.#server, this.#aedes]
    this.#server = undefined
    this.#aedes = undefined
    if (server?.listening) await new Promise((resolve) => server.close(resolve))
    if (aedes) await new Promise<void>((resolve) => aedes.close(resolve))
  }
}

/** A started broker that goes with the test. */
export async function testBroker(): Promise<TestBroker> {
  const broker = new TestBroker()
  await broker.start()
  onTestFinished(() => broker.stop())
  return broker
}
