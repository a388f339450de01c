import { join } from 'node:path'
import { isIocError } from '@ioc/contract/errors.ts'
import type { NodeConfig } from '@ioc/contract/messages/node-config.ts'
import type { TypeDeclaration } from '@ioc/contract/messages/type-declaration.ts'
import type { Collector } from '../collectors/collector.ts'
import { type AgentContext, configFileName, createCollector } from '../collectors/create.ts'
import type { Schedule } from '../collectors/schedule.ts'
import {
  type AgentConfig,
  type CollectorConfig,
  defaultConfig,
  mapSecrets,
  parseContent,
  readConfig,
} from '../config/config.ts'
import { useTypes } from '../config/types.ts'
import type { ConfigPart } from './remote-config.ts'
import { type OpenSealed, opened } from './seals.ts'

export interface CollectorsSettings {
  readonly context: AgentContext
  /** Cadence of collectors without one of their own, where the configuration has none, in ms. */
  readonly cadenceMs: number
  readonly open: OpenSealed
  /** Lets others follow what a collector measures. */
  readonly tap: (id: string, collector: Collector) => Collector
  /** A secret is used from now on. */
  readonly onSecret: (secret: string) => void
}

/** The collectors, their cadence and the types of their devices, from the centre or from `agent.yaml`. */
export class CollectorsPart implements ConfigPart {
  readonly #settings: CollectorsSettings
  readonly #schedule: Schedule
  #types: readonly TypeDeclaration[] = []

  constructor(settings: CollectorsSettings, schedule: Schedule) {
    this.#settings = settings
    this.#schedule = schedule
  }

  /** Types that the birth declares. */
  get types(): readonly TypeDeclaration[] {
    return this.#types
  }

  async check({ agent }: NodeConfig): Promise<string | undefined> {
    if (agent === undefined) return undefined
    try {
      const { config, errors } = parseContent(await this.#opened(agent))
      if (config) return undefined
      return errors.map((error) => `${error.field}: ${error.reason.en} | ${error.reason.vi}`).join('; ')
    } catch (error) {
      if (isIocError(error, 'SEAL_INVALID')) return error.message
      throw error
    }
  }

  async apply({ agent, cadence_s }: NodeConfig): Promise<void> {
    const config = agent === undefined ? await this.#local() : parseContent(await this.#opened(agent)).config
    const { collectors, types } = config ?? defaultConfig
    mapSecrets(
      { collectors: collectors.map(({ kind, options }) => ({ type: kind.type, ...(options as object) })) },
      (one) => {
        this.#settings.onSecret(one)
        return one
      },
    )
    useTypes(types)
    this.#types = types
    this.#schedule.setCadence(cadence_s === undefined ? this.#settings.cadenceMs : cadence_s * 1000)
    await this.#schedule.configure(collectors.map((entry) => this.#taskOf(entry)))
  }

  problem({ accept_failing }: NodeConfig): string | undefined {
    const failure = accept_failing ? undefined : this.#schedule.newFailure
    return failure && `collector ${failure.id} fails: ${failure.error ?? ''}`
  }

  #taskOf(entry: CollectorConfig) {
    const { kind, id, cadenceS, timeoutS, options } = entry
    return {
      id,
      type: kind.type,
      key: JSON.stringify([kind.type, id, cadenceS, timeoutS, options]),
      cadenceMs: cadenceS === undefined ? undefined : cadenceS * 1000,
      timeoutMs: timeoutS * 1000,
      isPeriodic: kind.isPeriodic,
      create: async () => this.#settings.tap(id, await createCollector(entry, this.#settings.context)),
    }
  }

  /** The file of the agent, as it is now. */
  #local(): Promise<AgentConfig> {
    return readConfig(join(this.#settings.context.folder, configFileName))
  }

  #opened(agent: object): Promise<unknown> {
    const { open, onSecret } = this.#settings
    return opened((change) => mapSecrets(agent, change), open, onSecret)
  }
}
