import { isSlug, maxNameLength, metricNameOf, slugOf } from '../names.ts'
import {
  type Envelope,
  type Message,
  maxRecords,
  maxSeq,
  maxText,
  maxTime,
  maxValues,
  type UnnumberedMessage,
  type Value,
} from './envelope.ts'
import { isObject, type Json } from './json.ts'
import { refuse } from './payload.ts'
import { type OnProblem, sentence, shown } from './problem.ts'
import { timeOfText } from './time-text.ts'

/**
 * Reads what is not of the shape that the schemas ask for, so that one bad name, value, record or device does not lose the
 * others. The rules are those of `docs/messages.md`. What is of that shape is read as it is.
 */

/** Collects what cannot be used of one record. */
export type Reasons = string[]

/** Levels of objects and lists in a record, at most. */
const maxDepth = 8
/** Values of a list, at most: each becomes a value of its own. */
const maxListLength = 16

/** What is null is not said. */
export const isSaid = (raw: unknown): boolean => raw !== undefined && raw !== null

/** A time in whatever form it comes; `undefined` where there is none, or none that can be read, with the reason. */
export function readTime(raw: unknown, name: string, reasons: Reasons): number | undefined {
  if (!isSaid(raw)) return undefined
  const time = typeof raw === 'string' ? timeOfText(raw) : raw
  if (typeof time === 'number' && Math.abs(time) <= maxTime) return time
  reasons.push(
    `${name}: got ${shown(raw)}; expected milliseconds since 1970, or a time such as 2026-07-01T08:00:00+07:00`,
  )
  return undefined
}

/** A name of a device, a site, a type: as a slug. */
export function readSlug(raw: unknown, name: string, reasons: Reasons): string | undefined {
  const slug = typeof raw === 'string' ? slugOf(raw) : Number.isFinite(raw) ? slugOf(String(raw)) : undefined
  if (slug === undefined) {
    reasons.push(
      `${name}: got ${shown(raw)}; expected a name of letters and digits, at most ${maxNameLength} characters`,
    )
  }
  return slug
}

/** Reads values into `into`: names are normalised, objects and lists become values of their own. */
export function readValues(raw: Json, into: Map<string, Value>, reasons: Reasons): void {
  for (const [name, value] of Object.entries(raw)) readValue(name, value, 1, into, reasons)
}

function readValue(path: string, value: unknown, depth: number, into: Map<string, Value>, reasons: Reasons): void {
  // Before its name is looked at, which costs more than anything else here.
  if (into.size === maxValues) {
    reasons.push(`${shown(path)}: expected at most ${maxValues} values in a record`)
  } else if (Array.isArray(value) && value.length > maxListLength) {
    reasons.push(`${path}: got a list of ${value.length}; expected at most ${maxListLength} values in a list`)
  } else if (typeof value === 'object' && value !== null) {
    if (depth === maxDepth) reasons.push(`${path}: expected at most ${maxDepth} levels of objects and lists`)
    else for (const [key, one] of Object.entries(value)) readValue(`${path}_${key}`, one, depth + 1, into, reasons)
  } else {
    addValue(path, value, into, reasons)
  }
}

function addValue(path: string, value: unknown, into: Map<string, Value>, reasons: Reasons): void {
  const name = metricNameOf(path)
  const isSayable = typeof value !== 'number' || Number.isFinite(value)
  if (name === undefined) {
    reasons.push(`${shown(path)}: expected a name of letters and digits, at most ${maxNameLength} characters`)
  } else if (into.has(name)) {
    reasons.push(
      `${shown(path)}: another value is already stored as ${name}; expected names that differ in letters and digits`,
    )
  } else if (!isSayable) {
    reasons.push(`${path}: got ${shown(value)}; expected a number, or null for a missing measurement`)
  } else if (typeof value === 'string' && value.length > maxText) {
    reasons.push(`${path}: got a text of ${value.length} characters; expected at most ${maxText}`)
  } else {
    into.set(name, value as Value)
  }
}

