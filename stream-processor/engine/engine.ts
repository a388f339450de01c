import { undeclared } from '@ioc/contract/device-types/table.ts'
import { type ErrorCode, errorTable, isIocError } from '@ioc/contract/errors.ts'
import { type CaseRecord, parseCases } from '@ioc/contract/messages/cases.ts'
import type { Envelope } from '@ioc/contract/messages/envelope.ts'
import type { LiveDevice, LiveLedger } from '@ioc/contract/messages/live.ts'
import { numberOf } from '@ioc/contract/messages/payload.ts'
import type { Problem } from '@ioc/contract/messages/problem.ts'
import { parseStatus, type Status } from '@ioc/contract/messages/status.ts'
import type { TypeDeclaration } from '@ioc/contract/messages/type-declaration.ts'
import { deviceTopic, ledgerTopic } from '@ioc/contract/topics.ts'
import { type Connection, decodePayload, type Forgotten, type Rejected } from '@ioc/ingest-log/broker-records.ts'
import type { DeadLetter } from '@ioc/ingest-log/dead-letters.ts'
import type { LogBatch, LogRecord, Offset } from '@ioc/ingest-log/ingest-log.ts'
import type { ByLane, LaneName } from '@ioc/ingest-log/lanes.ts'
import { calendarOf, emptyCalendar } from '@ioc/runtime/district/calendar.ts'
import type { CaseIndicator } from '../indicators/case-indicator.ts'
import { declaredLevels } from '../indicators/level.ts'
import type { Changes, Saved } from '../state/checkpoint-store.ts'
import type { CaseClaim, CaseDeadline, OnFaults } from './cases/case-point.ts'
import { Cases } from './cases/cases.ts'
import { placeTime } from './clock.ts'
import { type Completeness, type CompletenessOptions, createCompleteness } from './completeness.ts'
import { decodeTelemetry, recordOf } from './decode.ts'
import {
  type AreaOf,
  admitDevice,
  areaIn,
  type CadenceChange,
  createRegistry,
  type Device,
  describeDevice,
  devicesOf,
  endConnections,
  evictRemovals,
  findDevice,
  isRemoved,
  knownDevice,
  listOf,
  type Node,
  type NodeQuotas,
  noDevice,
  nodeOf,
  nodeOfDevice,
  noteSeen,
  noteTime,
  placedDevices,
  removeDeviceOf,
  removeNode,
  restoreRegistry,
  takeConnection,
  takeRegistryChanges,
  takeStatus,
} from './devices.ts'
import { restoreDigestPage, takeDigestPages } from './digests.ts'
import { type GoneSeries, IndicatorEngine, type IndicatorEngineOptions } from './indicator-engine.ts'
import { judge } from './judge.ts'
import {
  type Counted,
  copyLedger,
  countBare,
  countBytes,
  countMessage,
  countRefused,
  countRejected,
  createLedger,
  type NodeLedger,
  noteProblem,
  restoreLedger,
  summarise,
} from './ledger.ts'
import type { LiveSource } from './live-source.ts'
import { createLiveTurns, feedOf } from './live-turns.ts'
import { createLiveness, type LifePoint } from './liveness/liveness.ts'
import type { Measurement } from './measurement.ts'
import type { Position, Sink } from './output.ts'
import { groupsBeyond, roomForCases, withinQuotas } from './quotas.ts'

/** A change of a device's cadence, for the store. */
export interface CadencePoint extends CadenceChange {
  readonly area: string | undefined
  /** When the birth arrived, in ms. */
  readonly ts: number
}

/** What one batch of the log gives. All of it follows from the log alone, so that a replay gives the same again. */
export interface Output extends Sink {
  readonly measurements: Measurement[]
  /** Ledgers as they stood when the newest arrival passed a whole step of time. */
  readonly ledgerPoints: LiveLedger[]
  /** Changes of what devices' liveness is. */
  readonly lives: LifePoint[]
  /** Cadences that births changed. */
  readonly cadences: CadencePoint[]
  /** Where devices are, of births that changed it. */
  readonly positions: Position[]
  readonly deadLetters: { readonly id: string; readonly letter: DeadLetter }[]
  /** Deadlines that have passed while their case was open. */
  readonly deadlines: CaseDeadline[]
  /** What failed while time passed. */
  readonly failures: Error[]
}

export interface Counts {
  messages: number
  points: number
  cases: number
  duplicates: number
  tooLate: number
  faults: number
  /** Records and steps of the clock that failed for a fault of ours. */
  failures: number
}

