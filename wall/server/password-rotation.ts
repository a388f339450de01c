import type { CredentialStore } from '@ioc/broker/credentials/credential-store.ts'
import type { EnrolmentStore } from '@ioc/broker/credentials/enrolment-store.ts'
import type { NodeAnswer } from '@ioc/contract/messages/node-command.ts'
import { type NodeAddress, username } from '@ioc/contract/topics.ts'
import { checkedKey, rotateCommand } from '@ioc/edge-agent/desired/prepare.ts'
import type { Logger } from '@ioc/runtime/logger.ts'
import type { NodeReports } from './node-reports.ts'

/** Time between two passwords that are replaced, in ms: the fleet does not reconnect at once. */
const stepMs = 10_000
/** Time until a node whose password could not be replaced is asked again, in ms. */
const retryMs = 3_600_000

export interface PasswordRotationSettings {
  /** Age of a password at which it is replaced, in ms; 0: never. */
  readonly maxAgeMs: number
  readonly credentials: CredentialStore
  readonly enrolments: EnrolmentStore
  readonly reports: NodeReports
  ask(address: NodeAddress, command: ReturnType<typeof rotateCommand>): Promise<NodeAnswer>
  /** @param node `site/node` */
  onRotated(node: string): void
}

/**
 * Replaces the passwords of agents when they are old. The present one stays valid until the agent has connected with the new
 * one, so that nothing is interrupted wherever that ends. Devices without an agent are rotated by hand.
 */
export class PasswordRotation {
  readonly #settings: PasswordRotationSettings
  readonly #logger: Logger
  /** When a node is asked again, in ms, monotonic. */
  readonly #retryAt = new Map<string, number>()
  #timer: NodeJS.Timeout | undefined
  #stepping: Promise<void> = Promise.resolve()

  constructor(settings: PasswordRotationSettings, logger: Logger) {
    this.#settings = settings
    this.#logger = logger
  }

  start(): void {
    if (this.#settings.maxAgeMs === 0) return
    this.#timer = setInterval(() => {
      this.#stepping = this.#stepping.then(() => this.#step())
    }, stepMs)
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer)
    await this.#stepping
  }

  /** Replaces the oldest password that is due, if there is one. */
  async #step(): Promise<void> {
    const due = this.#due()
    if (!due) return
    const { address, birth } = due
    const name = username(address)
    const { credentials, enrolments, ask, onRotated } = this.#settings
    this.#retryAt.set(name, performance.now() + retryMs)
    try {
      const key = checkedKey(address, birth.seal_key, enrolments.keyOf(name))
      if (!key) return
      const { ok, reason } = await ask(address, rotateCommand(address, key, credentials.rotate(name)))
      if (!ok) throw new Error(reason ?? 'the node refused it')
      onRotated(name)
      this.#logger.info({ node: name }, 'new password sent to a node')
    } catch (err) {
      this.#logger.warn({ err, node: name }, 'the password of a node could not be replaced')
    }
  }

  #due() {
    const { credentials, reports, maxAgeMs } = this.#settings
    const [now, monotonic] = [Date.now(), performance.now()]
    return reports
      .all()
      .filter(({ address, online, birth }) => {
        return online && birth.seal_key && (this.#retryAt.get(username(address)) ?? 0) <= monotonic
      })
      .flatMap((report) => {
        const changed = credentials.find(username(report.address))?.changed
        return changed !== undefined && now - changed >= maxAgeMs ? [{ ...report, changed }] : []
      })
      .sort((a, b) => a.changed - b.changed)[0]
  }
}
