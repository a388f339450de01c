import Type from 'typebox'
import { Compile } from 'typebox/compile'
import { metricPattern } from '../names.ts'
import { envelopeFields, type Message, maxRecords, Slug, Timestamp, type UnnumberedMessage, Value } from './envelope.ts'
import { isObject, type Json } from './json.ts'
import { isSaid, type Reasons, readMessage, readSlug, readTime, readValues } from './lenient.ts'
import { parseJson } from './payload.ts'
import { type OnProblem, shown } from './problem.ts'

/** Characters of an id and of a state, at most. */
const maxId = 256
const maxState = 64

/** Times and state of every case. */
const caseFields = {
  id: Type.String({ minLength: 1, maxLength: maxId }),
  state: Type.String({ minLength: 1, maxLength: maxState }),
  opened: Timestamp,
  due: Type.Optional(Type.Union([Timestamp, Type.Null()])),
  closed: Type.Optional(Type.Union([Timestamp, Type.Null()])),
}

/** A file with a deadline (a dossier, a citizen's report), whole, as it stood at the record's `ts`. */
export const Case = Type.Object(caseFields, {
  additionalProperties: Value,
  propertyNames: { pattern: `^(?:${Object.keys(caseFields).join('|')})$|${metricPattern}` },
})
export type Case = Type.Static<typeof Case>

const WireRecord = Type.Object(
  { device: Slug, ts: Timestamp, type: Type.Optional(Slug), case: Case },
  { additionalProperties: false },
)
export type CaseRecord = Type.Static<typeof WireRecord>

/** What an agent publishes on its cases topic. */
const WireCases = Type.Object(
  { ...envelopeFields, records: Type.Array(WireRecord, { minItems: 1, maxItems: maxRecords }) },
  { additionalProperties: false },
)
export type Cases = Message<CaseRecord> | UnnumberedMessage<CaseRecord>

const checkCases = Compile(WireCases)

/**
 * Parses a payload of a cases topic, as `parseTelemetry` does.
 * @throws IocError PAYLOAD_NOT_JSON, PAYLOAD_INVALID where nothing can be used
 */
export function parseCases(payload: Uint8Array, onProblem?: OnProblem): Cases {
  const json = parseJson(payload)
  return checkCases.Check(json) ? json : readMessage(json, readRecord, onProblem)
}

/** A case is whole, or is not counted: what it needs is there, or the record is refused. */
function readRecord(raw: unknown, reasons: Reasons): CaseRecord | undefined {
  if (!isObject(raw) || !isObject(raw['case'])) {
    reasons.push(`got ${isObject(raw) ? 'no case' : shown(raw)}; expected a record with device, ts and case`)
    return undefined
  }
  const { device: name, ts: time, type: typeName, case: one, ...others } = raw
  const device = readSlug(name, 'device', reasons)
  const ts = required(readTime(time, 'ts', reasons), time, 'ts', reasons)
  const type = !isSaid(typeName) ? undefined : readSlug(typeName, 'type', reasons)
  for (const name of Object.keys(others)) reasons.push(`${name}: expected only device, ts, type and case`)
  const read = readCase(one as Json, reasons)
  if (device === undefined || ts === undefined || read === undefined) return undefined
  return { device, ts, ...(type === undefined ? {} : { type }), case: read }
}

function readCase({ id: name, state: said, opened: from, due: by, closed: to, ...attributes }: Json, reasons: Reasons) {
  const id = readText(name, 'id', maxId, reasons)
  const state = readText(said, 'state', maxState, reasons)
  const opened = required(readTime(from, 'opened', reasons), from, 'opened', reasons)
  const before = reasons.length
  const due = readTime(by, 'due', reasons)
  const closed = readTime(to, 'closed', reasons)
  // Without the time it would count as one that has no deadline, or is still open.
  const areTimesKnown = reasons.length === before
  const values = new Map<string, Value>()
  readValues(attributes, values, reasons)
  if (id === undefined || state === undefined || opened === undefined || !areTimesKnown) return undefined
  return { ...Object.fromEntries(values), id, state, opened, due: due ?? null, closed: closed ?? null } as Case
}

function required<T>(value: T | undefined, raw: unknown, name: string, reasons: Reasons): T | undefined {
  if (value === undefined && !isSaid(raw)) reasons.push(`${name}: got nothing; expected a time`)
  return value
}

/** A number is taken as it is written: registers number their files, and the states of these. */
function readText(raw: unknown, name: string, maxLength: number, reasons: Reasons): string | undefined {
  const text = Number.isFinite(raw) ? String(raw) : raw
  if (typeof text === 'string' && text !== '' && text.length <= maxLength) return text
  reasons.push(`${name}: got ${shown(raw)}; expected a text of 1 to ${maxLength} characters`)
  return undefined
}
