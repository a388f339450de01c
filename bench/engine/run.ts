import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { LogRecord } from '@ioc/ingest-log/ingest-log.ts'
import { noQuotas } from '@ioc/stream-processor/engine/devices.ts'
import { createEngine, type Engine } from '@ioc/stream-processor/engine/engine.ts'
import type { CaseIndicator } from '@ioc/stream-processor/indicators/case-indicator.ts'
import type { Indicator } from '@ioc/stream-processor/indicators/indicator.ts'
import { type CheckpointStore, openCheckpointStore } from '@ioc/stream-processor/state/checkpoint-store.ts'
import { mappedMb } from '../process-figures.ts'
import { createLoad, createReadings, type EngineCase, engineCases, type Load, toRecords } from './cases.ts'
import { createClaims, createDossierLoad, dossierIndicators, dossierLatenessMs } from './dossiers.ts'

/** What a run says of itself. */
export interface EngineResult {
  readonly eventsPerSecond: number
  readonly events: number
  readonly points: number
  readonly keys: number
  readonly cpuSecondsPerMillion: number
  readonly checkpoints: number
  /** How long nothing but the checkpoint is done at its beginning. */
  readonly pauseMs: { readonly median: number; readonly max: number }
  /** From one batch to the next while a checkpoint is written: the batch, and whatever holds it up. */
  readonly savingTurnMs: { readonly median: number; readonly max: number }
  readonly checkpointMs: { readonly median: number; readonly max: number }
  /** Of a key, or of a case in memory. */
  readonly bytesEach: number
  readonly rssMb: number
  /** Of that what is mapped from the checkpoint's file, and is given back when memory is short. */
  readonly mappedMb: number
  /** What the process has grown by since before there was anything, in MB. */
  readonly rssGrowthMb: number
  /** Cases in memory. */
  readonly cases: number
  readonly recoveryMs: number
}

const batchSize = 2_000
const checkpointEveryMs = 1_000
const liveEveryMs = 20
const maxLive = 1_000
/** Events of each key before measuring: its place is made by then, and does not grow any more. */
const warmUpEvents = 20
const t0 = Date.UTC(2026, 0, 1)

/** What an engine is set to, and what it is fed with. */
interface Workload {
  readonly indicators: readonly Indicator[]
  readonly caseIndicators: readonly CaseIndicator[]
  readonly latenessMs: number
  readonly feed: Feed
  /** Before measuring: so many batches, of these. */
  readonly before?: { readonly batches: number; readonly feed: Feed }
}

interface Feed {
  /** Makes the next batch, and returns its arrival: nothing of the engine's. */
  readonly next: () => number
  /** Gives it to an engine, and returns how many points came of it. */
  readonly take: (engine: Engine, arrival: number) => number
}

function measurements(one: EngineCase, keys: number): Workload {
  const of = { ...one, keys }
  const feedOf = (load: Load): Feed => {
    const batch = createReadings(batchSize)
    let records: readonly LogRecord[] = []
    return {
      next() {
        const arrival = load.next(batch)
        records = toRecords(batch, arrival)
        return arrival
      },
      take: (engine) => engine.process({ offset: 0, records, next: records.length }).points.length,
    }
  }
  const settings = { indicators: one.indicators, caseIndicators: [], latenessMs: 604_800_000 }
  const feed = feedOf(createLoad(of, t0 + (one.warmUp?.forMs ?? 0)))
  if (!one.warmUp) return { ...settings, feed }
  const { forMs, cadenceMs } = one.warmUp
  const batches = Math.ceil((forMs / cadenceMs) * (keys / batchSize))
  const coarse = createLoad({ ...of, cadenceMs, late: { share: 0, byMs: 0 } }, t0)
  return { ...settings, feed, before: { batches, feed: feedOf(coarse) } }
}

function dossiers(scopes: CaseIndicator['scopes'], open: number): Workload {
  const load = createDossierLoad(open, t0)
  const batch = createClaims(batchSize)
  const feed: Feed = {
    next: () => load.next(batch),
    take: ({ cases, tick }, arrival) => {
      cases.takeAll(batch, arrival, () => {})
      return tick(arrival).points.length
    },
  }
  const caseIndicators = dossierIndicators(scopes)
  const before = { batches: Math.ceil(open / batchSize), feed }
  return { indicators: [], caseIndicators, latenessMs: dossierLatenessMs, feed, before }
}

const workloads: Readonly<Record<string, (keys: number) => Workload>> = {
  ...Object.fromEntries(
    Object.entries(engineCases).map(([name, one]) => [name, (keys: number) => measurements(one, keys)]),
  ),
  cases: (keys) => dossiers(['device', 'site', 'area', 'district'], keys),
  cases_one_scope: (keys) => dossiers(['site'], keys),
}

