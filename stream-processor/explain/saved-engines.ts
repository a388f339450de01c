import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { IocError } from '@ioc/contract/errors.ts'
import { noQuotas } from '../engine/devices.ts'
import { createEngine, type Engine, joinPartitions } from '../engine/engine.ts'
import type { CaseIndicator } from '../indicators/case-indicator.ts'
import type { Indicator } from '../indicators/indicator.ts'
import { openCheckpointStore } from '../state/checkpoint-store.ts'

/** The engines of all partitions as their last checkpoints left them. */
export interface SavedEngines {
  readonly engines: readonly Engine[]
  /** The newest arrival that they know of, in ms. */
  readonly savedAt: number
  stop(): Promise<void>
}

/** For closed nodes in memory: what one question needs. */
const cacheMb = 16

/**
 * Opens the state of a processor, which may be running. What is read until the next turn of the event loop is one
 * snapshot: explain before waiting for anything.
 * @param folder that of the stream processor, with a folder for each partition
 * @throws IocError NOTHING_TO_EXPLAIN where there is no checkpoint
 */
export function openSavedEngines(
  folder: string,
  indicators: readonly Indicator[],
  caseIndicators: readonly CaseIndicator[] = [],
): SavedEngines {
  const partitions = existsSync(folder) ? readdirSync(folder).filter((name) => /^partition-\d+$/.test(name)) : []
  const stores = partitions
    .map((name) => join(folder, name))
    .filter((path) => existsSync(join(path, 'data.mdb')))
    .map((path) => openCheckpointStore(path, { readOnly: true }))
  const restored = stores.flatMap((store) => {
    const saved = store.load()
    if (!saved) return []
    const engine = createEngine({
      indicators,
      caseIndicators,
      // As the processor computes them: the inputs of late events are those of all that reads them.
      rollups: true,
      latenessMs: 0,
      idleMs: 0,
      forgetMs: Number.POSITIVE_INFINITY,
      cacheMb,
      maxSeries: Number.MAX_SAFE_INTEGER,
      maxAllDevices: Number.MAX_SAFE_INTEGER,
      areaOf: () => undefined,
      quotas: noQuotas,
      ownerSilentMs: Number.POSITIVE_INFINITY,
      archiveOf: store.archiveOf,
    })
    engine.restore(saved)
    return [{ engine, clock: saved.clock }]
  })
  if (restored.length === 0) {
    throw new IocError('NOTHING_TO_EXPLAIN', `no checkpoint in ${folder}: run the stream processor first`)
  }
  joinPartitions(restored.map(({ engine }) => engine))
  return {
    engines: restored.map(({ engine }) => engine),
    savedAt: Math.max(...restored.map(({ clock }) => clock)),
    async stop() {
      for (const store of stores) await store.stop()
    },
  }
}
