import { isStaleStatus } from '@ioc/contract/messages/session.ts'
import type { Birth, Status } from '@ioc/contract/messages/status.ts'
import { type NodeAddress, parseUsername, username } from '@ioc/contract/topics.ts'

/** A node as it last reported itself. */
export interface NodeReport {
  readonly address: NodeAddress
  readonly online: boolean
  /** Its last birth. */
  readonly birth: Birth
}

/** Nodes that are kept, at most; what comes beyond is not listed. */
const maxNodes = 20_000

/** The last birth of each node, with what it reports of its configuration: not for viewers. */
export class NodeReports {
  readonly #births = new Map<string, { readonly birth: Birth; readonly online: boolean }>()

  apply(address: NodeAddress, status: Status): void {
    const name = username(address)
    const known = this.#births.get(name)
    if (isStaleStatus(status, known?.birth.session)) return
    if (!status.online) {
      if (known) this.#births.set(name, { ...known, online: false })
    } else if (known || this.#births.size < maxNodes) this.#births.set(name, { birth: status, online: true })
  }

  remove(address: NodeAddress): void {
    this.#births.delete(username(address))
  }

  get(address: NodeAddress): NodeReport | undefined {
    const known = this.#births.get(username(address))
    return known && { address, ...known }
  }

  all(): NodeReport[] {
    return [...this.#births].map(([name, known]) => ({ address: parseUsername(name), ...known }))
  }
}
