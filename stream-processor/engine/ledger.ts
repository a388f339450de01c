import type { Envelope } from '@ioc/contract/messages/envelope.ts'
import type { LiveLedger, LiveProblem } from '@ioc/contract/messages/live.ts'
import { createDigests, type Digests, digestOf, hasDigest, noteDigest } from './digests.ts'
import { addToSet, closeLowestGap, type IntervalSet, sizeOfSet } from './interval-set.ts'

interface Epoch {
  readonly epoch: string
  /** Numbers that have arrived, rejected ones too. */
  received: IntervalSet
  rejected: number
  lost: number
}

/** What is saved of a ledger. Plain data. */
export interface LedgerState {
  readonly site: string
  readonly node: string
  /** The newest last; older ones are summed up in `closed`. */
  epochs: Epoch[]
  closed: { sent: number; stored: number; rejected: number; lost: number }
  duplicates: number
  clamped: number
  /** Measurements that came too late for a window. */
  tooLate: number
  corrected: number
  reused: number
  overQuota: number
  /** Points that the store refused. */
  refused: number
  problem: LiveProblem | null
  offset_ms: number
  /** The newest arrival, in ms. */
  ts: number
  /** The day of the newest arrival, UTC, in days since 1970; and the bytes that arrived in it. */
  day: number
  dayBytes: number
}

/** What the centre knows of one node's messages. */
export interface NodeLedger extends LedgerState {
  readonly digests: Digests
}

/** How a message was counted; a duplicate must not be stored again. */
export type Counted = 'new' | 'reused' | 'duplicate'

/** An outbox is new only after its disk was lost: a few epochs are many. */
const maxEpochs = 8
/** Gaps that are kept open, a node; a node that makes more has its oldest gap counted as lost. */
const maxIntervals = 4096

/** What ledgers that an older version saved do not have. */
const noTroubles = { corrected: 0, reused: 0, overQuota: 0, refused: 0, problem: null, day: 0, dayBytes: 0 }

/** Longest reason that is kept, in characters. */
const maxReasonChars = 500
const dayMs = 86_400_000

/** A ledger as it was saved, perhaps by an older version. */
export function restoreLedger(saved: LedgerState): NodeLedger {
  return { ...noTroubles, ...saved, digests: createDigests() }
}

export function createLedger(site: string, node: string): NodeLedger {
  return {
    site,
    node,
    epochs: [],
    closed: { sent: 0, stored: 0, rejected: 0, lost: 0 },
    duplicates: 0,
    clamped: 0,
    ...noTroubles,
    tooLate: 0,
    offset_ms: 0,
    ts: 0,
    digests: createDigests(),
  }
}

/** A copy that later messages do not change. */
export function copyLedger({ digests: _, ...ledger }: NodeLedger): LedgerState {
  const epochs = ledger.epochs.map((epoch) => ({ ...epoch, received: [...epoch.received] }))
  return { ...ledger, epochs, closed: { ...ledger.closed } }
}

/** Counts a message. One whose number had arrived with other content is another message, and counts on its own. */
export function countMessage(ledger: NodeLedger, envelope: Envelope, payload: Uint8Array, arrival: number): Counted {
  const { seq } = envelope
  const epoch = epochOf(ledger, envelope.epoch)
  if (envelope.lost !== undefined) epoch.lost = Math.max(epoch.lost, envelope.lost)
  if (!envelope.replay && envelope.sent !== undefined) ledger.offset_ms = Math.round(arrival - envelope.sent)
  ledger.ts = Math.max(ledger.ts, arrival)
  const digest = digestOf(payload)
  if (countNumber(ledger, epoch, seq)) {
    noteDigest(ledger.digests, epoch.epoch, seq, digest)
    return 'new'
  }
  const isRepeat = hasDigest(ledger.digests, epoch.epoch, seq, digest)
  // Of a number that came too long ago it is not known what it had.
  if (isRepeat ?? true) {
    ledger.duplicates++
    return 'duplicate'
  }
  noteDigest(ledger.digests, epoch.epoch, seq, digest)
  ledger.closed.sent++
  ledger.closed.stored++
  ledger.reused++
  const reason = `number ${seq} of epoch ${epoch.epoch} was already used with other content: two agents share an outbox, or it was restored`
  noteProblem(ledger, arrival, 'EPOCH_REUSED', reason)
  return 'reused'
}

