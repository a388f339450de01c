import { undeclared } from '@ioc/contract/device-types/table.ts'
import { isIocError } from '@ioc/contract/errors.ts'
import { parseCases } from '@ioc/contract/messages/cases.ts'
import type { LiveLedger } from '@ioc/contract/messages/live.ts'
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
import { decodeTelemetry } from './decode.ts'
import {
  type AreaOf,
  areaIn,
  createRegistry,
  type Device,
  describeDevice,
  findDevice,
  type NodeState,
  noDevice,
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
}

export interface Counts {
  messages: number
  points: number
  cases: number
  duplicates: number
  tooLate: number
  faults: number
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
  const counts: Counts = { messages: 0, points: 0, cases: 0, duplicates: 0, tooLate: 0, faults: 0 }
  const changed = {
    ledgers: new Set<NodeLedger>(),
    nodes: new Set<NodeState>(),
    born: new Set<string>(),
  }
  /** What is to be given out live: ledgers, and devices by number. */
  const touched = { ledgers: new Set<NodeLedger>(), devices: new OnceQueue() }
  const arrivals = createArrivals({ registry, windows, touched: touched.devices, counts })
  const ledgerStep = new Map<NodeLedger, number>()
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
        const status = parseStatus(record.payload)
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
    const { envelope, claims } = decodeTelemetry(record, typeOf)
    if (!envelope) countBare(ledger, record.arrival)
    else if (!countMessage(ledger, envelope, record.arrival)) {
      counts.duplicates++
      return
    }
    const area = areaIn(registry, record.site)
    for (const [index, claim] of claims.entries()) {
      const { measurement, faults } = judge(claim, area, record.arrival)
      if (faults.length > 0) {
        counts.faults += faults.length
        const reason = faults.map((fault) => `${fault.device}: ${fault.reason}`).join('; ')
        const { arrival, site, node } = record
        const payload = Buffer.from(JSON.stringify(claim))
        const letter = { arrival, site, node, channel: 'telemetry', code: 'RECORD_INVALID', reason, payload } as const
        out.deadLetters.push({ id: `${offset}-${index}`, letter })
      }
      if (!measurement) continue
      if (measurement.claimed !== undefined) ledger.clamped++
      arrivals.add(measurement, clock, ledger)
    }
  }

  function liveDevice(device: Device): LiveSource {
    device.source ??= deviceSource(registry, device)
    return device.source
  }

  function takeCases(record: LogRecord, offset: number, ledger: NodeLedger, out: Output): void {
    const { site, node, arrival, payload } = record
    const message = parseCases(payload)
    if (!countMessage(ledger, message, arrival)) {
      counts.duplicates++
      return
    }
    arrivals.flush()
    const area = areaIn(registry, site)
    const claims = message.records.map(({ device, ts, type = typeOf(site, device), case: one }) => {
      return { site, device, area, type: type ?? undeclared, ts, case: one }
    })
    counts.cases += claims.length
    cases.takeAll(claims, arrival, (index, faults) => {
      counts.faults += faults.length
      const reason = faults.map((fault) => `${fault.device}: ${fault.reason}`).join('; ')
      const claim = Buffer.from(JSON.stringify(message.records[index]))
      const letter = { arrival, site, node, channel: 'cases', code: 'RECORD_INVALID', reason, payload: claim } as const
      out.deadLetters.push({ id: `${offset}-${index}`, letter })
    })
    // What is read live between two advances must not count an open case that is past its deadline as in time.
    cases.expire(out)
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
    }
    arrivals.collectIn(out.measurements)
    windows.setSink(out)
    return out
  }

  function advance(out: Output): Output {
    arrivals.flush()
    if (clock >= advanced + advanceMs) advanceTo(clock, out)
    windows.drain(out)
    return out
  }

  function advanceTo(time: number, out: Output): void {
    advanced = time
    windows.advance(time, options.idleMs)
    cases.advance(time, out)
    cases.flush(out)
    if (time >= swept + sweepMs) {
      swept = time
      // Numbers of series that are gone are given again.
      if (windows.sweep(time) > 0) registry.placed.fill(0)
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
          // The broker let it pass, perhaps an older one with other rules: it is no reason to stand still for ever.
          if (!isIocError(error)) throw error
          counts.faults++
          const { arrival, site, node, kind, payload } = record
          const letter = { arrival, site, node, channel: kind, code: error.code, reason: error.message, payload }
          out.deadLetters.push({ id: `${batch.offset + index}`, letter })
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
      windows.drain(out)
      return out
    },
    settle() {
      const out = begin()
      windows.amendAll()
      cases.flush(out)
      windows.drain(out)
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

function ledgerSource(ledger: NodeLedger): LiveSource {
  return { topic: ledgerTopic(ledger), read: () => summarise(ledger) }
}

function deviceSource(registry: Registry, one: Device): LiveSource {
  const { site, device, type } = one
  return { topic: deviceTopic(site, device, type), read: () => describeDevice(registry, one) }
}
