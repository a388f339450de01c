import { randomUUID } from 'node:crypto'
import type { NodeAddress } from '@ioc/contract/topics.ts'
import type { BrokerRecords } from './broker-records.ts'
import { createBuckets } from './rate.ts'
import type { RepeatedLog } from './repeated-log.ts'

/** Records in the log which nodes are connected. A connection is any object that stands for one. */
export interface Connections {
  /** Before anything may be connected. */
  start(): Promise<void>
  /** @param isCloned whether two machines seem to use its credential */
  began(connection: object, address: NodeAddress, isCloned: boolean): void
  /** Before a message is appended: the record of its connection stands before it. */
  messageArrived(connection: object): void
  /** May be called twice. */
  ended(connection: object): void
  stop(): void
}

interface Open {
  readonly id: string
  readonly address: NodeAddress
  readonly isCloned: boolean
  recorded: boolean
}

/**
 * A node that connects more often than this is recorded when a connection has lasted, or brings a message: one that
 * flaps does not fill the log.
 */
const recordsPerSecond = 0.2
const burst = 20
const maxNodes = 10_000
/** How often what was not recorded yet is looked at, in ms. */
const turnMs = 1_000

export function createConnections(records: BrokerRecords, warnings: RepeatedLog): Connections {
  const open = new Map<object, Open>()
  const bucketOf = createBuckets(recordsPerSecond, burst, maxNodes)
  /** A record could not be appended, so that the log says something else than what is. */
  let wrong = false

  function append(appended: Promise<void>): Promise<void> {
    return appended.catch((error: Error) => {
      warnings.warn('cannot record connections', '', { err: error })
      wrong = true
    })
  }

  function record(entry: Open): void {
    entry.recorded = true
    const cloned = entry.isCloned ? { cloned: true } : {}
    void append(records.connection(entry.address, { connected: true, connection: entry.id, ...cloned }))
  }

  const recordWhere = (due: (entry: Open) => boolean) => {
    for (const entry of open.values()) if (due(entry)) record(entry)
  }

  /** Says everything anew after a failure; and what waited for its turn. */
  function turn(): void {
    if (wrong) {
      wrong = false
      void append(records.started())
      recordWhere(({ recorded }) => recorded)
    }
    recordWhere(({ recorded, address }) => !recorded && bucketOf(`${address.site}/${address.node}`).take())
  }

  let timer: NodeJS.Timeout | undefined

  return {
    async start() {
      timer = setInterval(turn, turnMs).unref()
      // A log that is full takes nothing, yet nodes may connect; they are recorded as soon as there is room.
      await append(records.started())
    },
    began(connection, address, isCloned) {
      const entry: Open = { id: randomUUID(), address, isCloned, recorded: false }
      open.set(connection, entry)
      if (bucketOf(`${address.site}/${address.node}`).take()) record(entry)
    },
    messageArrived(connection) {
      const entry = open.get(connection)
      if (entry && !entry.recorded) record(entry)
    },
    ended(connection) {
      const entry = open.get(connection)
      if (!open.delete(connection) || !entry?.recorded) return
      void append(records.connection(entry.address, { connected: false, connection: entry.id }))
    },
    stop: () => clearInterval(timer),
  }
}