export interface EngineOptions extends IndicatorEngineOptions {
  readonly caseIndicators: readonly CaseIndicator[]
  /** Without it, the sources are not counted. */
  readonly completeness?: CompletenessOptions | undefined
  /** The area of a site, given the one that its nodes said. */
  readonly areaOf: AreaOf
  /** Devices that are made known. Measurements of others are stored, and count for no indicator. */
  readonly maxAllDevices: number
  readonly quotas: NodeQuotas
  /** Offers the types that a birth declares to the registry, and returns why some of them are refused. Without it, none count. */
  readonly declareTypes?: (node: string, types: readonly TypeDeclaration[]) => readonly string[]
  /** How long the owner of a device is disconnected and silent until another node may own it, in ms. */
  readonly ownerSilentMs: number
}

/** Ledgers go to the store at every whole step of this length, in ms. */
const ledgerStepMs = 10_000
/**
 * Dead letters of one message, beyond which its other records share one: 50 KB hold 10,000 bad records, and a letter for
 * each would delay everybody's messages.
 */
const maxLettersPerMessage = 100
/** How often the clock closes and amends windows, in ms of arrival. */
const advanceMs = 1_000
/** With so many points, amendments of one step of the clock end: the store writes them while the next ones are computed. */
const maxAmendedPoints = 5_000
/** From this lag on a backlog has piled up, in ms: there is more of it to come. */
const minBacklogLagMs = 2_000
/** It counts as being read for so long after its last batch, in ms: it may have to wait for the store. */
const backlogGapMs = 5_000
/** How often what has been quiet for very long is let go of, in ms of arrival. */
const expiryMs = 3_600_000
/** From one tick to the next; after more, in ms, the machine was asleep, or the process stopped. */
const maxPauseMs = 60_000
/** How much later than the clock of a tick a record may arrive that was stamped before it, in ms. */
const tickSlackMs = 5_000
/** Topics that were cleared and are cleared again after a reconnection; beyond that the oldest are not. */
const maxCleared = 10_000

export interface Engine {
  process(batch: LogBatch, lane?: LaneName): Output
  /**
   * Nothing has arrived until `clock`, in ms: windows that have ended since are emitted.
   * @param isPaused nothing could arrive, because the broker is away
   */
  tick(clock: number, isPaused?: boolean): Output
  /** Whether the last step of the clock left something to be emitted: the next one need not wait. */
  hasMore(): boolean
  /** Amends what has been late without waiting for more. */
  settle(): Output
  /** What changed since the last call. Call it between batches. */
  changes(offsets: ByLane<Offset>): Changes
  restore(saved: Saved): void
  /** The store refused a line of a device, or of a node where it says so: its ledger says so too. */
  noteRefused(of: { readonly site: string; readonly node?: string; readonly device?: string }, reason: string): string
  readonly counts: Counts
  /** How often a device or a key was met beyond those that are kept. */
  overLimit(): number
  /**
   * What has a live topic and has changed since it was last given: what has waited longest first, of at most so many
   * things. It has the values of the moment when it is read.
   */
  takeLive(most: number): LiveSource[]
  /** Everything that has a live topic: after a restart nobody else knows it. */
  snapshot(): LiveSource[]
  /** Where the devices are that have coordinates, stamped with `ts`, in ms. */
  positions(ts: number): Position[]
  readonly windows: IndicatorEngine
  readonly cases: Cases
  readonly completeness: Completeness
}

const noCompleteness: CompletenessOptions = { indicators: [], cadences: 1, calendar: calendarOf(emptyCalendar) }

