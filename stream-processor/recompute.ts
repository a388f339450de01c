import { rm } from 'node:fs/promises'
import { isDeepStrictEqual } from 'node:util'
import { isIocError } from '@ioc/contract/errors.ts'
import type { IngestLog, LogBatch } from '@ioc/ingest-log/ingest-log.ts'
import { type ByLane, laneNames } from '@ioc/ingest-log/lanes.ts'
import type { Logger } from '@ioc/runtime/logger.ts'
import { ensureFolder } from '@ioc/runtime/process.ts'
import type { Engine, Output } from './engine/engine.ts'
import { createLedger } from './engine/ledger.ts'
import { renamedStreams, stepMs } from './engine/plan.ts'
import { lengthMs } from './engine/windows/ends.ts'
import type { NodeArchive } from './engine/windows/panes/node-store.ts'
import { type AnyIndicator, type Indicator, readsCases } from './indicators/indicator.ts'
import type { TargetOf } from './indicators/target.ts'
import { linesOf } from './lines.ts'
import { type CheckpointStore, openCheckpointStore, type Saved } from './state/checkpoint-store.ts'
import { fingerprintsOf, hasChanged } from './state/declarations.ts'

export interface RecomputeParts {
  readonly log: IngestLog
  readonly lanes: ByLane<number>
  readonly checkpoints: CheckpointStore
  readonly indicators: readonly Indicator[]
  /** An engine of some indicators, whose closed nodes are where it is said. */
  readonly engineOf: (indicators: readonly Indicator[], archiveOf: (streamId: string) => NodeArchive) => Engine
  /** A folder for the state while it is computed; it is gone afterwards. */
  readonly scratch: string
  /** The targets that are stored with the values of indicators; without it those that are declared. */
  readonly targetOf?: TargetOf
  /** Resolves when the store took the lines. */
  readonly write: (lines: string[]) => Promise<void>
  readonly logger: Logger
}

/** How often what is computed anew is saved, in ms. */
const saveMs = 5_000

/**
 * Declarations that are new or have changed since the state was saved are computed from the log, as far back as it
 * reaches: their panes where they need others, and their values of the past. What did not change keeps its state, and
 * its values: they may be of windows that began before the log does. What is derived from cases is left out: cases may
 * be older than the log, and their windows within the lateness are published again after a change anyway.
 */
export async function recomputeChanged(parts: RecomputeParts): Promise<void> {
  const { checkpoints, engineOf, logger } = parts
  const declared = fingerprintsOf(parts.indicators)
  const indicators = parts.indicators.filter((one) => !readsCases(one))
  const before = checkpoints.declared() ?? {}
  const now = engineOf(parts.indicators, checkpoints.archiveOf).windows.streams.map(({ plan }) => plan)
  const planned = now.map(({ id }) => id)
  await checkpoints.rename(renamedStreams(planned, checkpoints.streamIds()))
  const known = checkpoints.streamIds()
  const dropped = known.filter((id) => !planned.includes(id))
  const missing = now.filter(({ id }) => !known.includes(id))
  const changed = new Set(indicators.filter(({ id }) => hasChanged(before[id], declared[id])).map(({ id }) => id))
  if (changed.size === 0 && missing.length === 0) {
    if (dropped.length > 0 || !isDeepStrictEqual(before, declared)) await checkpoints.adopt({ dropped, declared })
    return
  }
  // The processor loads the state itself: it is not read twice at each start.
  const saved = loadIfValid(checkpoints)
  if (!saved) {
    await checkpoints.adopt({ dropped: [], declared })
    return
  }
  const readers = missing.flatMap(({ groups }) => groups.flatMap((group) => group.readers))
  const affected = indicators.filter((one) => changed.has(one.id) || readers.some(({ indicator }) => indicator === one))
  const since = await reachOf(parts)
  const from = since === undefined ? 'the beginning of the log' : new Date(since).toISOString()
  logger.warn({ changed: [...changed], kinds: missing.length, from }, 'recomputing changed indicators from the log')
  await rm(parts.scratch, { recursive: true, force: true })
  const store = openCheckpointStore(ensureFolder(parts.scratch))
  const engine = engineOf(affected, store.archiveOf)
  const points = await replay(parts, { engine, store, saved, changed, since: since ?? Number.NEGATIVE_INFINITY })
  const computed = store.load()?.indicators.streams ?? []
  const streams = computed.filter(({ id }) => missing.some((plan) => plan.id === id))
  await checkpoints.adopt({ from: { store, streams }, dropped, declared })
  await store.stop()
  await rm(parts.scratch, { recursive: true, force: true })
  logger.info({ points }, 'recomputation finished')
}

