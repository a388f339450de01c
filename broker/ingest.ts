import { type IocError, isIocError } from '@ioc/contract/errors.ts'
import { parseCases } from '@ioc/contract/messages/cases.ts'
import { parseStatus } from '@ioc/contract/messages/status.ts'
import { parseTelemetry } from '@ioc/contract/messages/telemetry.ts'
import type { NodeTopic, UpChannel } from '@ioc/contract/topics.ts'
import type { DeadLetters } from '@ioc/ingest-log/dead-letters.ts'
import type { IngestLog } from '@ioc/ingest-log/ingest-log.ts'
import { partitionOf } from '@ioc/ingest-log/partition.ts'

/** A parser a channel: each throws an IocError PAYLOAD_… for what its schema does not allow. */
const parsers: Readonly<Record<UpChannel, (payload: Uint8Array) => unknown>> = {
  telemetry: parseTelemetry,
  cases: parseCases,
  status: parseStatus,
}

export interface Ingest {
  /**
   * Makes a message durable; resolves to whether its payload is valid. Both may be acknowledged: an invalid one is in the
   * dead letters, and counted for its node.
   * @throws IocError LOG_FULL, LOG_CLOSED: it must not be acknowledged
   */
  take(topic: NodeTopic & { readonly channel: UpChannel }, payload: Uint8Array): Promise<boolean>
  counts(): { readonly accepted: number; readonly rejected: number; readonly bytes: number }
}

export function createIngest(log: IngestLog, partitions: number, deadLetters: DeadLetters): Ingest {
  const counts = { accepted: 0, rejected: 0, bytes: 0 }

  return {
    async take({ site, node, channel }, payload) {
      const arrival = Date.now()
      const partition = partitionOf(site, partitions)
      const fault = faultOf(channel, payload)
      if (!fault) {
        await log.append(partition, { kind: channel, site, node, arrival, payload })
        counts.accepted++
        counts.bytes += payload.byteLength
        return true
      }
      await deadLetters.add({ arrival, site, node, channel, code: fault.code, reason: fault.message, payload })
      const rejected = Buffer.from(JSON.stringify({ code: fault.code, channel, ...numberOf(payload) }))
      await log.append(partition, { kind: 'rejected', site, node, arrival, payload: rejected })
      counts.rejected++
      return false
    },
    counts: () => counts,
  }
}

function faultOf(channel: UpChannel, payload: Uint8Array): IocError | undefined {
  try {
    parsers[channel](payload)
    return undefined
  } catch (error) {
    if (isIocError(error)) return error
    throw error
  }
}

/** The epoch and number of a message that is faulty elsewhere: so that its node's ledger knows that it has arrived. */
function numberOf(payload: Uint8Array): { epoch?: string; seq?: number } {
  try {
    const { epoch, seq } = JSON.parse(Buffer.from(payload).toString()) as { epoch?: unknown; seq?: unknown }
    return typeof epoch === 'string' && epoch.length <= 64 && Number.isSafeInteger(seq)
      ? { epoch, seq: seq as number }
      : {}
  } catch {
    return {}
  }
}
