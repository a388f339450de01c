import { setTimeout as sleep } from 'node:timers/promises'
import {
  maxReportReason,
  type NodeConfig,
  noConfig,
  nodeConfigSchema,
  readNodeConfig,
} from '@ioc/contract/messages/node-config.ts'
import type { ConfigReport } from '@ioc/contract/messages/node-report.ts'
import type { Logger } from '@ioc/runtime/logger.ts'
import type { ReceivedConfig } from '@ioc/uplink/downlink.ts'
import { messageOf } from '../collectors/message-of.ts'
import { type RemoteState, readRemoteState, type StoredConfig, writeRemoteState } from './state.ts'

/** A part of the agent that the centre can configure. */
export interface ConfigPart {
  /** Why the configuration cannot be used; without effects. */
  check(config: NodeConfig): Promise<string | undefined> | string | undefined
  /**
   * Brings the configuration into force. What is as before is not restarted.
   * @throws Error where that fails: the one before is applied again
   */
  apply(config: NodeConfig): Promise<void> | void
  /** Resolves once the part works as configured, or to why it does not; also when the signal is aborted. */
  settle?(signal: AbortSignal): Promise<string | undefined>
  /** At the end of the trial: why the configuration does not work. */
  problem?(config: NodeConfig): string | undefined
}

export interface RemoteConfigSettings {
  /** The agent's data folder. */
  readonly folder: string
  /** Version of the agent. */
  readonly version: string
  /** How long a configuration is on trial, in ms. */
  readonly probeMs: number
  /** Removes secrets from a text. */
  readonly redact: (text: string) => string
  /** The report changed. */
  readonly onReport: () => void
}

/** Starts of the agent with a configuration on trial: one that ends it again and again is reverted. */
const maxTrialStarts = 2

/**
 * Follows the configuration that the centre wants: validate, stage on disk, apply, try for a minute, confirm; or go back to
 * the last one that worked, and report why. A kill at any moment leaves one of the two in force
 * (docs/decisions/0112-a-configuration-is-on-trial.md).
 */
export class RemoteConfig {
  readonly #settings: RemoteConfigSettings
  readonly #logger: Logger
  readonly #stopping = new AbortController()
  #parts: readonly ConfigPart[] = []
  #state: RemoteState = {}
  /** The newest one that nobody has looked at. */
  #next: ReceivedConfig | undefined
  /** Ends the wait of a trial, for a newer configuration. */
  #interrupt = new AbortController()
  #working: Promise<void> | undefined
  #appliedAt = 0

  constructor(settings: RemoteConfigSettings, logger: Logger) {
    this.#settings = settings
    this.#logger = logger
  }