export function createEngine(options: EngineOptions): Engine {
  const cases = new Cases(options.caseIndicators, options)
  const windows = new IndicatorEngine(options, cases)
  const registry = createRegistry(options)
  const completeness = createCompleteness(
    options.completeness ?? noCompleteness,
    registry,
    options.levelsAt ?? declaredLevels,
  )
  const liveness = createLiveness({
    registry,
    calendar: options.completeness?.calendar ?? noCompleteness.calendar,
    clear,
    onNode: (node) => touchDevices(devicesOf(registry, node)),
  })
  const ledgers = new Map<string, NodeLedger>()
  const counts: Counts = { messages: 0, points: 0, cases: 0, duplicates: 0, tooLate: 0, faults: 0, failures: 0 }
  const changed = { ledgers: new Set<NodeLedger>(), goneLedgers: new Set<string>() }
  /** What is to be given out live: ledgers, and devices by number. */
  const touched = { ledgers: new Set<NodeLedger>(), devices: new Set<number>(), cleared: new Set<LiveSource>() }
  /** What was removed, by topic: cleared, unless it is back. */
  const cleared = new Map<string, LiveSource>()
  const ledgerStep = new Map<NodeLedger, number>()
  /** Of the batch that is being processed. */
  let output: Output | undefined
  let clock = 0
  /** Of the batch that is being processed. */
  let lane: LaneName = 'live'
  let advanced = 0
  let swept = 0
  /** Whether the last step of the clock left something to be amended. */
  let hasMore = false
  /** When a backlog that has piled up was last read, by the clock, in ms. */
  let backlogRead = Number.NEGATIVE_INFINITY

  const sources = new WeakMap<object, LiveSource>()

  /** One source for one thing, so that it can be told from others by identity. */
  const sourceOf = (of: object, create: () => LiveSource): LiveSource => {
    let source = sources.get(of)
    if (!source) {
      source = create()
      sources.set(of, source)
    }
    return source
  }

  const liveLedger = (ledger: NodeLedger) => sourceOf(ledger, () => ledgerSource(ledger))

  /** Attributes that cases are grouped by, by the type of case. */
  const caseGrouping = new Map<string, string[]>()
  for (const { source, by } of options.caseIndicators) {
    if (by !== undefined) caseGrouping.set(source, [...(caseGrouping.get(source) ?? []), by])
  }

  const typeOf = (site: string, device: string) => registry.born.get(`${site}/${device}`)

  function ledgerOf({ site, node }: LogRecord): NodeLedger {
    const key = `${site}/${node}`
    let ledger = ledgers.get(key)
    if (!ledger) {
      ledger = createLedger(site, node)
      ledgers.set(key, ledger)
    }
    return ledger
  }

  function takeRecord(record: LogRecord, offset: number, out: Output): void {
    const { kind, site, node, arrival, payload } = record
    counts.messages++
    if (kind === 'connection' || kind === 'forgotten') {
      if (kind === 'connection') takeConnectionRecord(record)
      else forget(record)
      return
    }
    if (isOfRemoved(`${site}/${node}`, arrival)) return
    // A status that is empty asks for the removal of its node.
    const problems: Problem[] = []
    const isStatus = kind === 'status' && payload.byteLength > 0
    const status = isStatus ? parseStatus(payload, (problem) => problems.push(problem)) : undefined
    // The will of a node that was just removed does not bring it back.
    if (kind === 'status' && !status?.online && !registry.nodes.has(`${site}/${node}`)) return
    const ledger = ledgerOf(record)
    const from = nodeOf(registry, site, node)
    noteSeen(from, arrival)
    for (const problem of problems) setAside(record, offset, problem, ledger, out)
    switch (kind) {
      case 'telemetry':
        takeTelemetry(record, offset, ledger, from, out)
        break
      case 'status':
        if (!status) {
          forgetNode(site, node, arrival)
          return
        }
        if (!takeStatusRecord(record, status, offset, ledger, out)) return
        break
      case 'cases':
        takeCases(record, offset, ledger, from, out)
        break
      case 'rejected': {
        const rejected = decodePayload<Rejected>(payload)
        countRejected(ledger, rejected, arrival)
        const { meaning } = errorTable[rejected.code as ErrorCode] ?? { meaning: rejected.code }
        noteProblem(ledger, arrival, rejected.code, `${rejected.channel}: ${rejected.reason ?? meaning}`)
        break
      }
      default:
        kind satisfies never
    }
    noteLedger(ledger, out)
  }

  /** The live lane is in order: what comes after a removal is of whoever came back. A backlog may be read too late. */
  function isOfRemoved(key: string, arrival: number): boolean {
    return lane === 'backlog' && isRemoved(registry, key, arrival)
  }

  function noteLedger(ledger: NodeLedger, out: Output): void {
    changed.ledgers.add(ledger)
    touched.ledgers.add(ledger)
    // Of the clock, not of the arrival: in the backlog lane that may be long ago.
    const step = Math.floor(clock / ledgerStepMs)
    const last = ledgerStep.get(ledger)
    if (last === undefined || step > last) {
      ledgerStep.set(ledger, step)
      out.ledgerPoints.push({ ...summarise(ledger), ts: step * ledgerStepMs })
    }
  }

  function takeConnectionRecord({ site, node, arrival, payload }: LogRecord): void {
    const isStart = site === '' && node === ''
    const connection = decodePayload<Connection>(payload)
    if (isStart) liveness.brokerStarted(arrival)
    touchDevices(isStart ? endConnections(registry) : takeConnection(registry, { site, node }, connection, arrival))
    for (const one of isStart ? registry.nodes.values() : [registry.nodes.get(`${site}/${node}`)]) {
      if (one) liveness.noteNode(one, arrival)
    }
    if (connection.connected) liveness.noteClone({ site, node }, connection.cloned === true, arrival)
  }

  function touchDevices(devices: Iterable<Device>): void {
    for (const { index } of devices) touched.devices.add(index)
  }

  /** @returns whether the ledger has changed */
  function takeStatusRecord(
    record: LogRecord,
    status: Status,
    offset: number,
    ledger: NodeLedger,
    out: Output,
  ): boolean {
    const { site, node, arrival, payload } = record
    // First: its devices are of these types.
    const refused = status.online && status.types ? options.declareTypes?.(`${site}/${node}`, status.types) : undefined
    for (const reason of refused ?? []) {
      noteProblem(ledger, arrival, 'TYPE_REFUSED', reason)
      const letter = { arrival, site, node, channel: 'status', code: 'TYPE_REFUSED', reason, payload } as const
      out.deadLetters.push({ id: `${offset}:${reason}`, letter })
    }
    const outcome = takeStatus(registry, record, status, arrival)
    const { changed: devices, replaced, placed, cadences, overQuota, notOwned, refusals } = outcome
    touchDevices(devices)
    liveness.noteNode(nodeOf(registry, site, node), arrival)
    if (status.online) for (const device of new Set(devices)) liveness.born(device, arrival)
    out.positions.push(...placed.map((device) => positionOf(device, arrival)))
    out.cadences.push(...cadences.map((change) => ({ ...change, area: areaIn(registry, site), ts: arrival })))
    for (const device of replaced) clearDevice(device)
    for (const { code, reason } of refusals) noteProblem(ledger, arrival, code, reason)
    ledger.overQuota += overQuota
    if (notOwned.length > 0) {
      const code = 'DEVICE_NOT_OWNED'
      const reason = `${refusals.find((one) => one.code === code)?.reason}; refused: ${listOf(notOwned)}`
      out.deadLetters.push({
        id: `${offset}`,
        letter: { arrival, site, node, channel: 'status', code, reason, payload },
      })
      countRejected(ledger, {}, arrival)
    }
    return refusals.length > 0
  }

  const positionOf = ({ site, device, name, lat, lon }: Device, ts: number): Position => ({
    area: areaIn(registry, site),
    site,
    device,
    name,
    lat: Number(lat),
    lon: Number(lon),
    ts,
  })

  /** Removes a node, or a device of a site, with all that follows from it; its history in the store stays. */
  function forget({ site, node, arrival, payload }: LogRecord): void {
    const { device } = decodePayload<Forgotten>(payload)
    if (device === undefined) forgetNode(site, node, arrival)
    else forgetDevices(site, removeDeviceOf(registry, site, device, arrival))
  }

  function forgetNode(site: string, node: string, at: number): void {
    const key = `${site}/${node}`
    forgetDevices(site, removeNode(registry, site, node, at))
    liveness.forgetNode(site, node)
    const ledger = ledgers.get(key)
    if (!ledger) return
    ledgers.delete(key)
    ledgerStep.delete(ledger)
    changed.ledgers.delete(ledger)
    changed.goneLedgers.add(key)
    touched.ledgers.delete(ledger)
    clear(ledgerTopic(ledger), () => {
      const back = ledgers.get(key)
      return back && summarise(back)
    })
  }

  function forgetDevices(site: string, devices: readonly Device[]): void {
    if (devices.length === 0) return
    for (const device of devices) clearDevice(device)
    const keys = new Set(devices.map(({ device }) => `${site}/${device}`))
    const emptySite = registry.devices.has(site) ? undefined : site
    cases.forget(keys, emptySite)
    clearIndicators(windows.forget(keys, emptySite))
  }

  function clearDevice({ site, device, type, index }: Device): void {
    windows.release(index)
    liveness.forget({ site, device, type })
    clear(deviceTopic(site, device, type), () => {
      const back = knownDevice(registry, site, device, type)
      return back && describe(back)
    })
  }

  function clearIndicators({ series, sources }: GoneSeries): void {
    // Numbers of series that are gone are given again.
    if (series > 0) registry.placed.fill(0)
    for (const { topic, read } of sources) clear(topic, read)
  }

  /** Clears a live topic, unless it is back by then. */
  function clear(topic: string, readIfBack: LiveSource['read']): void {
    const source: LiveSource = { topic, read: () => readIfBack() ?? null }
    cleared.delete(topic)
    cleared.set(topic, source)
    touched.cleared.add(source)
    if (cleared.size <= maxCleared) return
    const [oldest] = cleared.keys()
    cleared.delete(oldest as string)
  }

  /** Counts a message; `undefined` where it must not be stored: it is a duplicate, or there are too many bytes that day. */
  function countIn(ledger: NodeLedger, envelope: Envelope | undefined, record: LogRecord): Counted | undefined {
    const { payload, arrival } = record
    const bytes = countBytes(ledger, payload.byteLength, arrival)
    const counted = envelope ? countMessage(ledger, envelope, payload, arrival) : countBare(ledger, arrival)
    if (counted === 'duplicate') {
      counts.duplicates++
      return undefined
    }
    const { maxBytesPerDay } = registry.quotas
    if (bytes <= maxBytesPerDay) return counted
    countRefused(ledger, counted, envelope?.epoch)
    noteOverQuota(ledger, arrival, 1, `the node has sent ${maxBytesPerDay} bytes today (IOC_NODE_MAX_MB_PER_DAY)`)
    return undefined
  }

  function noteOverQuota(ledger: NodeLedger, arrival: number, count: number, reason: string): void {
    ledger.overQuota += count
    noteProblem(ledger, arrival, 'QUOTA_EXCEEDED', reason)
  }

  /** Leaves out of a measurement what exceeds the quotas of its node. */
  function withoutExcess(measurement: Measurement, from: Node, ledger: NodeLedger, arrival: number): Measurement {
    const { maxFields, maxAllFields, maxGroups } = registry.quotas
    const { type, device } = measurement
    const { within, fields, groups } = withinQuotas(registry, measurement, from, windows.groupingOf(type))
    if (fields.length > 0) {
      const full =
        from.fields.size >= maxFields
          ? `the node has ${maxFields} undeclared fields (IOC_NODE_MAX_FIELDS)`
          : `the node has its share of the ${maxAllFields} undeclared fields of all nodes (IOC_ENGINE_MAX_FIELDS)`
      noteOverQuota(ledger, arrival, fields.length, `${full}; dropped: ${listOf(fields)}`)
    }
    if (groups.length > 0) noteGroupsBeyond(ledger, arrival, device, groups, maxGroups)
    return within
  }

  function noteGroupsBeyond(
    ledger: NodeLedger,
    arrival: number,
    device: string,
    attributes: readonly string[],
    most: number,
  ): void {
    const reason = `device ${device}: the node has ${most} groups (IOC_NODE_MAX_GROUPS); dropped: ${listOf(attributes)}`
    noteOverQuota(ledger, arrival, attributes.length, reason)
  }

  function takeTelemetry(record: LogRecord, offset: number, ledger: NodeLedger, from: Node, out: Output): void {
    const { envelope, claims, problems } = decodeTelemetry(record, typeOf)
    const counted = countIn(ledger, envelope, record)
    if (!counted) return
    for (const problem of problems) setAside(record, offset, problem, ledger, out)
    const { site, node, arrival } = record
    if (envelope) liveness.noteSent(from, envelope, arrival)
    const area = areaIn(registry, site)
    const namesBefore = from.fields.size + from.groups.size
    const gate = createGate(record, ledger, recordOf)
    for (const [index, claim] of claims.entries()) {
      const { measurement, faults, moved } = judge(claim, area, arrival)
      if (faults.length > 0) {
        counts.faults += faults.length
        const reason = faults.map((fault) => `${fault.device}: ${fault.reason}`).join('; ')
        const payload = Buffer.from(JSON.stringify(recordOf(claim)))
        const letter = { arrival, site, node, channel: 'telemetry', code: 'RECORD_INVALID', reason, payload } as const
        out.deadLetters.push({ id: `${offset}-${index}`, letter })
        noteProblem(ledger, arrival, 'RECORD_INVALID', reason)
      }
      if (!measurement || !gate.admits(measurement, claim)) continue
      const within = withoutExcess(measurement, from, ledger, arrival)
      if (moved) ledger[moved]++
      takeMeasurement(within, ledger, out)
    }
    if (from.fields.size + from.groups.size > namesBefore) registry.changedNodes.add(from)
    if (claims.length > 0 && gate.refuse('telemetry', offset, out) === claims.length)
      countRefused(ledger, counted, envelope?.epoch)
  }

  /** Lets the records of one message pass whose devices their node may speak for. */
  function createGate<T>({ site, node, arrival }: LogRecord, ledger: NodeLedger, asSent: (claim: T) => object) {
    const refused: T[] = []
    const devices = new Set<string>()
    let why = ''

    return {
      admits({ device, type }: { readonly device: string; readonly type: string }, claim: T): boolean {
        if (isOfRemoved(`${site}//${device}`, arrival)) return false
        const admitted = admitDevice(registry, { site, node, device, type }, arrival)
        if (typeof admitted === 'number') return true
        if (admitted.code === 'QUOTA_EXCEEDED') {
          noteOverQuota(ledger, arrival, 1, admitted.reason)
        } else {
          refused.push(claim)
          devices.add(device)
          why ||= admitted.reason
        }
        return false
      },
      /** Puts the refused records into one dead letter; returns how many they are. */
      refuse(channel: 'telemetry' | 'cases', offset: number, out: Output): number {
        if (refused.length === 0) return 0
        const code = 'DEVICE_NOT_OWNED'
        const reason = devices.size === 1 ? why : `${why}; refused: ${listOf([...devices])}`
        const payload = Buffer.from(JSON.stringify(refused.map(asSent)))
        out.deadLetters.push({
          id: `${offset}-refused`,
          letter: { arrival, site, node, channel, code, reason, payload },
        })
        noteProblem(ledger, arrival, code, reason)
        return refused.length
      },
    }
  }

  /** The time of a case's version, by the clock of the broker; one that cannot be placed stays for the cases to refuse. */
  function versionTime(ts: number, { sent }: { readonly sent?: number }, arrival: number, ledger: NodeLedger): number {
    const placed = placeTime(ts, sent, arrival)
    if ('fault' in placed) return ts
    if (placed.moved) ledger[placed.moved]++
    return placed.ts
  }

  /** Makes a dead letter of what could not be read of a message. */
  function setAside(record: LogRecord, offset: number, problem: Problem, ledger: NodeLedger, out: Output): void {
    counts.faults++
    const { record: index, reason, raw } = problem
    const { arrival, site, node, kind } = record
    const payload = Buffer.from(textOf(raw))
    const letter = { arrival, site, node, channel: kind, code: 'RECORD_INVALID', reason, payload } as const
    // Records have other numbers once those that cannot be read are left out.
    out.deadLetters.push({ id: `${offset}-as-sent-${index ?? 'message'}`, letter })
    noteProblem(ledger, arrival, letter.code, reason)
    changed.ledgers.add(ledger)
    touched.ledgers.add(ledger)
  }

  /** What fails here is a fault of ours: it costs one record, and not those after it. */
  function noteFailure(record: LogRecord, offset: number, error: unknown, out: Output): void {
    counts.faults++
    const { arrival, site, node, kind, payload } = record
    const isRefused = isIocError(error)
    const code = isRefused ? error.code : 'RECORD_FAILED'
    const reason = isRefused ? error.message : firstLines(error)
    out.deadLetters.push({ id: `${offset}`, letter: { arrival, site, node, channel: kind, code, reason, payload } })
    if (!isRefused) counts.failures++
    if (kind !== 'telemetry' && kind !== 'cases') return
    const ledger = ledgerOf(record)
    // The broker let it pass, perhaps an older one with other rules: its number has arrived, and is not counted yet.
    if (isRefused) countRejected(ledger, numberOf(payload), arrival)
    noteProblem(ledger, arrival, code, reason)
    changed.ledgers.add(ledger)
    touched.ledgers.add(ledger)
  }

  /** @param ledger of the message that it came in */
  function takeMeasurement(measurement: Measurement, ledger: NodeLedger, out: Output): void {
    counts.points++
    out.measurements.push(measurement)
    const device = findDevice(registry, measurement)
    if (device === noDevice) return
    try {
      noteTime(registry, device, measurement.ts)
      touched.devices.add(device)
      liveness.measured(measurement, clock)
      if (registry.placed[device] === 0) {
        windows.target(device, measurement)
        registry.placed[device] = 1
      }
      // By the clock: a series whose backlog is read is not quiet, however long ago that arrived.
      if (!windows.add(measurement, device, clock, out)) return
      counts.tooLate++
      ledger.tooLate++
    } catch (error) {
      noteFailedMeasurement(measurement, error, out)
    }
  }

  /** Its line is stored: what is missing of it is in the windows. */
  function noteFailedMeasurement(measurement: Measurement, error: unknown, out: Output): void {
    counts.failures++
    const { site, node, device, type, ts } = measurement
    const payload = Buffer.from(JSON.stringify(recordOf(measurement)))
    const letter = { arrival: clock, site, node, channel: 'telemetry', code: 'RECORD_FAILED', payload } as const
    out.deadLetters.push({
      id: `${site}/${device}/${type}/${ts}`,
      letter: { ...letter, reason: firstLines(error) },
    })
  }

  /** One step of the clock: what fails in it does not keep the others from their turn. */
  function attempt(step: () => void): void {
    try {
      step()
    } catch (error) {
      counts.failures++
      output?.failures.push(error as Error)
    }
  }

  /** Of a node whose connections were never recorded, and that never sent a birth, its devices show whether it is online. */
  function describe(device: Device): LiveDevice {
    const node = nodeOf(registry, device.site, device.node)
    const described = describeDevice(registry, device)
    const isUnknown = node.online && node.session === undefined && node.connections === undefined
    return isUnknown ? { ...described, online: liveness.isConnected(node) } : described
  }

  function liveDevice(device: Device): LiveSource {
    const { site, device: name, type } = device
    device.source ??= { topic: deviceTopic(site, name, type), read: () => describe(device) }
    return device.source
  }

  function takeCases(record: LogRecord, offset: number, ledger: NodeLedger, from: Node, out: Output): void {
    const { site, node, arrival, payload } = record
    const problems: Problem[] = []
    const message = parseCases(payload, (problem) => problems.push(problem))
    const envelope = message.epoch === undefined ? undefined : message
    const counted = countIn(ledger, envelope, record)
    if (!counted) return
    for (const problem of problems) setAside(record, offset, problem, ledger, out)
    const area = areaIn(registry, site)
    const { maxGroups, maxCases } = registry.quotas
    const groupsBefore = from.groups.size
    const gate = createGate(record, ledger, (claim: CaseRecord) => claim)
    const admitted: CaseRecord[] = []
    const claims: CaseClaim[] = []
    for (const claim of message.records) {
      const { device, type = typeOf(site, device) ?? undeclared } = claim
      // A type of no cases is refused below, and makes no device known.
      if (cases.isDeclared(type) && !gate.admits({ device, type }, claim)) continue
      const groups = groupsBeyond(device, claim.case, caseGrouping.get(type) ?? [], from, maxGroups)
      if (groups.length > 0) noteGroupsBeyond(ledger, arrival, device, groups, maxGroups)
      const attributes = Object.entries(claim.case).filter(([name]) => !groups.includes(name))
      const one = groups.length === 0 ? claim.case : (Object.fromEntries(attributes) as typeof claim.case)
      const ts = versionTime(claim.ts, message, arrival, ledger)
      admitted.push(claim)
      claims.push({ site, device, area, type, ts, case: one })
    }
    if (from.groups.size > groupsBefore) registry.changedNodes.add(from)
    counts.cases += claims.length
    const room = { left: roomForCases(claims.length, from, registry, cases), refused: [] }
    const onFaults: OnFaults = (index, faults) => {
      counts.faults += faults.length
      const reason = faults.map((fault) => `${fault.device}: ${fault.reason}`).join('; ')
      const claim = Buffer.from(JSON.stringify(admitted[index]))
      const letter = { arrival, site, node, channel: 'cases', code: 'RECORD_INVALID', reason, payload: claim } as const
      out.deadLetters.push({ id: `${offset}-${index}`, letter })
      noteProblem(ledger, arrival, 'RECORD_INVALID', reason)
    }
    cases.takeAll(claims, arrival, onFaults, room)
    if (room.refused.length > 0) {
      const reason = `the node has ${maxCases} cases (IOC_NODE_MAX_CASES); dropped: ${listOf(room.refused)}`
      noteOverQuota(ledger, arrival, room.refused.length, reason)
    }
    // What is read live between two advances must not count an open case that is past its deadline as in time.
    cases.expire(out)
    for (const { device, type, ts } of claims) {
      if (!cases.isDeclared(type)) continue
      const index = findDevice(registry, { site, node, device, type })
      if (index === noDevice) continue
      noteTime(registry, index, Math.min(ts, arrival))
      touched.devices.add(index)
    }
    if (message.records.length > 0 && gate.refuse('cases', offset, out) === message.records.length)
      countRefused(ledger, counted, message.epoch)
  }

  function begin(): Output {
    const out: Output = {
      measurements: [],
      points: [],
      rollups: [],
      ledgerPoints: [],
      lives: [],
      cadences: [],
      positions: [],
      deadLetters: [],
      deadlines: [],
      failures: [],
    }
    output = out
    return out
  }

  function advance(out: Output): Output {
    if (clock >= advanced + advanceMs) advanceTo(clock, out)
    attempt(() => windows.drain(out))
    out.lives.push(...liveness.takePoints())
    return out
  }

  function advanceTo(time: number, out: Output): void {
    advanced = time
    const isCatchingUp = time - backlogRead < backlogGapMs
    const hasRoom = () => out.points.length + out.rollups.length < maxAmendedPoints
    hasMore = false
    const noteLeft = (isLeft: boolean) => {
      if (isLeft) hasMore = true
    }
    attempt(() => noteLeft(windows.advance(time, options.idleMs, isCatchingUp, hasRoom, out)))
    // What is derived from cases takes the last amendments of windows that settle when the clock moves.
    attempt(() => noteLeft(cases.flush(out, time, isCatchingUp, hasRoom)))
    attempt(() => windows.drain(out))
    attempt(() => cases.advance(time, out))
    attempt(() => noteLeft(cases.flush(out, time, isCatchingUp, hasRoom)))
    attempt(() => completeness.refresh(time))
    attempt(() => liveness.advance(time - tickSlackMs))
    if (time >= swept + expiryMs) {
      swept = time
      attempt(() => {
        clearIndicators(windows.sweep(time))
        evictRemovals(registry, time)
      })
    }
  }

  /** Before anything is taken that arrived after the hour. */
  function countSources(time: number, out: Output): void {
    if (!completeness.isDue(time)) return
    attempt(() => completeness.advance(time, out.points))
  }

  const takeLive = createLiveTurns([
    ...windows.liveFeeds(),
    feedOf(touched.ledgers, liveLedger),
    cases.takeLive,
    completeness.takeLive,
    liveness.takeLive,
    feedOf(touched.devices, (index) => {
      const device = registry.byIndex[index]
      return device ? [liveDevice(device)] : []
    }),
    feedOf(touched.cleared, (source) => source),
  ])

  return {
    counts,
    overLimit: () => registry.overLimit + windows.overLimit + cases.counts().keysRefused,
    windows,
    cases,
    completeness,
    process(batch, from = 'live') {
      lane = from
      const out = begin()
      for (const [index, record] of batch.records.entries()) {
        if (record.arrival > clock) clock = record.arrival
        if (lane === 'backlog' && clock - record.arrival > minBacklogLagMs) backlogRead = clock
        countSources(clock, out)
        const letters = out.deadLetters.length
        try {
          takeRecord(record, batch.offset + index, out)
        } catch (error) {
          noteFailure(record, batch.offset + index, error, out)
        }
        foldLetters(out.deadLetters, letters)
      }
      return advance(out)
    },
    tick(now, isPaused = false) {
      const out = begin()
      if (isPaused || now > clock + maxPauseMs) liveness.pause(now)
      clock = Math.max(clock, now)
      countSources(clock - tickSlackMs, out)
      advanceTo(clock, out)
      attempt(() => windows.drain(out))
      out.lives.push(...liveness.takePoints())
      return out
    },
    hasMore: () => hasMore,
    settle() {
      const out = begin()
      attempt(() => windows.amendAll(out))
      attempt(() => cases.flush(out))
      attempt(() => windows.drain(out))
      return out
    },
    changes(offsets) {
      const result: Changes = {
        offsets,
        clock,
        ledgers: [...changed.ledgers].map(copyLedger),
        goneLedgers: [...changed.goneLedgers],
        digests: [...changed.ledgers].flatMap(({ site, node, digests }) => takeDigestPages(digests, `${site}/${node}`)),
        registry: takeRegistryChanges(registry),
        indicators: windows.changes(),
        cases: cases.changes(),
        completeness: completeness.changes(),
        liveness: liveness.changes(),
      }
      for (const set of Object.values(changed)) set.clear()
      return result
    },
    restore(saved) {
      clock = saved.clock
      advanced = clock
      restoreRegistry(registry, saved.registry)
      for (const ledger of saved.ledgers.map(restoreLedger)) {
        const { site, node, ts } = ledger
        ledgers.set(`${site}/${node}`, ledger)
        ledgerStep.set(ledger, Math.floor(ts / ledgerStepMs))
        noteSeen(nodeOf(registry, site, node), ts)
      }
      for (const page of saved.digests) {
        const ledger = ledgers.get(page.node)
        if (ledger) restoreDigestPage(ledger.digests, page)
      }
      windows.restore(saved.indicators)
      if (saved.cases) cases.restore(saved.cases)
      completeness.restore(saved.completeness, clock)
      liveness.restore(saved.liveness, clock)
    },
    positions: (ts) => placedDevices(registry).map((device) => positionOf(device, ts)),
    noteRefused({ site, device = '', node = nodeOfDevice(registry, site, device) }, reason) {
      const ledger = ledgers.get(`${site}/${node}`)
      if (!ledger) return node
      ledger.refused++
      ledger.problem = { ts: clock, code: 'STORE_REFUSED', reason }
      changed.ledgers.add(ledger)
      touched.ledgers.add(ledger)
      return node
    },
    takeLive,
    snapshot: () => [
      ...windows.sources(),
      ...cases.current(),
      ...completeness.sources(),
      ...[...ledgers.values()].map(liveLedger),
      ...registry.byIndex.filter((device) => device !== undefined).map(liveDevice),
      ...liveness.sources(),
      ...cleared.values(),
    ],
  }
}

