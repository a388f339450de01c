import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createEngine, type Engine } from '@ioc/stream-processor/engine/engine.ts'
import type { Measurement } from '@ioc/stream-processor/engine/measurement.ts'
import { type CheckpointStore, openCheckpointStore } from '@ioc/stream-processor/state/checkpoint-store.ts'
import { createLoad, type EngineCase, engineCases } from './cases.ts'

/** What a run says of itself. */
export interface EngineResult {
  readonly eventsPerSecond: number
  readonly events: number
  readonly points: number
  readonly keys: number
  readonly cpuSecondsPerMillion: number
  readonly checkpoints: number
  readonly pauseMs: { readonly median: number; readonly max: number }
  readonly checkpointMs: { readonly median: number; readonly max: number }
  readonly bytesPerKey: number
  readonly rssMb: number
  readonly recoveryMs: number
}

const batchSize = 2_000
const checkpointEveryMs = 1_000
const t0 = Date.UTC(2026, 0, 1)

/** One case with so many keys for so many seconds, after half of that to warm up. Run it in a process of its own. */
export async function runCase(name: string, keys: number, seconds: number): Promise<EngineResult> {
  const one: EngineCase = { ...(engineCases[name] as EngineCase), keys }
  const folder = mkdtempSync(join(tmpdir(), 'ioc-engine-'))
  const store = openCheckpointStore(folder)
  try {
    const empty = memory()
    const engine = engineOf(one, store)
    const measured = new Measured(engine, store)
    const { warmUp } = one
    if (warmUp) {
      const steps = Math.ceil((warmUp.forMs / warmUp.cadenceMs) * keys)
      const before = createLoad({ ...one, cadenceMs: warmUp.cadenceMs, late: { share: 0, byMs: 0 } }, t0)
      await measured.feed(before.next, (events) => events < steps)
    }
    const load = createLoad(one, t0 + (warmUp?.forMs ?? 0))
    await measured.feed(load.next, (_, elapsedMs) => elapsedMs < seconds * 500)
    measured.reset()
    const cpu = process.cpuUsage()
    const result = await measured.feed(load.next, (_, elapsedMs) => elapsedMs < seconds * 1000)
    const { user, system } = process.cpuUsage(cpu)
    await measured.save()
    const rssMb = process.memoryUsage.rss() / 1e6
    const bytesPerKey = (memory() - empty) / keys
    const started = performance.now()
    const saved = store.load()
    if (saved) engineOf(one, store).restore(saved)
    const recoveryMs = performance.now() - started
    return {
      eventsPerSecond: result.events / (result.elapsedMs / 1000),
      events: result.events,
      points: measured.points,
      keys,
      cpuSecondsPerMillion: (user + system) / result.events,
      checkpoints: measured.pauses.length,
      pauseMs: summary(measured.pauses),
      checkpointMs: summary(measured.durations),
      bytesPerKey,
      rssMb,
      recoveryMs,
    }
  } finally {
    await store.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

function engineOf({ indicators }: EngineCase, store: CheckpointStore): Engine {
  return createEngine({
    indicators,
    caseIndicators: [],
    rollups: false,
    latenessMs: 604_800_000,
    idleMs: 10_000,
    forgetMs: Number.POSITIVE_INFINITY,
    mostSeries: 1_000_000,
    mostNodes: 300_000,
    areaOf: () => undefined,
    archiveOf: store.archiveOf,
  })
}

/** Feeds an engine, and saves it once a second as the processor does: the stream goes on while a checkpoint is written. */
class Measured {
  readonly #engine: Engine
  readonly #store: CheckpointStore
  #last = performance.now()
  #saving: Promise<void> | undefined
  points = 0
  pauses: number[] = []
  durations: number[] = []

  constructor(engine: Engine, store: CheckpointStore) {
    this.#engine = engine
    this.#store = store
  }

  reset(): void {
    this.points = 0
    this.pauses = []
    this.durations = []
  }

  async feed(
    next: (batch: Measurement[]) => number,
    goesOn: (events: number, elapsedMs: number) => boolean,
  ): Promise<{ events: number; elapsedMs: number }> {
    const batch = new Array<Measurement>(batchSize)
    const started = performance.now()
    let events = 0
    while (goesOn(events, performance.now() - started)) {
      const arrival = next(batch)
      const { points } = this.#engine.take(batch, arrival)
      this.points += points.length
      events += batchSize
      if (performance.now() - this.#last >= checkpointEveryMs && !this.#saving) this.#begin(events)
      await turn()
    }
    await this.#saving
    return { events, elapsedMs: performance.now() - started }
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
  globalThis.gc?.()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

function summary(values: readonly number[]): { median: number; max: number } {
  const sorted = [...values].sort((a, b) => a - b)
  return { median: sorted[Math.floor(sorted.length / 2)] ?? 0, max: sorted.at(-1) ?? 0 }
}
