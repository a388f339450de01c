import { isDeepStrictEqual } from 'node:util'
import type { NodeUpdate } from '@ioc/contract/messages/node-config.ts'
import type { NodeAddress } from '@ioc/contract/topics.ts'
import { type DesiredConfigs, payloadOf } from '@ioc/edge-agent/desired/config-store.ts'

/** Publishes the configuration of a node, retained; resolves when the broker has it. */
export type PublishConfig = (address: NodeAddress, payload: string) => Promise<void>

/** Writes the wanted version into the configuration of a node as a revision, and leaves the rest of it as it is. */
export class ConfigWriter {
  readonly #configs: DesiredConfigs
  readonly #publish: PublishConfig

  constructor(configs: DesiredConfigs, publish: PublishConfig) {
    this.#configs = configs
    this.#publish = publish
  }

  async offer(address: NodeAddress, update: NodeUpdate): Promise<void> {
    if (!isDeepStrictEqual(this.#configs.latest(address)?.config.update, update)) await this.#write(address, update)
  }

  /** Withdraws the version of a roll-out. One that somebody else wants of the node stays. */
  async withdraw(address: NodeAddress, rollout: string): Promise<void> {
    if (this.#configs.latest(address)?.config.update?.rollout === rollout) await this.#write(address, undefined)
  }

  async #write(address: NodeAddress, update: NodeUpdate | undefined): Promise<void> {
    const latest = this.#configs.latest(address)
    const { update: _, ...rest } = latest?.config ?? {}
    const config = { ...rest, ...(update === undefined ? {} : { update }) }
    const added = this.#configs.add(address, { at: Date.now(), by: 'rollout', config }, latest?.revision ?? 0)
    await this.#publish(address, payloadOf(added))
  }
}
