import { existsSync, readFileSync, rmSync } from 'node:fs'
import { delimiter, join, resolve } from 'node:path'
import { isIocError } from '@ioc/contract/errors.ts'
import { type NodeAnswer, secretPlaceOf } from '@ioc/contract/messages/node-command.ts'
import type { NodeConfig } from '@ioc/contract/messages/node-config.ts'
import type { FlowsReport } from '@ioc/contract/messages/node-report.ts'
import type { DeviceBirth } from '@ioc/contract/messages/status.ts'
import type { Logger } from '@ioc/runtime/logger.ts'
import type { Collector } from '../collectors/collector.ts'
import { messageOf } from '../collectors/message-of.ts'
import { mapCredentials } from '../config/config.ts'
import { type AgentOptions, agentFolder } from '../options.ts'
import type { ConfigPart } from '../remote/remote-config.ts'
import { type OpenSealed, opened } from '../remote/seals.ts'
import type { Flows } from './flows.ts'
import type { FlowMessage } from './ipc.ts'
import type { NodeRed } from './node-red.ts'
import type { OutletOutbox } from './outlet.ts'
import { editorRequestFile, flowFile } from './request-file.ts'

/** Time between two looks for flows of the machine, in ms. */
const lookMs = 1_000

/** What an earlier run left, below the folder of the agent. */
const stateFile = join('node-red', 'state.json')

/** Whether this machine has flows, of its own or of an earlier run. */
export function hasFlows(options: AgentOptions): boolean {
  return options.nodeRed && [flowFile, stateFile].some((name) => existsSync(join(agentFolder(options), name)))
}

/** What flows need of the agent. */
export interface FlowsHooks {
  readonly outbox: OutletOutbox
  readonly open: OpenSealed
  /** A secret is used from now on. */
  readonly onSecret: (secret: string) => void
  readonly redact: (text: string) => string
  /** The state of the flows, or their devices, changed. */
  readonly changed: () => void
}

/**
 * The flows of Node-RED, from the centre or from the file of the machine. An agent without flows loads nothing of it: what
 * supervises Node-RED needs cryptography, which is 5 MB.
 */
export class FlowsPart implements ConfigPart {
  readonly #options: AgentOptions
  readonly #hooks: FlowsHooks
  readonly #logger: Logger
  readonly #folder: string
  #nodeRed: NodeRed | undefined
  #loading: Promise<NodeRed> | undefined
  #timer: NodeJS.Timeout | undefined
  #config: FlowMessage | undefined
  /** Resolves to why the flows of the centre do not work. */
  #applied: Promise<string | undefined> = Promise.resolve(undefined)

  constructor(options: AgentOptions, hooks: FlowsHooks, logger: Logger) {
    this.#options = options
    this.#hooks = hooks
    this.#logger = logger.child({ part: 'node-red' })
    this.#folder = resolve(agentFolder(options))
  }

