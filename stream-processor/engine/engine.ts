import { undeclared } from '@ioc/contract/device-types/table.ts'
import { isIocError } from '@ioc/contract/errors.ts'
import { parseCases } from '@ioc/contract/messages/cases.ts'
import type { LiveLedger } from '@ioc/contract/messages/live.ts'
import { numberOf } from '@ioc/contract/messages/payload.ts'
import type { Problem } from '@ioc/contract/messages/problem.ts'
import { parseStatus } from '@ioc/contract/messages/status.ts'
import { deviceTopic, ledgerTopic } from '@ioc/contract/topics.ts'
import { decodePayload, type Rejected } from '@ioc/ingest-log/broker-records.ts'
import type { DeadLetter } from '@ioc/ingest-log/dead-letters.ts'
import type { LogBatch, LogRecord, Offset } from '@ioc/ingest-log/ingest-log.ts'
import type { ByLane } from '@ioc/ingest-log/lanes.ts'
import type { CaseIndicator } from '../indicators/case-indicator.ts'
import type { Changes, Saved } from '../state/checkpoint-store.ts'
import { createArrivals } from './arrivals.ts'
import type { CaseDeadline } from './cases/case-point.ts'
import { type Cases, createCases } from './cases/cases.ts'
import { placeTime } from './clock.ts'
import { decodeTelemetry, recordOf } from './decode.ts'
import {
  type AreaOf,
  areaIn,
  createRegistry,
  type Device,
  describeDevice,
  findDevice,
  type NodeState,
  noDevice,
  nodeOfDevice,
  noteArea,
  noteTime,
  type Registry,
  restoreDevice,
  restoreTimes,
  stateOf,
  takeStatus,
  takeTimes,
} from './devices.ts'
import { IndicatorEngine, type IndicatorEngineOptions } from './indicator-engine.ts'
import { judge } from './judge.ts'
import {
  copyLedger,
  countBare,
  countMessage,
  countRejected,
  createLedger,
  type NodeLedger,
  restoreLedger,
  summarise,
} from './ledger.ts'
import type { LiveSource } from './live-source.ts'
import { createLiveTurns, feedOf, feedOfQueue } from './live-turns.ts'
import type { Measurement } from './measurement.ts'
import { OnceQueue } from './once-queue.ts'
import type { Sink } from './output.ts'

/** What one batch of the log gives. All of it follows from the log alone, so that a replay gives the same again. */
export interface Output extends Sink {
  readonly measurements: Measurement[]
  /** Ledgers as they stood when the newest arrival passed a whole step of time. */
  readonly ledgerPoints: LiveLedger[]
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
  /** The area of a site, given the one that its nodes said. */
  readonly areaOf: AreaOf
  /** Devices that are made known. Measurements of others are stored, and count for no indicator. */
  readonly mostDevices: number
}

/** Ledgers go to the store at every whole step of this length, in ms. */
const ledgerStepMs = 10_000
/** How often the clock closes and amends windows, in ms of arrival. */
const advanceMs = 1_000
/** How often what has been quiet for very long is let go of, in ms of arrival. */
const sweepMs = 3_600_000

export interface Engine {
  process(batch: LogBatch): Output
  /** Takes measurements that have been decoded and judged, at their arrival, in ms. */
  take(measurements: readonly Measurement[], arrival: number): Output
  /** Nothing has arrived until `clock`, in ms: windows that have ended since are given out. */
  tick(clock: number): Output
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
  readonly windows: IndicatorEngine
  readonly cases: Cases
}

