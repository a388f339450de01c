import Type from 'typebox'
import { Compile } from 'typebox/compile'
import {
  envelopeFields,
  type Message,
  maxRecords,
  Slug,
  Timestamp,
  type UnnumberedMessage,
  type Value,
  Values,
} from './envelope.ts'
import { isObject, type Json } from './json.ts'
import { isSaid, type Reasons, readMessage, readSlug, readTime, readValues } from './lenient.ts'
import { parseJson, refuse } from './payload.ts'
import { type OnProblem, sentence, shown } from './problem.ts'

const WireRecord = Type.Object(
  { device: Slug, ts: Timestamp, type: Type.Optional(Slug), values: Values },
  { additionalProperties: false },
)

/** What an agent publishes on its telemetry topic. */
const WireTelemetry = Type.Object(
  { ...envelopeFields, records: Type.Array(WireRecord, { minItems: 1, maxItems: maxRecords }) },
  { additionalProperties: false },
)

const WireBare = Type.Object(
  { ts: Type.Optional(Timestamp), type: Type.Optional(Slug), values: Values },
  { additionalProperties: false },
)

/** What a bare device may publish instead of an envelope: it names itself by its node. Without a time it is of its arrival. */
export type BareRecord = Type.Static<typeof WireBare>

export interface MeasurementRecord extends BareRecord {
  readonly device: string
}

export type Telemetry = Message<MeasurementRecord>

const checkTelemetry = Compile(WireTelemetry)
const checkBare = Compile(WireBare)

/** A telemetry payload in one of its shapes. A flat payload (`{"pm25":18.2}`) is returned as a bare record. */
export type ParsedTelemetry =
  | { readonly kind: 'envelope'; readonly message: Telemetry }
  | { readonly kind: 'unnumbered'; readonly message: UnnumberedMessage<MeasurementRecord> }
  | { readonly kind: 'bare'; readonly record: BareRecord }

/**
 * Parses a payload of a telemetry topic. What is of the shape that the schema asks for costs one check; of anything else
 * is read what can be, by the rules of `docs/messages.md`, and the rest is reported.
 * @throws IocError PAYLOAD_NOT_JSON, PAYLOAD_INVALID where nothing can be used
 */
export function parseTelemetry(payload: Uint8Array, onProblem?: OnProblem): ParsedTelemetry {
  const json = parseJson(payload)
  // A flat payload may have values of these names.
  if (Array.isArray(json['records'])) {
    if (checkTelemetry.Check(json)) return { kind: 'envelope', message: json }
    const message = readMessage(json, readRecord, onProblem)
    return message.epoch === undefined ? { kind: 'unnumbered', message } : { kind: 'envelope', message }
  }
  if (checkBare.Check(json)) return { kind: 'bare', record: json }
  return { kind: 'bare', record: readBare(json, onProblem) }
}

function readRecord(raw: unknown, reasons: Reasons): MeasurementRecord | undefined {
  if (!isObject(raw)) {
    reasons.push(`got ${shown(raw)}; expected a record with device, ts and values`)
    return undefined
  }
  const { device: name, ...others } = raw
  const device = readSlug(name, 'device', reasons)
  const { ts, isTimeKnown, ...record } = readMeasured(others, reasons)
  // Records wait in outboxes: one whose time cannot be read is of no known time.
  if (device === undefined || !isTimeKnown || !hasValues(record.values, reasons)) return undefined
  return { device, ...(ts === undefined ? {} : { ts }), ...record }
}

/** A bare device measures when it sends, so that a time that cannot be read loses no value. */
function readBare(json: Json, onProblem: OnProblem | undefined): BareRecord {
  const reasons: Reasons = []
  const { ts, isTimeKnown: _, ...record } = readMeasured(json, reasons)
  if (!hasValues(record.values, reasons)) return refuse(reasons)
  if (reasons.length > 0) onProblem?.({ record: 0, reason: sentence(reasons), raw: json })
  return { ...(ts === undefined ? {} : { ts }), ...record }
}

interface Measured {
  readonly ts: number | undefined
  readonly isTimeKnown: boolean
  readonly type?: string
  readonly values: Record<string, Value>
}

/** What stands beside time, type and values counts as a value too: that is how a flat payload is written. */
function readMeasured({ ts: time, type: name, values: inner, ...others }: Json, reasons: Reasons): Measured {
  const before = reasons.length
  const ts = readTime(time, 'ts', reasons)
  const isTimeKnown = reasons.length === before
  const values = new Map<string, Value>()
  if (isObject(inner)) readValues(inner, values, reasons)
  else if (inner !== undefined) readValues({ values: inner }, values, reasons)
  readValues(others, values, reasons)
  const type = typeof name === 'string' ? readSlug(name, 'type', reasons) : undefined
  // No type, but a value of that name.
  if (typeof name !== 'string' && isSaid(name)) readValues({ type: name }, values, reasons)
  return { ts, isTimeKnown, ...(type === undefined ? {} : { type }), values: Object.fromEntries(values) }
}

function hasValues(values: Record<string, Value>, reasons: Reasons): boolean {
  if (Object.keys(values).length > 0) return true
  if (reasons.length === 0) reasons.push('got no values; expected at least one')
  return false
}