  /**
   * Applies what is in force, before anything is connected. One on trial is tried again, but not for ever.
   * @throws Error where not even the agent's own settings can be applied
   */
  async start(parts: readonly ConfigPart[]): Promise<void> {
    this.#parts = parts
    const { agent, newest, ...state } = readRemoteState(this.#settings.folder)
    // Another version may understand what the one before refused: it is tried again when it comes.
    const isOutdated = newest?.state === 'failed' && agent !== this.#settings.version
    this.#state = { ...state, ...(newest && !isOutdated ? { newest } : {}) }
    const { trial } = this.#state
    if (trial) {
      const starts = trial.starts + 1
      if (starts > maxTrialStarts) this.#fail(trial, `the agent ended ${trial.starts} times during the trial`)
      else this.#save({ ...this.#state, trial: { ...trial, starts } })
    }
    for (const stored of [this.#state.trial, this.#state.confirmed]) {
      if (!stored) continue
      const reason = await this.#tryApply(stored)
      if (reason === undefined) return
      this.#logger.error({ revision: stored.revision, reason }, 'the configuration on disk cannot be applied')
      this.#fail(stored, reason)
    }
    await this.#applyAll(noConfig)
  }

  /** Goes on with a trial, once the agent runs. */
  resume(): void {
    this.#work()
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    this.#interrupt.abort()
    await this.#working
  }

  /** What the birth reports; `undefined` before the first configuration. */
  get report(): ConfigReport | undefined {
    const { newest, trial, confirmed } = this.#state
    if (!newest) return undefined
    return { ...newest, in_force: (trial ?? confirmed)?.revision ?? 0, schema: nodeConfigSchema }
  }

  /** A configuration came: also the one that is retained, after each connection. */
  receive(received: ReceivedConfig): void {
    this.#next = received
    this.#interrupt.abort()
    this.#work()
  }

  #work(): void {
    if (this.#stopping.signal.aborted) return
    this.#working ??= this.#workOff()
      .catch((error: unknown) => this.#logger.error({ err: error }, 'the configuration cannot be followed'))
      .finally(() => {
        this.#working = undefined
        if (this.#next) this.#work()
      })
  }

  async #workOff(): Promise<void> {
    while (!this.#stopping.signal.aborted) {
      const received = this.#next
      this.#next = undefined
      this.#interrupt = new AbortController()
      if (received) await this.#follow(received)
      else if (this.#state.trial) await this.#tryOut(this.#state.trial)
      else return
    }
  }

  async #follow({ read, payload, digest }: ReceivedConfig): Promise<void> {
    if (digest === (this.#state.newest?.digest ?? '')) return
    const { config } = read
    if (!config) {
      this.#refuse({ revision: read.revision, digest, payload: '' }, read.reason)
      return
    }
    const stored: StoredConfig = { revision: config.revision, digest, payload }
    const reason = await this.#reasonAgainst(config)
    if (reason !== undefined) {
      this.#refuse(stored, reason)
      return
    }
    try {
      // A trial that has not ended is replaced: what it would go back to stays.
      const trial = { ...stored, starts: 1 }
      this.#stage({ ...this.#state, trial, newest: { ...outcomeOf(stored), state: 'staged' } })
    } catch (error) {
      this.#refuse(stored, `cannot be written to the disk: ${messageOf(error)}`)
      return
    }
    this.#logger.info({ revision: stored.revision }, 'configuration staged')
    const failure = await this.#tryApply(stored)
    if (failure !== undefined) await this.#revert(stored, failure)
    else this.#settings.onReport()
  }

  /** Waits until the trial is over, a newer configuration comes, or the agent stops. */
  async #tryOut(trial: StoredConfig): Promise<void> {
    const config = configOf(trial)
    const { signal } = this.#interrupt
    for (const part of this.#parts) {
      const reason = await part.settle?.(signal)
      if (signal.aborted) return
      if (reason !== undefined) {
        await this.#revert(trial, reason)
        return
      }
    }
    if (!(await this.#wait(this.#appliedAt + this.#settings.probeMs - performance.now(), signal))) return
    const problem = this.#parts.map((part) => part.problem?.(config)).find((one) => one !== undefined)
    if (problem !== undefined) {
      await this.#revert(trial, problem)
      return
    }
    this.#save({ confirmed: storedOf(trial), newest: { ...outcomeOf(trial), state: 'applied' } })
    this.#logger.info({ revision: trial.revision }, 'configuration confirmed')
    this.#settings.onReport()
  }

  /** Resolves to false where the wait was ended before its time. */
  async #wait(ms: number, signal: AbortSignal): Promise<boolean> {
    if (signal.aborted) return false
    if (ms <= 0) return true
    return sleep(ms, true, { signal }).catch(() => false)
  }

  /** Goes back to the last one that worked. On disk first: a kill meanwhile finds that one. */
  async #revert(trial: StoredConfig, reason: string): Promise<void> {
    this.#fail(trial, reason)
    const { confirmed } = this.#state
    await this.#applyAll(confirmed ? configOf(confirmed) : noConfig)
    this.#settings.onReport()
  }

  /** Refuses the newest configuration. One on trial goes on. */
  #refuse(stored: StoredConfig, reason: string): void {
    this.#logger.error({ revision: stored.revision, reason }, 'configuration refused')
    this.#save({ ...this.#state, newest: this.#failed(stored, reason) })
    this.#settings.onReport()
  }

  #fail(stored: StoredConfig, reason: string): void {
    this.#logger.error({ revision: stored.revision, reason }, 'configuration reverted')
    const { trial, confirmed, newest } = this.#state
    this.#save({
      ...(trial && trial.digest !== stored.digest ? { trial } : {}),
      ...(confirmed && confirmed.digest !== stored.digest ? { confirmed } : {}),
      // One that was refused meanwhile is what the centre asks about.
      newest: newest && newest.digest !== stored.digest ? newest : this.#failed(stored, reason),
    })
  }

  #failed(stored: StoredConfig, reason: string): NonNullable<RemoteState['newest']> {
    return { ...outcomeOf(stored), state: 'failed', reason: this.#settings.redact(reason).slice(0, maxReportReason) }
  }

  /** Resolves to why the configuration cannot be used, or could not be applied. */
  async #tryApply(stored: StoredConfig): Promise<string | undefined> {
    const { config, reason } = readNodeConfig(Buffer.from(stored.payload))
    if (!config) return reason
    const against = await this.#reasonAgainst(config)
    if (against !== undefined) return against
    try {
      await this.#applyAll(config)
      return undefined
    } catch (error) {
      return messageOf(error)
    }
  }

  async #reasonAgainst(config: NodeConfig): Promise<string | undefined> {
    for (const part of this.#parts) {
      const reason = await part.check(config)
      if (reason !== undefined) return reason
    }
    return undefined
  }

  async #applyAll(config: NodeConfig): Promise<void> {
    for (const part of this.#parts) await part.apply(config)
    this.#appliedAt = performance.now()
  }

  /** @throws Error where the disk does not take it: nothing has changed then */
  #stage(state: RemoteState): void {
    writeRemoteState(this.#settings.folder, { ...state, agent: this.#settings.version })
    this.#state = state
  }

  /** What the disk does not take holds until the next start, which finds the trial and decides again. */
  #save(state: RemoteState): void {
    try {
      this.#stage(state)
    } catch (error) {
      this.#logger.error({ err: error }, 'the state of the configuration cannot be written')
      this.#state = state
    }
  }
}

function configOf({ payload }: StoredConfig): NodeConfig {
  return readNodeConfig(Buffer.from(payload)).config ?? noConfig
}

const storedOf = ({ revision, digest, payload }: StoredConfig): StoredConfig => ({ revision, digest, payload })

const outcomeOf = ({ revision, digest }: StoredConfig) => ({ revision, digest, at: Date.now() })