/**
 * Reads what stands around the records, and each of these by itself.
 * @param readRecord gives `undefined` for a record of which nothing can be used
 * @throws IocError PAYLOAD_INVALID where no record is left
 */
export function readMessage<R>(
  { records, epoch, seq, sent, replay, lost, ...others }: Json,
  readRecord: (raw: unknown, reasons: Reasons) => R | undefined,
  onProblem: OnProblem | undefined,
): Message<R> | UnnumberedMessage<R> {
  if (!Array.isArray(records)) return refuse([`records: got ${shown(records)}; expected a list of records`])
  if (records.length === 0 || records.length > maxRecords) {
    return refuse([`records: got a list of ${records.length}; expected 1 to ${maxRecords} records`])
  }
  const reasons: Reasons = []
  const number = readNumber(epoch, seq)
  const sentAt = readTime(sent, 'sent', reasons)
  if (isSaid(replay) && typeof replay !== 'boolean') {
    reasons.push(`replay: got ${shown(replay)}; expected true or false`)
  }
  if (isSaid(lost) && !isCount(lost, 0)) {
    reasons.push(`lost: got ${shown(lost)}; expected a whole number from 0 to ${maxSeq}`)
  }
  for (const name of Object.keys(others)) {
    reasons.push(`${name}: expected only epoch, seq, sent, replay, lost and records`)
  }
  const read = readRecords(records, readRecord, onProblem)
  if (read.records.length === 0) return refuse([...read.reasons, ...reasons])
  if (reasons.length > 0)
    onProblem?.({ record: undefined, reason: sentence(reasons), raw: { epoch, seq, sent, replay, lost, ...others } })
  const message = {
    ...(sentAt === undefined ? {} : { sent: sentAt }),
    ...(typeof replay === 'boolean' ? { replay } : {}),
    ...(isCount(lost, 0) ? { lost } : {}),
    records: read.records,
  }
  return number ? { ...number, ...message } : message
}

/** A message has a number, or none at all. */
function readNumber(epoch: unknown, seq: unknown): Pick<Envelope, 'epoch' | 'seq'> | undefined {
  if (!isSaid(epoch) && !isSaid(seq)) return undefined
  const isEpoch = typeof epoch === 'string' && isSlug(epoch)
  if (isEpoch && isCount(seq, 1)) return { epoch, seq }
  const reasons: string[] = []
  if (!isEpoch) reasons.push(`epoch: got ${shown(epoch)}; expected the id of an outbox epoch`)
  if (!isCount(seq, 1)) reasons.push(`seq: got ${shown(seq)}; expected a whole number from 1 to ${maxSeq}`)
  return refuse(reasons)
}

const isCount = (value: unknown, least: number): value is number =>
  Number.isInteger(value) && (value as number) >= least && (value as number) <= maxSeq

/** Reads the entries of a list, each by itself. */
export function readRecords<R>(
  records: readonly unknown[],
  readRecord: (raw: unknown, reasons: Reasons) => R | undefined,
  onProblem: OnProblem | undefined,
): { records: R[]; reasons: string[] } {
  const read: R[] = []
  const all: string[] = []
  for (const [index, raw] of records.entries()) {
    const reasons: Reasons = []
    const record = readRecord(raw, reasons)
    if (record !== undefined) read.push(record)
    if (reasons.length === 0) continue
    const reason = `${labelOf(raw, index)}: ${sentence(reasons)}`
    onProblem?.({ record: index, reason, raw })
    all.push(reason)
  }
  return { records: read, reasons: all }
}

/** What a technician knows an entry by: its device and case, else where it stands. */
function labelOf(raw: unknown, index: number): string {
  const { device, id = device, case: one } = isObject(raw) ? raw : {}
  const name = typeof id === 'string' && id !== '' ? shown(id).slice(1, -1) : `record ${index + 1}`
  return isObject(one) ? `${name}, case ${shown(one['id'])}` : name
}
