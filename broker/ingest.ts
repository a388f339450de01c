import { type IocError, isIocError } from '@ioc/contract/errors.ts'
import { spanOf } from '@ioc/contract/messages/arrival-times.ts'
import { parseCases } from '@ioc/contract/messages/cases.ts'
import { numberOf } from '@ioc/contract/messages/payload.ts'
import { parseStatus } from '@ioc/contract/messages/status.ts'
import { parseTelemetry } from '@ioc/contract/messages/telemetry.ts'
import { type NodeTopic, nodeTopic, type UpChannel, upChannels } from '@ioc/contract/topics.ts'
import { encodePayload } from '@ioc/ingest-log/broker-records.ts'
import type { DeadLetters } from '@ioc/ingest-log/dead-letters.ts'
import type { IngestLog, Offset, RecordKind } from '@ioc/ingest-log/ingest-log.ts'
import { type LaneName, lanesOf, partitionsWithLanes } from '@ioc/ingest-log/lanes.ts'
import { partitionOf } from '@ioc/ingest-log/partition.ts'
import { createArrivals } from './arrivals.ts'
import { createBuckets } from './rate.ts'

interface Accepted {
  readonly lane: LaneName
  /** How many ms up to the arrival its records need. */
  readonly spanMs: number
}

/**
 * For each channel the lane of a payload: what is sent again after a time without a connection is backlog, everything
 * else is live. Each throws an IocError PAYLOAD_… for what its schema does not allow.
 */
const accept: Readonly<Record<UpChannel, (payload: Uint8Array) => Accepted>> = {
  telemetry(payload) {
    const parsed = parseTelemetry(payload)
    if (parsed.kind === 'bare') return { lane: 'live', spanMs: 1 }
    const { replay, records } = parsed.message
    return { lane: replay ? 'backlog' : 'live', spanMs: spanOf(records) }
  },
  cases: (payload) => ({ lane: parseCases(payload).replay ? 'backlog' : 'live', spanMs: 1 }),
  // A birth says what its devices are: it is wanted before what they send, however that comes.
  status(payload) {
    parseStatus(payload)
    return { lane: 'live', spanMs: 1 }
  },
}

/** Dead letters that are kept of one node: at once, and then a second. */
const letterBurst = 1_000
const lettersPerSecond = 20
const maxNodes = 10_000
/** Characters of a reason that reach the ledger of a node, at most. */
const maxReasonChars = 500

export type LogTail = readonly (readonly [partition: number, offset: Offset])[]

/** A message of a node in the log. */
export interface TakenMessage {
  /** Its partition and offset. */
  readonly id: string
  readonly topic: string
  readonly payload: Uint8Array
}

export interface Ingest {
  /**
   * Makes a message durable; resolves to whether its payload is valid. Both may be acknowledged: an invalid one is in the
   * dead letters, and counted for its node.
   * @throws IocError LOG_FULL, LOG_CLOSED: it must not be acknowledged
   */
  take(topic: NodeTopic & { readonly channel: UpChannel }, payload: Uint8Array): Promise<boolean>
  /** Where the log ends, of the lanes of a site: by partition. */
  tailOf(site: string): LogTail
  /** The messages that are in the log from there on. */
  takenSince(tail: LogTail): AsyncIterable<TakenMessage>
  counts(): { readonly accepted: number; readonly rejected: number; readonly bytes: number }
}

export function createIngest(log: IngestLog, partitions: number, deadLetters: DeadLetters): Ingest {
  const counts = { accepted: 0, rejected: 0, bytes: 0 }
  const arrivalOf = createArrivals(maxNodes)
  const letterOf = createBuckets(lettersPerSecond, letterBurst, maxNodes)

  return {
    async take({ site, node, channel }, payload) {
      const lanes = lanesOf(partitionOf(site, partitions), partitions)
      const validated = validate(channel, payload)
      const arrival = arrivalOf(`${site}/${node}`, Date.now(), 'spanMs' in validated ? validated.spanMs : 1)
      if ('lane' in validated) {
        await log.append(lanes[validated.lane], { kind: channel, site, node, arrival, payload })
        counts.accepted++
        counts.bytes += payload.byteLength
        return true
      }
      const { code, message: reason } = validated.fault
      // Of a flood a part is kept: all of it is counted, by the record below.
      if (letterOf(`${site}/${node}`).take()) {
        await deadLetters.add({ arrival, site, node, channel, code, reason, payload })
      }
      const rejected = encodePayload({
        code,
        channel,
        reason: reason.slice(0, maxReasonChars),
        ...numberOf(payload),
      })
      await log.append(lanes.live, { kind: 'rejected', site, node, arrival, payload: rejected })
      counts.rejected++
      return false
    },
    tailOf(site) {
      const { live, backlog } = lanesOf(partitionOf(site, partitions), partitions)
      return [live, backlog].map((lane) => [lane, log.bounds(lane).next] as const)
    },
    async *takenSince(tail) {
      for (const [partition, offset] of tail) {
        // Another number of partitions, or another log: nothing of what is asked for is there.
        if (partition >= partitionsWithLanes(partitions) || offset > log.bounds(partition).next) continue
        const from = Math.max(offset, log.bounds(partition).first)
        for await (const { records, offset: first } of log.read(partition, from, { follow: false })) {
          for (const [index, { kind, site, node, payload }] of records.entries()) {
            if (!isMessage(kind)) continue
            yield { id: `${partition}-${first + index}`, topic: nodeTopic({ site, node }, kind), payload }
          }
        }
      }
    },
    counts: () => counts,
  }
}

/** Whether a record is a message as its node sent it. */
function isMessage(kind: RecordKind): kind is UpChannel {
  return (upChannels as readonly string[]).includes(kind)
}

function validate(channel: UpChannel, payload: Uint8Array): Accepted | { fault: IocError } {
  try {
    return accept[channel](payload)
  } catch (error) {
    if (isIocError(error)) return { fault: error }
    throw error
  }
}
