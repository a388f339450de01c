import { isIocError } from '@ioc/contract/errors.ts'
import type { LiveLedger } from '@ioc/contract/messages/live.ts'
import { parseStatus } from '@ioc/contract/messages/status.ts'
import { deviceTopic, ledgerTopic } from '@ioc/contract/topics.ts'
import type { DeadLetter } from '@ioc/ingest-log/dead-letters.ts'
import type { LogBatch, LogRecord } from '@ioc/ingest-log/ingest-log.ts'
import type { Indicator } from '../indicators/indicator.ts'
import type { Changes, Saved } from '../state/checkpoint-store.ts'
import { decodeTelemetry } from './decode.ts'
import {
  createRegistry,
  type DeviceState,
  describeDevice,
  deviceKey,
  type NodeState,
  noteMeasurement,
  type Registry,
  takeStatus,
} from './devices.ts'
import { judge } from './judge.ts'
import { countBare, countMessage, countRejected, createLedger, type NodeLedger, summarise } from './ledger.ts'
import type { LiveSource } from './live-source.ts'
import type { Measurement } from './measurement.ts'
import { restoreSlot, slotOf } from './pane-ring.ts'
import { createWindows, type IndicatorPoint, type Series } from './windows.ts'

/** What one batch of the log gives. All of it follows from the log alone, so that a replay gives the same again. */
export interface Output {
  readonly measurements: Measurement[]
  readonly points: IndicatorPoint[]
  /** Ledgers as they stood at a whole step of arrival time. */
  readonly ledgerPoints: LiveLedger[]
  readonly deadLetters: { readonly id: string; readonly letter: DeadLetter }[]
  /** What has changed and has a live topic. */
  readonly live: LiveSource[]
}

export interface Counts {
  messages: number
  points: number
  duplicates: number
  tooLate: number
  faults: number
}

export interface EngineOptions {
  readonly indicators: readonly Indicator[]
  /** How much later than the newest of its series an event may be and still amend windows, in ms. */
  readonly latenessMs: number
}

/** Ledgers go to the store at every whole step of this length, in ms. */
const ledgerStepMs = 10_000

export interface Engine {
  process(batch: LogBatch): Output
  /** What changed since the last call. Call it between batches. */
  changes(offset: number): Changes
  restore(saved: Saved): void
  readonly counts: Counts
  /** Everything that has a live topic: after a restart nobody else knows it. */
  snapshot(): LiveSource[]
  readonly series: ReadonlyMap<string, Series>
}