/** Lets the engines of several partitions know each other: areas and the district are those of all of them. */
export function joinPartitions(engines: readonly Engine[]): void {
  for (const engine of engines) {
    const others = engines.filter((other) => other !== engine)
    engine.windows.setPeers(others.map(({ windows }) => windows))
    engine.cases.setPeers(others.map(({ cases }) => cases))
    engine.completeness.setPeers(others.map(({ completeness }) => completeness))
  }
}

/** JSON of something that came as JSON; nothing of what is nested too deeply to be written again. */
/** Folds what is set aside of one message, from `first` on, beyond its limit into one letter. */
function foldLetters(letters: Output['deadLetters'], first: number): void {
  const excess = letters.splice(first + maxLettersPerMessage)
  const [one, ...others] = excess.filter(({ letter }) => letter.code === 'RECORD_INVALID')
  if (one) {
    const payloads = [one, ...others].map(({ letter }) => letter.payload).filter(({ length }) => length > 0)
    const payload = Buffer.from(`[${payloads.join(',')}]`)
    const reason = `${one.letter.reason}; and ${others.length} more records`
    letters.push(others.length === 0 ? one : { id: `${one.id}-on`, letter: { ...one.letter, reason, payload } })
  }
  letters.push(...excess.filter(({ letter }) => letter.code !== 'RECORD_INVALID'))
}

function textOf(raw: unknown): string {
  try {
    return JSON.stringify(raw) ?? ''
  } catch {
    return ''
  }
}

/** What failed, and where. */
function firstLines(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return (error.stack ?? error.message)
    .split('\n', 2)
    .map((line) => line.trim())
    .join(' ')
}

function ledgerSource(ledger: NodeLedger): LiveSource {
  return { topic: ledgerTopic(ledger), read: () => summarise(ledger) }
}