  /** Runs the flows of this machine, as soon as there are any. */
  start(): void {
    if (!this.#options.nodeRed) return
    this.#look()
    this.#timer = setInterval(() => this.#look(), lookMs)
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer)
    await (await this.#loading)?.stop()
  }

  async check({ flows }: NodeConfig): Promise<string | undefined> {
    if (flows === undefined) return undefined
    try {
      const nodeRed = await this.#load()
      nodeRed.check(flows)
      return undefined
    } catch (error) {
      if (isIocError(error)) return `flows: ${error.message}`
      throw error
    }
  }

  /** Puts flows on trial; `settle` waits for its end. Without flows those of the file run. */
  async apply({ flows, revision, cadence_s = this.#options.agentCadenceMs / 1000 }: NodeConfig): Promise<void> {
    this.#config = { source: 'config', topic: 'config', payload: { revision, cadence_s } }
    if (flows === undefined && !this.#hasRun()) return
    const nodeRed = await this.#load()
    const opened = flows && (await this.#opened(flows))
    this.#applied = nodeRed.apply(opened).then(
      () => undefined,
      (error: unknown) => `flows: ${messageOf(error)}`,
    )
    nodeRed.pass(this.#config)
  }

  async settle(signal: AbortSignal): Promise<string | undefined> {
    const aborted = new Promise<undefined>((end) => {
      signal.addEventListener('abort', () => end(undefined), { once: true })
    })
    return signal.aborted ? undefined : Promise.race([this.#applied, aborted])
  }

  /** What the birth and the status of the agent have of flows. */
  birth(): { readonly flows?: FlowsReport } {
    const report = this.#nodeRed?.report()
    if (!report) return {}
    const { reason } = report
    return { flows: reason === undefined ? report : { ...report, reason: this.#hooks.redact(reason) } }
  }

  devices(): readonly DeviceBirth[] {
    return this.#nodeRed?.devices() ?? []
  }

  acknowledged(epoch: string, seqs: Iterable<number>): void {
    this.#nodeRed?.acknowledged(epoch, seqs)
  }

  pass(message: FlowMessage): void {
    this.#nodeRed?.pass(message)
  }

  /** Passes what a collector measures on to the flows that listen to it; it is queued as always. */
  tap(id: string, collector: Collector): Collector {
    return {
      devices: () => collector.devices(),
      stop: () => collector.stop?.(),
      collect: async (signal) => {
        const collected = await collector.collect(signal)
        const { measurements = [], cases = [] } = collected
        const isOfUse = measurements.length + cases.length > 0
        if (isOfUse) this.pass({ source: `collector/${id}`, topic: id, payload: { measurements, cases } })
        return collected
      },
    }
  }

  /** Opens the editor at a command of the centre; 0 minutes close it. */
  async openEditor(minutes: number, sealed: string): Promise<NodeAnswer['detail']> {
    const nodeRed = await this.#load()
    const password = minutes === 0 ? '' : await this.#hooks.open(sealed, secretPlaceOf('open-editor'))
    const { port, username } = await nodeRed.openEditor(minutes, password)
    return minutes === 0 ? {} : { host: this.#options.nodeRedHost, port, username }
  }

  /** What an earlier run left, a file of flows, or a request of the administrator of the machine. */
  #look(): void {
    const request = join(this.#folder, editorRequestFile)
    const isNeeded = existsSync(request) || this.#nodeRed !== undefined || hasFlows(this.#options)
    if (isNeeded)
      void this.#load().catch((error: Error) => this.#logger.error({ err: error }, 'Node-RED cannot be loaded'))
    if (existsSync(request)) this.#follow(request)
  }

  /** The administrator of the machine asks for the editor: `ioc-agent editor`. */
  #follow(request: string): void {
    try {
      const text = readFileSync(request, 'utf8')
      // First: one that cannot be read is reported once.
      rmSync(request)
      const { minutes, password } = JSON.parse(text) as { minutes: number; password: string }
      this.#load()
        .then((nodeRed) => nodeRed.openEditor(minutes, password))
        .catch((error: unknown) => this.#logger.error({ reason: messageOf(error) }, 'editor not opened'))
    } catch (error) {
      this.#logger.error({ err: error }, 'the request for the editor cannot be read')
    }
  }

  #hasRun(): boolean {
    return this.#nodeRed !== undefined || existsSync(join(this.#folder, stateFile))
  }

  #load(): Promise<NodeRed> {
    this.#loading ??= this.#create()
    return this.#loading
  }

  async #create(): Promise<NodeRed> {
    const { NodeRed } = await import('./node-red.ts')
    const { machineSecret } = await import('../machine.ts')
    const options = this.#options
    const settings = {
      isEnabled: options.nodeRed,
      folder: join(this.#folder, 'node-red'),
      file: join(this.#folder, flowFile),
      secret: machineSecret(options.dataDir, 'node-red credentials'),
      readable: options.nodeRedFolders.split(delimiter).filter((path) => path !== ''),
      limits: {
        maxMb: options.nodeRedMaxMb,
        maxMemoryMs: options.nodeRedMaxMemoryS * 1000,
        maxHangMs: options.nodeRedHangS * 1000,
      },
      probeMs: options.nodeRedProbeS * 1000,
      host: options.nodeRedHost,
      port: options.nodeRedPort,
    }
    const nodeRed = new NodeRed(settings, this.#hooks.outbox, this.#hooks.changed, this.#logger)
    nodeRed.start()
    if (this.#config) nodeRed.pass(this.#config)
    this.#nodeRed = nodeRed
    return nodeRed
  }

  /** Flows with their credentials opened. */
  async #opened({ nodes, credentials = {} }: Flows): Promise<Flows> {
    const { open, onSecret } = this.#hooks
    return { nodes, credentials: await opened((change) => mapCredentials(credentials, change), open, onSecret) }
  }
}
