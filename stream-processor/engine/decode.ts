import type { Envelope } from '@ioc/contract/messages/envelope.ts'
import type { Telemetry } from '@ioc/contract/messages/telemetry.ts'
import { parseTelemetry } from '@ioc/contract/messages/telemetry.ts'
import type { LogRecord } from '@ioc/ingest-log/ingest-log.ts'
import type { Claim } from './judge.ts'

export interface Decoded {
  /** Absent from what a bare device says. */
  readonly envelope: Envelope | undefined
  readonly claims: readonly Claim[]
}

/**
 * The records of a telemetry message. The broker has validated it, by the same schema, before it was logged.
 * @param typeOf what a device's birth said that it is
 */
export function decodeTelemetry(
  record: LogRecord,
  typeOf: (site: string, device: string) => string | undefined,
): Decoded {
  const { site, node } = record
  const parsed = parseTelemetry(record.payload)
  if (parsed.kind === 'bare') {
    const { ts = record.arrival, type = typeOf(site, node), values } = parsed.record
    return { envelope: undefined, claims: [{ site, node, device: node, type, ts, values }] }
  }
  const message: Telemetry = parsed.message
  const claims = message.records.map(({ device, ts, type = typeOf(site, device), values }) => ({
    site,
    node,
    device,
    type,
    ts,
    values,
  }))
  return { envelope: message, claims }
}
