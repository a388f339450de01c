import Type from 'typebox'
import { Compile } from 'typebox/compile'
import { envelopeFields, Slug, Timestamp, type Value, Values } from './envelope.ts'
import { parseJson, requireValid } from './payload.ts'

export const MeasurementRecord = Type.Object(
  { device: Slug, ts: Timestamp, type: Type.Optional(Slug), values: Values },
  { additionalProperties: false },
)
export type MeasurementRecord = Type.Static<typeof MeasurementRecord>

/** What an agent publishes on its telemetry topic. */
export const Telemetry = Type.Object(
  { ...envelopeFields, records: Type.Array(MeasurementRecord, { minItems: 1, maxItems: 10_000 }) },
  { additionalProperties: false },
)
export type Telemetry = Type.Static<typeof Telemetry>

/** What a bare device may publish instead of an envelope: it names itself by its node. */
export const BareRecord = Type.Object(
  { ts: Type.Optional(Timestamp), type: Type.Optional(Slug), values: Values },
  { additionalProperties: false },
)
export type BareRecord = Type.Static<typeof BareRecord>

const checkTelemetry = Compile(Telemetry)
const checkBare = Compile(BareRecord)

/** A telemetry payload in one of its two shapes. A flat payload (`{"pm25":18.2}`) is returned as a bare record. */
export type ParsedTelemetry =
  | { readonly kind: 'envelope'; readonly message: Telemetry }
  | { readonly kind: 'bare'; readonly record: BareRecord }

/**
 * Parses and validates a payload of a telemetry topic.
 * @throws IocError PAYLOAD_NOT_JSON, PAYLOAD_INVALID
 */
export function parseTelemetry(payload: Uint8Array): ParsedTelemetry {
  const json = parseJson(payload)
  if ('records' in json || 'epoch' in json || 'seq' in json) {
    return { kind: 'envelope', message: requireValid(checkTelemetry, json) }
  }
  return { kind: 'bare', record: requireValid(checkBare, 'values' in json ? json : unflatten(json)) }
}

function unflatten(flat: Record<string, unknown>): Record<string, unknown> {
  const { ts, type, ...values } = flat
  return {
    ...(ts === undefined ? {} : { ts }),
    ...(type === undefined ? {} : { type }),
    values: values as Record<string, Value>,
  }
}