/** One workload with so many keys for so many seconds, after half of that or longer to warm up. Run it in a process of its own. */
export async function runCase(name: string, keys: number, seconds: number): Promise<EngineResult> {
  const workload = (workloads[name] as (keys: number) => Workload)(keys)
  const folder = mkdtempSync(join(tmpdir(), 'ioc-engine-'))
  const store = openCheckpointStore(folder)
  try {
    const empty = memory()
    const emptyRss = process.memoryUsage.rss()
    const engine = engineOf(workload, store)
    const measured = new Measured(engine, store)
    const { before, feed } = workload
    if (before) await measured.feed(before.feed, (events) => events < before.batches * batchSize)
    await measured.feed(feed, (events, elapsedMs) => elapsedMs < seconds * 500 || events < warmUpEvents * keys)
    measured.reset()
    const cpu = process.cpuUsage()
    const result = await measured.feed(feed, (_, elapsedMs) => elapsedMs < seconds * 1000)
    const { user, system } = process.cpuUsage(cpu)
    await measured.save()
    const used = memory() - empty
    const rss = process.memoryUsage.rss()
    const mapped = mappedMb(process.pid)
    const { cases } = engine.cases.counts()
    const started = performance.now()
    const saved = store.load()
    if (saved) engineOf(workload, store).restore(saved)
    const recoveryMs = performance.now() - started
    return {
      eventsPerSecond: result.events / (result.elapsedMs / 1000),
      events: result.events,
      points: measured.points,
      keys,
      cpuSecondsPerMillion: (user + system) / result.events,
      checkpoints: measured.pauses.length,
      pauseMs: summary(measured.pauses),
      savingTurnMs: summary(measured.savingTurns),
      checkpointMs: summary(measured.durations),
      bytesEach: used / (cases || keys),
      rssMb: rss / 1e6,
      mappedMb: mapped,
      rssGrowthMb: (rss - emptyRss) / 1e6,
      cases,
      recoveryMs,
    }
  } finally {
    await store.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

function engineOf({ indicators, caseIndicators, latenessMs }: Workload, store: CheckpointStore): Engine {
  return createEngine({
    indicators,
    caseIndicators,
    rollups: false,
    latenessMs,
    idleMs: 10_000,
    forgetMs: Number.POSITIVE_INFINITY,
    maxSeries: 1_000_000,
    maxAllDevices: 1_000_000,
    cacheMb: 512,
    areaOf: () => undefined,
    quotas: noQuotas,
    ownerSilentMs: Number.POSITIVE_INFINITY,
    archiveOf: store.archiveOf,
  })
}

/**
 * Feeds an engine, saves it once a second and looks at what is live as the processor does: the stream goes on while a
 * checkpoint is written.
 */
class Measured {
  readonly #engine: Engine
  readonly #store: CheckpointStore
  #last = performance.now()
  #lastLive = performance.now()
  #saving: Promise<void> | undefined
  points = 0
  pauses: number[] = []
  savingTurns: number[] = []
  durations: number[] = []

  constructor(engine: Engine, store: CheckpointStore) {
    this.#engine = engine
    this.#store = store
  }

  reset(): void {
    this.points = 0
    this.pauses = []
    this.savingTurns = []
    this.durations = []
  }

  /** How long it took does not count the making of events. */
  async feed(
    { next, take }: Feed,
    goesOn: (events: number, elapsedMs: number) => boolean,
  ): Promise<{ events: number; elapsedMs: number }> {
    const started = performance.now()
    let making = 0
    let events = 0
    while (goesOn(events, performance.now() - started - making)) {
      const began = performance.now()
      const arrival = next()
      const made = performance.now()
      making += made - began
      this.points += take(this.#engine, arrival)
      events += batchSize
      if (performance.now() - this.#lastLive >= liveEveryMs) this.#takeLive()
      if (performance.now() - this.#last >= checkpointEveryMs && !this.#saving) this.#begin(events)
      const isSaving = this.#saving !== undefined
      await turn()
      if (isSaving) this.savingTurns.push(performance.now() - made)
    }
    await this.#saving
    return { events, elapsedMs: performance.now() - started - making }
  }

  #takeLive(): void {
    this.#lastLive = performance.now()
    this.#engine.takeLive(maxLive)
  }

  #begin(offset: number): void {
    const began = performance.now()
    this.#last = began
    const changes = this.#engine.changes({ live: offset, backlog: 0 })
    this.pauses.push(performance.now() - began)
    this.#saving = this.#store.save(changes).then(() => {
      this.durations.push(performance.now() - began)
      this.#saving = undefined
    })
  }

  async save(): Promise<void> {
    await this.#saving
    this.#begin(0)
    await this.#saving
  }
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/** Bytes in use on the heap and in arrays outside it. */
function memory(): number {
  // Arrays outside the heap are given back by the next collection after the one that finds them.
  globalThis.gc?.()
  globalThis.gc?.()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

function summary(values: readonly number[]): { median: number; max: number } {
  const sorted = [...values].sort((a, b) => a - b)
  return { median: sorted[Math.floor(sorted.length / 2)] ?? 0, max: sorted.at(-1) ?? 0 }
}
