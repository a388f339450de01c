import Type from 'typebox'
import { Compile } from 'typebox/compile'
import { metricPattern } from '../names.ts'
import { envelopeFields, Slug, Timestamp, Value } from './envelope.ts'
import { parseJson, requireValid } from './payload.ts'

/** A file with a deadline (a dossier, a citizen's report), whole, as it stood at the record's `ts`. */
export const Case = Type.Object(
  {
    id: Type.String({ minLength: 1, maxLength: 256 }),
    state: Type.String({ minLength: 1, maxLength: 64 }),
    opened: Timestamp,
    due: Type.Optional(Type.Union([Timestamp, Type.Null()])),
    closed: Type.Optional(Type.Union([Timestamp, Type.Null()])),
  },
  { additionalProperties: Value, propertyNames: { pattern: metricPattern } },
)

export const CaseRecord = Type.Object(
  { device: Slug, ts: Timestamp, type: Type.Optional(Slug), case: Case },
  { additionalProperties: false },
)
export type CaseRecord = Type.Static<typeof CaseRecord>

/** What an agent publishes on its cases topic. */
export const Cases = Type.Object(
  { ...envelopeFields, records: Type.Array(CaseRecord, { minItems: 1, maxItems: 10_000 }) },
  { additionalProperties: false },
)
export type Cases = Type.Static<typeof Cases>

const checkCases = Compile(Cases)

/**
 * Parses and validates a payload of a cases topic.
 * @throws IocError PAYLOAD_NOT_JSON, PAYLOAD_INVALID
 */
export function parseCases(payload: Uint8Array): Cases {
  return requireValid(checkCases, parseJson(payload))
}
