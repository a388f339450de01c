import { backFromArrival } from './arrival-times.ts'
import { isObject } from './json.ts'
import { parseAnyJson } from './payload.ts'

/** A payload that was set aside, or one or more records of it, as a dead letter has it. */
export interface SetAside {
  readonly channel: string
  readonly node: string
  /** Milliseconds since 1970, UTC. */
  readonly arrival: number
  readonly payload: Uint8Array
}

/** Channels whose payloads can be sent again. */
export type ReplayChannel = 'telemetry' | 'cases'

/**
 * What to send again of a payload that was set aside: its records, without a number, because its own has arrived, and
 * without the time when it was sent, which is not now. Records without a time keep that of their arrival. `undefined` for
 * what cannot be sent again: a status, since a node sends a newer one when it connects; a line that the store refused.
 * @throws IocError PAYLOAD_NOT_JSON
 */
export function replayOf(letter: SetAside): { channel: ReplayChannel; payload: Buffer } | undefined {
  const { channel, node, arrival, payload } = letter
  if (channel !== 'telemetry' && channel !== 'cases') return undefined
  const json = parseAnyJson(payload)
  const inner = isObject(json) && Array.isArray(json['records']) ? json['records'] : json
  const records: unknown[] = Array.isArray(inner) ? inner : [inner]
  const back = backFromArrival(records.map((record) => (isObject(record) ? record : {})))
  const timed = records.map((record, index) => {
    if (!isObject(record)) return record
    const isOfDevice = typeof record['device'] === 'string'
    // A bare device is named by its node: what it sends under that name is a value.
    const { device, ...values } = record
    const named = isOfDevice
      ? record
      : { ...values, ...(device === undefined ? {} : { device_value: device }), device: node }
    return { ...named, ts: record['ts'] ?? arrival - (back[index] ?? 0) }
  })
  return { channel, payload: Buffer.from(JSON.stringify({ replay: true, records: timed })) }
}
