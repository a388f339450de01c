import { isDeepStrictEqual } from 'node:util'
import { type NodeConfig, type NodeUpdate, noConfig, readNodeConfig } from '@ioc/contract/messages/node-config.ts'
import { type NodeAddress, nodeTopic, username } from '@ioc/contract/topics.ts'

/** Publishes a retained message; resolves when the broker has it. */
export type PublishRetained = (topic: string, payload: string) => Promise<void>

/** Writes the wanted version into the configuration of a node, and leaves the rest of it as it is. */
export class ConfigWriter {
  readonly #publish: PublishRetained
  readonly #present = new Map<string, NodeConfig>()

  constructor(publish: PublishRetained) {
    this.#publish = publish
  }

  /** Notes a configuration that the broker retains. One that cannot be read is replaced by the next. */
  note(address: NodeAddress, payload: Uint8Array): void {
    const { config } = readNodeConfig(payload)
    if (config) this.#present.set(username(address), config)
    else this.#present.delete(username(address))
  }

  async offer(address: NodeAddress, update: NodeUpdate): Promise<void> {
    if (!isDeepStrictEqual(this.#of(address).update, update)) await this.#write(address, update)
  }

  /** Withdraws the version of a roll-out. One that somebody else wants of the node stays. */
  async withdraw(address: NodeAddress, rollout: string): Promise<void> {
    if (this.#of(address).update?.rollout === rollout) await this.#write(address, undefined)
  }

  #of(address: NodeAddress): NodeConfig {
    return this.#present.get(username(address)) ?? noConfig
  }

  async #write(address: NodeAddress, update: NodeUpdate | undefined): Promise<void> {
    const { update: _, revision, ...rest } = this.#of(address)
    const config: NodeConfig = { ...rest, revision: revision + 1, ...(update === undefined ? {} : { update }) }
    await this.#publish(nodeTopic(address, 'config'), JSON.stringify(config))
    this.#present.set(username(address), config)
  }
}