/** Counts a message that has no number: a bare device's. */
export function countBare(ledger: NodeLedger, arrival: number): Counted {
  ledger.closed.sent++
  ledger.closed.stored++
  ledger.ts = Math.max(ledger.ts, arrival)
  return 'new'
}

/** Counts a message as rejected that has just been counted as stored. @param epoch where it has a number */
export function countRefused(ledger: NodeLedger, counted: Counted, epoch: string | undefined): void {
  if (epoch !== undefined && counted === 'new') {
    epochOf(ledger, epoch).rejected++
  } else {
    ledger.closed.stored--
    ledger.closed.rejected++
  }
}

/** Counts the bytes of a message; returns how many arrived on this day, UTC. */
export function countBytes(ledger: NodeLedger, bytes: number, arrival: number): number {
  const day = Math.floor(arrival / dayMs)
  // A backlog lane may hold what arrived on an earlier day: it counts on the newest.
  if (day > ledger.day) {
    ledger.day = day
    ledger.dayBytes = 0
  }
  ledger.dayBytes += bytes
  return ledger.dayBytes
}

/** Notes why something of this node was rejected, refused or left out. */
export function noteProblem(ledger: NodeLedger, ts: number, code: string, reason: string): void {
  ledger.problem = { ts, code, reason: reason.slice(0, maxReasonChars) }
}

/** Counts a message that is in the dead letters; its number is known if that much of it could be read. */
export function countRejected(ledger: NodeLedger, number: { epoch?: string; seq?: number }, arrival: number): void {
  ledger.ts = Math.max(ledger.ts, arrival)
  if (number.epoch !== undefined && number.seq !== undefined && number.seq >= 1) {
    const epoch = epochOf(ledger, number.epoch)
    if (countNumber(ledger, epoch, number.seq)) epoch.rejected++
    else ledger.duplicates++
  } else {
    ledger.closed.sent++
    ledger.closed.rejected++
  }
}

/** The figures of a ledger: `sent = stored + rejected + queued + lost`. */
export function summarise(ledger: NodeLedger): LiveLedger {
  const sum = { ...ledger.closed }
  let queued = 0
  for (const epoch of ledger.epochs) {
    const figures = figuresOf(epoch)
    sum.sent += figures.sent
    sum.stored += figures.stored
    sum.rejected += figures.rejected
    sum.lost += figures.lost
    queued += figures.queued
  }
  const { site, node, ts, duplicates, clamped, tooLate, corrected, reused, overQuota, refused, problem, offset_ms } =
    ledger
  const troubles = { too_late: tooLate, corrected, reused, over_quota: overQuota, refused, problem }
  return { site, node, ts, ...sum, queued, duplicates, clamped, ...troubles, offset_ms }
}

function figuresOf({ received, rejected, lost }: Epoch) {
  const sent = received.at(-1) ?? 0
  const arrived = sizeOfSet(received)
  // What was declared lost can have arrived all the same, when only its acknowledgement was lost.
  const missing = sent - arrived
  const reallyLost = Math.min(lost, missing)
  return { sent, stored: arrived - rejected, rejected, lost: reallyLost, queued: missing - reallyLost }
}

/** Notes that a number has arrived; `false` if it had before. */
function countNumber(ledger: NodeLedger, epoch: Epoch, seq: number): boolean {
  if (!addToSet(epoch.received, seq)) return false
  if (epoch.received.length > 2 * maxIntervals) {
    const abandoned = closeLowestGap(epoch.received)
    ledger.closed.lost += abandoned
    ledger.closed.stored -= abandoned
  }
  return true
}

function epochOf(ledger: NodeLedger, name: string): Epoch {
  const known = ledger.epochs.find(({ epoch }) => epoch === name)
  if (known) return known
  const epoch: Epoch = { epoch: name, received: [], rejected: 0, lost: 0 }
  ledger.epochs.push(epoch)
  if (ledger.epochs.length > maxEpochs) {
    const figures = figuresOf(ledger.epochs.shift() as Epoch)
    ledger.closed.sent += figures.sent
    ledger.closed.stored += figures.stored
    ledger.closed.rejected += figures.rejected
    ledger.closed.lost += figures.lost + figures.queued
  }
  return epoch
}
