import { isIocError } from '@ioc/contract/errors.ts'
import type { NodeUpdate } from '@ioc/contract/messages/node-config.ts'
import { type NodeAddress, parseUsername } from '@ioc/contract/topics.ts'
import type { Logger } from '@ioc/runtime/logger.ts'
import { advance, desiredUpdates, type FleetNode } from './rollout.ts'
import type { RolloutStore } from './rollout-store.ts'

/** Time between two looks at nodes and orders, in ms. */
const stepMs = 1_000
/** Time after which configurations are compared again, in ms: somebody may have replaced one. */
const compareMs = 30_000

export interface Fleet {
  /** Nodes that can be updated. */
  nodes(): readonly FleetNode[]
  /** Whether the nodes are known: not before the broker has sent what it retains. */
  isKnown(): boolean
  /** Brings what a node is to run into its configuration, where it is not there. */
  offer(address: NodeAddress, update: NodeUpdate): Promise<void>
  /** Takes what a roll-out offered out of the configuration of a node. */
  withdraw(address: NodeAddress, rollout: string): Promise<void>
}

/** Conducts the newest roll-out: reads what nodes report, opens ring after ring, pauses where too many revert. */
export class RolloutConductor {
  readonly #store: RolloutStore
  readonly #fleet: Fleet
  readonly #logger: Logger
  #timer: NodeJS.Timeout | undefined
  #stepping: Promise<void> = Promise.resolve()
  #isStopped = true
  #compared = ''
  #comparedAt = 0

  constructor(store: RolloutStore, fleet: Fleet, logger: Logger) {
    this.#store = store
    this.#fleet = fleet
    this.#logger = logger
  }

  start(): void {
    this.#isStopped = false
    this.#schedule()
  }

  async stop(): Promise<void> {
    this.#isStopped = true
    clearTimeout(this.#timer)
    await this.#stepping
  }

  #schedule(): void {
    this.#timer = setTimeout(() => {
      this.#stepping = this.#step()
        .catch((err: unknown) => this.#logger.warn({ err }, 'roll-out waits'))
        .finally(() => {
          if (!this.#isStopped) this.#schedule()
        })
    }, stepMs)
  }

  async #step(): Promise<void> {
    const present = this.#store.current()
    if (!present || !this.#fleet.isKnown()) return
    const { order, wish, progress: last } = present
    const progress = advance(order, wish, last, this.#fleet.nodes(), Date.now())
    if (JSON.stringify(progress) !== JSON.stringify(last)) {
      // On disk before a node learns of it.
      this.#store.note(order.id, progress)
      const { ring, paused } = progress
      if (ring !== last?.ring)
        this.#logger.info({ rollout: order.id, ring: order.rings[ring] }, 'roll-out reached a ring')
      if (paused && !last?.paused)
        this.#logger.warn({ rollout: order.id, reverted: paused.reverted, of: paused.of }, 'roll-out paused')
    }
    const desired = desiredUpdates(order, wish, progress)
    const key = JSON.stringify([order.id, ...desired])
    if (key === this.#compared && performance.now() - this.#comparedAt < compareMs) return
    for (const [name, update] of desired) {
      if (this.#isStopped) return
      try {
        const address = parseUsername(name)
        if (update) await this.#fleet.offer(address, update)
        else await this.#fleet.withdraw(address, order.id)
      } catch (err) {
        // Without the broker no node can be reached. One whose configuration cannot be changed does not hold up the others.
        if (isIocError(err, 'BROKER_UNREACHABLE')) throw err
        this.#logger.warn({ err, rollout: order.id, node: name }, 'the version cannot be offered to a node')
      }
    }
    this.#compared = key
    this.#comparedAt = performance.now()
  }
}
