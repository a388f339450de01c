import type { NodeAddress } from '@ioc/contract/topics.ts'
import { type Connection, encodePayload, type Forgotten } from '@ioc/ingest-log/broker-records.ts'
import type { IngestLog } from '@ioc/ingest-log/ingest-log.ts'
import { lanesOf } from '@ioc/ingest-log/lanes.ts'
import { partitionOf } from '@ioc/ingest-log/partition.ts'

/** Appends what the broker itself observes to the live lane, where it stands in order with the messages of the node. */
export interface BrokerRecords {
  connection(address: NodeAddress, connection: Connection): Promise<void>
  forgotten(address: NodeAddress, forgotten: Forgotten): Promise<void>
  /** In each partition: whatever was connected is so no longer. */
  started(): Promise<void>
}

export function createBrokerRecords(log: IngestLog, partitions: number): BrokerRecords {
  async function append(
    kind: 'connection' | 'forgotten',
    partition: number,
    { site, node }: NodeAddress,
    payload: Buffer,
  ): Promise<void> {
    await log.append(lanesOf(partition, partitions).live, { kind, site, node, arrival: Date.now(), payload })
  }
  return {
    connection: (address, connection) =>
      append('connection', partitionOf(address.site, partitions), address, encodePayload(connection)),
    forgotten: (address, forgotten) =>
      append('forgotten', partitionOf(address.site, partitions), address, encodePayload(forgotten)),
    async started() {
      const payload = encodePayload({ connected: false, connection: '' })
      const all = Array.from({ length: partitions }, (_, partition) =>
        append('connection', partition, { site: '', node: '' }, payload),
      )
      await Promise.all(all)
    },
  }
}