export function createEngine({ indicators, latenessMs }: EngineOptions): Engine {
  const windows = createWindows(indicators, latenessMs)
  const registry = createRegistry()
  const ledgers = new Map<string, NodeLedger>()
  const counts: Counts = { messages: 0, points: 0, duplicates: 0, tooLate: 0, faults: 0 }
  const changed = {
    ledgers: new Set<NodeLedger>(),
    nodes: new Set<NodeState>(),
    devices: new Set<DeviceState>(),
    born: new Set<string>(),
  }
  const ledgerStep = new Map<NodeLedger, number>()

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

  function takeRecord(record: LogRecord, offset: number, out: Output, touched: Touched): void {
    counts.messages++
    const ledger = ledgerOf(record)
    switch (record.kind) {
      case 'telemetry':
        takeTelemetry(record, offset, ledger, out, touched)
        break
      case 'status': {
        const status = parseStatus(record.payload)
        for (const device of takeStatus(registry, record.site, record.node, status)) {
          touched.devices.add(device)
          if (status.online) changed.born.add(`${device.site}/${device.device}`)
        }
        const node = registry.nodes.get(`${record.site}/${record.node}`)
        if (node) changed.nodes.add(node)
        return
      }
      case 'cases':
        takeCases(record, ledger)
        break
      case 'rejected':
        countRejected(
          ledger,
          JSON.parse(Buffer.from(record.payload).toString()) as { epoch?: string; seq?: number },
          record.arrival,
        )
        break
    }
    touched.ledgers.add(ledger)
    const step = Math.floor(record.arrival / ledgerStepMs)
    const last = ledgerStep.get(ledger)
    if (last === undefined || step > last) {
      ledgerStep.set(ledger, step)
      out.ledgerPoints.push({ ...summarise(ledger), ts: step * ledgerStepMs })
    }
  }

  function takeTelemetry(record: LogRecord, offset: number, ledger: NodeLedger, out: Output, touched: Touched): void {
    const { envelope, claims } = decodeTelemetry(record, typeOf)
    if (!envelope) countBare(ledger, record.arrival)
    else if (!countMessage(ledger, envelope, record.arrival)) {
      counts.duplicates++
      return
    }
    for (const [index, claim] of claims.entries()) {
      const { measurement, faults } = judge(claim, record.arrival)
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
      counts.points++
      const device = noteMeasurement(registry, measurement)
      counts.tooLate += windows.add(measurement, device)
      out.measurements.push(measurement)
      touched.devices.add(device)
    }
  }

  function takeCases(record: LogRecord, ledger: NodeLedger): void {
    const { epoch, seq, sent, replay, lost } = JSON.parse(Buffer.from(record.payload).toString())
    countMessage(ledger, { epoch, seq, sent, replay, lost }, record.arrival)
  }

  return {
    counts,
    series: windows.series,
    process(batch) {
      const out: Output = { measurements: [], points: [], ledgerPoints: [], deadLetters: [], live: [] }
      const touched: Touched = { ledgers: new Set(), devices: new Set() }
      for (const [index, record] of batch.records.entries()) {
        try {
          takeRecord(record, batch.offset + index, out, touched)
        } catch (error) {
          // The broker let it pass, perhaps an older one with other rules: it is no reason to stand still for ever.
          if (!isIocError(error)) throw error
          counts.faults++
          const { arrival, site, node, kind, payload } = record
          const letter = { arrival, site, node, channel: kind, code: error.code, reason: error.message, payload }
          out.deadLetters.push({ id: `${batch.offset + index}`, letter })
        }
      }
      windows.drain(out)
      for (const ledger of touched.ledgers) {
        changed.ledgers.add(ledger)
        out.live.push(sourceOf(ledger, () => ledgerSource(ledger)))
      }
      for (const device of touched.devices) {
        changed.devices.add(device)
        out.live.push(sourceOf(device, () => deviceSource(registry, device)))
      }
      return out
    },
    changes(offset) {
      const panes = [...windows.series].flatMap(([id, one]) => unsavedPanes(id, one))
      const result: Changes = {
        offset,
        ledgers: structuredClone([...changed.ledgers]),
        nodes: structuredClone([...changed.nodes]),
        devices: structuredClone([...changed.devices]),
        born: [...changed.born].map((key) => [key, registry.born.get(key) ?? ''] as const),
        panes,
      }
      for (const set of Object.values(changed)) set.clear()
      return result
    },
    restore(saved) {
      for (const ledger of saved.ledgers) {
        ledgers.set(`${ledger.site}/${ledger.node}`, ledger)
        ledgerStep.set(ledger, Math.floor(ledger.ts / ledgerStepMs))
      }
      for (const node of saved.nodes) registry.nodes.set(`${node.site}/${node.node}`, node)
      for (const device of saved.devices)
        registry.devices.set(deviceKey(device.site, device.device, device.type), device)
      for (const [key, type] of saved.born) registry.born.set(key, type)
      for (const { series, doubles } of saved.panes) {
        const { ring, stream } = windows.seriesOf(series)
        restoreSlot(ring, doubles, stream.maxPanes)
      }
    },
    snapshot: () => [
      ...[...windows.series.values()].flatMap(({ live }) => live),
      ...[...ledgers.values()].map((ledger) => sourceOf(ledger, () => ledgerSource(ledger))),
      ...[...registry.devices.values()].map((device) => sourceOf(device, () => deviceSource(registry, device))),
    ],
  }

  function unsavedPanes(id: string, one: Series): Changes['panes'][number][] {
    const { ring, stream, unsaved } = one
    if (unsaved.size === 0) return []
    const panes = [...unsaved].flatMap((pane) => {
      const doubles = slotOf(ring, pane)
      return doubles ? [{ series: id, slot: pane % stream.maxPanes, doubles }] : []
    })
    unsaved.clear()
    one.lastPane = -1
    return panes
  }
}

function ledgerSource(ledger: NodeLedger): LiveSource {
  return { topic: ledgerTopic(ledger), read: () => summarise(ledger) }
}

function deviceSource(registry: Registry, device: DeviceState): LiveSource {
  return { topic: deviceTopic(device.site, device.device, device.type), read: () => describeDevice(registry, device) }
}

interface Touched {
  readonly ledgers: Set<NodeLedger>
  readonly devices: Set<DeviceState>
}
