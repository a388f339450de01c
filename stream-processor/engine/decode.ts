import { backFromArrival, isWithoutTime } from '@ioc/contract/messages/arrival-times.ts'
import type { Envelope } from '@ioc/contract/messages/envelope.ts'
import type { Problem } from '@ioc/contract/messages/problem.ts'
import { parseTelemetry } from '@ioc/contract/messages/telemetry.ts'
import type { LogRecord } from '@ioc/ingest-log/ingest-log.ts'
import type { Claim } from './judge.ts'

export interface Decoded {
  /** Absent from what a bare device says, and from what has no number. */
  readonly envelope: Envelope | undefined
  readonly claims: readonly Claim[]
  /** What could not be read. */
  readonly problems: readonly Problem[]
}

/**
 * The records of a telemetry message. The broker has validated it, by the same rules, before it was logged.
 * @param typeOf what a device's birth said that it is
 */
export function decodeTelemetry(
  record: LogRecord,
  typeOf: (site: string, device: string) => string | undefined,
): Decoded {
  const { site, node } = record
  const problems: Problem[] = []
  const parsed = parseTelemetry(record.payload, (problem) => problems.push(problem))
  if (parsed.kind === 'bare') {
    const { ts, type = typeOf(site, node), values } = parsed.record
    const claim = { site, node, device: node, type, ts, sent: undefined, values }
    return { envelope: undefined, claims: [claim], problems }
  }
  const { message } = parsed
  const { sent } = message
  const back = message.records.some(isWithoutTime) ? backFromArrival(message.records) : []
  const claims = message.records.map(({ device, ts, type = typeOf(site, device), values }, index) => ({
    site,
    node,
    device,
    type,
    ...(ts === undefined ? { ts: record.arrival - (back[index] ?? 0), sent: undefined } : { ts, sent }),
    values,
  }))
  return { envelope: parsed.kind === 'envelope' ? parsed.message : undefined, claims, problems }
}

/** A record as a device would send it, so that it can be sent again. */
export function recordOf({ device, ts, type, values }: Pick<Claim, 'device' | 'ts' | 'type' | 'values'>) {
  return { device, ts, type, values }
}