export function createEngine(options: EngineOptions): Engine {
  const windows = new IndicatorEngine(options)
  const cases = createCases(options.caseIndicators, options)
  const registry = createRegistry(options.areaOf, options.mostDevices)
  const ledgers = new Map<string, NodeLedger>()
  const counts: Counts = { messages: 0, points: 0, cases: 0, duplicates: 0, tooLate: 0, faults: 0, failures: 0 }
  const changed = {
    ledgers: new Set<NodeLedger>(),
    nodes: new Set<NodeState>(),
    born: new Set<string>(),
  }
  /** What is to be given out live: ledgers, and devices by number. */
  const touched = { ledgers: new Set<NodeLedger>(), devices: new OnceQueue() }
  const arrivals = createArrivals({
    registry,
    windows,
    touched: touched.devices,
    counts,
    onFailure: noteFailedMeasurement,
  })
  const ledgerStep = new Map<NodeLedger, number>()
  /** Of the batch that is being processed. */
  let output: Output | undefined
  let clock = 0
  let advanced = 0
  let swept = 0

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
    counts.messages++
    const ledger = ledgerOf(record)
    switch (record.kind) {
      case 'telemetry':
        takeTelemetry(record, offset, ledger, out)
        break
      case 'status': {
        arrivals.flush()
        const status = parseStatus(record.payload, (problem) => setAside(record, offset, problem, ledger, out))
        for (const device of takeStatus(registry, record.site, record.node, status)) {
          touched.devices.add(device.index)
          if (status.online) changed.born.add(`${device.site}/${device.device}`)
        }
        const node = registry.nodes.get(`${record.site}/${record.node}`)
        if (node) changed.nodes.add(node)
        return
      }
      case 'cases':
        takeCases(record, offset, ledger, out)
        break
      case 'rejected':
        countRejected(ledger, decodePayload<Rejected>(record.payload), record.arrival)
        break
      case 'connection':
      case 'forgotten':
        return
      default:
        record.kind satisfies never
    }
    changed.ledgers.add(ledger)
    touched.ledgers.add(ledger)
    // Of the clock, not of the arrival: in the backlog lane that may be long ago.
    const step = Math.floor(clock / ledgerStepMs)
    const last = ledgerStep.get(ledger)
    if (last === undefined || step > last) {
      arrivals.flush()
      ledgerStep.set(ledger, step)
      out.ledgerPoints.push({ ...summarise(ledger), ts: step * ledgerStepMs })
    }
  }

  function takeTelemetry(record: LogRecord, offset: number, ledger: NodeLedger, out: Output): void {
    const { envelope, claims, problems } = decodeTelemetry(record, typeOf)
    if (!envelope) countBare(ledger, record.arrival)
    else if (!countMessage(ledger, envelope, record.arrival)) {
      counts.duplicates++
      return
    }
    for (const problem of problems) setAside(record, offset, problem, ledger, out)
    const area = areaIn(registry, record.site)
    for (const [index, claim] of claims.entries()) {
      const { measurement, faults, moved } = judge(claim, area, record.arrival)
      if (faults.length > 0) {
        counts.faults += faults.length
        const reason = faults.map((fault) => `${fault.device}: ${fault.reason}`).join('; ')
        const { arrival, site, node } = record
        const payload = Buffer.from(JSON.stringify(recordOf(claim)))
        const letter = { arrival, site, node, channel: 'telemetry', code: 'RECORD_INVALID', reason, payload } as const
        out.deadLetters.push({ id: `${offset}-${index}`, letter })
      }
      if (!measurement) continue
      if (moved) ledger[moved]++
      arrivals.add(measurement, clock, ledger)
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
    ledger.problem = { ts: arrival, code: letter.code, reason }
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
    ledger.problem = { ts: arrival, code, reason }
    changed.ledgers.add(ledger)
    touched.ledgers.add(ledger)
  }

  /** Its line is stored: what is missing of it is in the windows. */
  function noteFailedMeasurement(measurement: Measurement, error: unknown): void {
    counts.failures++
    const { site, node, device, type, ts } = measurement
    const payload = Buffer.from(JSON.stringify(recordOf(measurement)))
    const letter = { arrival: clock, site, node, channel: 'telemetry', code: 'RECORD_FAILED', payload } as const
    output?.deadLetters.push({
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

  function liveDevice(device: Device): LiveSource {
    device.source ??= deviceSource(registry, device)
    return device.source
  }

  function takeCases(record: LogRecord, offset: number, ledger: NodeLedger, out: Output): void {
    const { site, node, arrival, payload } = record
    const problems: Problem[] = []
    const message = parseCases(payload, (problem) => problems.push(problem))
    if (message.epoch === undefined) countBare(ledger, arrival)
    else if (!countMessage(ledger, message, arrival)) {
      counts.duplicates++
      return
    }
    for (const problem of problems) setAside(record, offset, problem, ledger, out)
    arrivals.flush()
    const area = areaIn(registry, site)
    const claims = message.records.map(({ device, ts, type = typeOf(site, device), case: one }) => {
      return { site, device, area, type: type ?? undeclared, ts: versionTime(ts, message, arrival, ledger), case: one }
    })
    counts.cases += claims.length
    cases.takeAll(claims, arrival, (index, faults) => {
      counts.faults += faults.length
      const reason = faults.map((fault) => `${fault.device}: ${fault.reason}`).join('; ')
      const claim = Buffer.from(JSON.stringify(message.records[index]))
      const letter = { arrival, site, node, channel: 'cases', code: 'RECORD_INVALID', reason, payload: claim } as const
      out.deadLetters.push({ id: `${offset}-${index}`, letter })
    })
    for (const { device, type, ts } of claims) {
      const index = findDevice(registry, { site, node, device, type })
      if (index === noDevice) continue
      noteTime(registry, index, Math.min(ts, arrival))
      touched.devices.add(index)
    }
  }

  function begin(): Output {
    const out: Output = {
      measurements: [],
      points: [],
      rollups: [],
      ledgerPoints: [],
      deadLetters: [],
      deadlines: [],
      failures: [],
    }
    output = out
    arrivals.collectIn(out.measurements)
    windows.setSink(out)
    return out
  }

  function advance(out: Output): Output {
    attempt(arrivals.flush)
    if (clock >= advanced + advanceMs) advanceTo(clock, out)
    attempt(() => windows.drain(out))
    return out
  }

  function advanceTo(time: number, out: Output): void {
    advanced = time
    attempt(() => windows.advance(time, options.idleMs))
    attempt(() => cases.advance(time, out))
    attempt(() => cases.flush(out))
    if (time >= swept + sweepMs) {
      swept = time
      // Numbers of series that are gone are given again.
      attempt(() => {
        if (windows.sweep(time) > 0) registry.placed.fill(0)
      })
    }
  }

  const takeLive = createLiveTurns([
    ...windows.liveFeeds(),
    feedOf(touched.ledgers, liveLedger),
    cases.takeLive,
    feedOfQueue(touched.devices, (index) => [liveDevice(registry.byIndex[index] as Device)]),
  ])

  return {
    counts,
    overLimit: () => registry.overLimit + windows.overLimit + cases.counts().keysRefused,
    windows,
    cases,
    process(batch) {
      const out = begin()
      for (const [index, record] of batch.records.entries()) {
        if (record.arrival > clock) clock = record.arrival
        try {
          takeRecord(record, batch.offset + index, out)
        } catch (error) {
          noteFailure(record, batch.offset + index, error, out)
        }
      }
      return advance(out)
    },
    take(measurements, arrival) {
      const out = begin()
      if (arrival > clock) clock = arrival
      for (const measurement of measurements) arrivals.add(measurement, clock)
      return advance(out)
    },
    tick(now) {
      const out = begin()
      clock = Math.max(clock, now)
      advanceTo(clock, out)
      attempt(() => windows.drain(out))
      return out
    },
    settle() {
      const out = begin()
      attempt(() => windows.amendAll())
      attempt(() => cases.flush(out))
      attempt(() => windows.drain(out))
      return out
    },
    changes(offsets) {
      const result: Changes = {
        offsets,
        clock,
        ledgers: [...changed.ledgers].map(copyLedger),
        nodes: [...changed.nodes].map((node) => ({ ...node })),
        devices: [...registry.changed].map(stateOf),
        times: takeTimes(registry),
        born: [...changed.born].map((key) => [key, registry.born.get(key) ?? ''] as const),
        indicators: windows.changes(),
        cases: cases.changes(),
      }
      registry.changed.clear()
      for (const set of Object.values(changed)) set.clear()
      return result
    },
    restore(saved) {
      clock = saved.clock
      advanced = clock
      for (const ledger of saved.ledgers.map(restoreLedger)) {
        ledgers.set(`${ledger.site}/${ledger.node}`, ledger)
        ledgerStep.set(ledger, Math.floor(ledger.ts / ledgerStepMs))
      }
      for (const node of saved.nodes) {
        registry.nodes.set(`${node.site}/${node.node}`, node)
        if (node.area !== undefined) noteArea(registry, node.site, node.area)
      }
      for (const state of saved.devices) restoreDevice(registry, state)
      for (const [page, times] of saved.times) restoreTimes(registry, page, times)
      for (const [key, type] of saved.born) registry.born.set(key, type)
      windows.restore(saved.indicators)
      if (saved.cases) cases.restore(saved.cases)
    },
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
      ...[...ledgers.values()].map(liveLedger),
      ...registry.byIndex.map(liveDevice),
    ],
  }
}

/** Lets the engines of several partitions know each other: areas and the district are those of all of them. */
export function joinPartitions(engines: readonly Engine[]): void {
  for (const engine of engines) {
    const others = engines.filter((other) => other !== engine)
    engine.windows.setPeers(others.map(({ windows }) => windows))
    engine.cases.setPeers(others.map(({ cases }) => cases))
  }
}

/** JSON of something that came as JSON; nothing of what is nested too deeply to be written again. */
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

function deviceSource(registry: Registry, one: Device): LiveSource {
  const { site, device, type } = one
  return { topic: deviceTopic(site, device, type), read: () => describeDevice(registry, one) }
}