/** What is of another version is computed anew in any case. */
function loadIfValid(checkpoints: CheckpointStore): Saved | undefined {
  try {
    return checkpoints.load()
  } catch (error) {
    if (isIocError(error, 'CHECKPOINT_INVALID')) return undefined
    throw error
  }
}

interface Replay {
  readonly engine: Engine
  readonly store: CheckpointStore
  readonly saved: Saved
  /** Ids of indicators whose past is given out. */
  readonly changed: ReadonlySet<string>
  /** Windows that began before are left out: the log does not know all of them. */
  readonly since: number
}

/** Feeds an engine with what has been processed, and gives out what it says of the past; how many points. */
async function replay(parts: RecomputeParts, { engine, store, saved, changed, since }: Replay): Promise<number> {
  const { log, lanes, targetOf, write, logger } = parts
  // Births may be older than the log, and who owns a device may have been decided before it.
  const ledgers = saved.ledgers.map(({ site, node, ts }) => ({ ...createLedger(site, node), ts }))
  const known = { registry: { ...saved.registry, times: [] }, ledgers, digests: [] }
  engine.restore({ ...saved, ...known, indicators: { streams: [], derived: [] }, cases: undefined, clock: 0 })
  let points = 0
  let lastSave = performance.now()
  const give = async (output: Output): Promise<void> => {
    const values = output.points.filter(({ indicator, ts }) => {
      return changed.has(indicator.id) && ts - reachBackMs(indicator as Indicator) >= since
    })
    const rollups = output.rollups.filter(({ ts }) => ts >= since)
    points += values.length
    const { lines, failures } = linesOf({ points: values, rollups }, targetOf)
    const [err] = [...output.failures, ...failures]
    if (err) logger.error({ err }, 'recomputation failed for some points; they are skipped')
    await write(lines)
    if (performance.now() - lastSave < saveMs) return
    await store.save(engine.changes({ live: 0, backlog: 0 }))
    lastSave = performance.now()
  }
  for (const lane of laneNames) {
    const end = saved.offsets[lane] ?? 0
    const { first } = log.bounds(lanes[lane])
    for await (const batch of log.read(lanes[lane], first, { follow: false })) {
      if (batch.offset >= end) break
      await give(engine.process(upTo(batch, end), lane))
    }
  }
  await give(engine.settle())
  await give(engine.tick(saved.clock))
  await store.save(engine.changes({ live: 0, backlog: 0 }))
  return points
}

/** The part of a batch that has been processed. */
function upTo({ offset, records, next }: LogBatch, end: number): LogBatch {
  return next <= end ? { offset, records, next } : { offset, records: records.slice(0, end - offset), next: end }
}

/** How long before its time a value of an indicator begins to depend on what happened, in ms. */
function reachBackMs(indicator: AnyIndicator): number {
  if (indicator.kind === 'derived') {
    const reaches = Object.values(indicator.inputs).map(
      ({ indicator: input, values }) => reachBackMs(input) + (values - 1) * stepMs(input),
    )
    return Math.max(...reaches)
  }
  return lengthMs(indicator.window)
}

/** When the oldest record of the log arrived, in ms; `undefined` if nothing was ever taken from it. */
async function reachOf({ log, lanes }: RecomputeParts): Promise<number | undefined> {
  const oldest: number[] = []
  for (const lane of laneNames) {
    const { first } = log.bounds(lanes[lane])
    if (first === 0) continue
    for await (const { records } of log.read(lanes[lane], first, { follow: false })) {
      oldest.push(records[0]?.arrival ?? Number.POSITIVE_INFINITY)
      break
    }
  }
  return oldest.length === 0 ? undefined : Math.max(...oldest)
}
