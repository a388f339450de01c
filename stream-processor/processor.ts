import { setTimeout as sleep } from 'node:timers/promises'
import { isIocError } from '@ioc/contract/errors.ts'
import type { DeadLetters } from '@ioc/ingest-log/dead-letters.ts'
import type { IngestLog, LogBatch } from '@ioc/ingest-log/ingest-log.ts'
import type { Logger } from '@ioc/runtime/logger.ts'
import type { Running } from '@ioc/runtime/process.ts'
import type { Engine, Output } from './engine/engine.ts'
import type { LiveSource } from './engine/live-source.ts'
import { deadlineLines, indicatorLine, ledgerLine, measurementLines, rollupLine } from './lines.ts'
import type { CheckpointStore } from './state/checkpoint-store.ts'

export interface ProcessorParts {
  readonly partition: number
  readonly log: IngestLog
  readonly engine: Engine
  readonly checkpoints: CheckpointStore
  readonly deadLetters: DeadLetters
  /** Resolves when the store took the lines. */
  readonly write: (lines: string[]) => Promise<void>
  readonly publish: (live: readonly LiveSource[]) => void
  readonly logger: Logger
  readonly checkpointMs: number
  /** How long the log keeps what is processed, in ms, and how large it may be while it does. */
  readonly retentionMs: number
  readonly retentionBytes: number
}

/** Lines that may wait for the store before reading stops: the log on disk is the queue, not the memory. */
const maxLinesInFlight = 40_000
/** How often the log is looked at for what is too old to keep, in ms. */
const trimMs = 60_000
/** When the log is too large, so much of what is processed goes at a time. */
const trimShare = 0.1
/** How often time passes for the engine when nothing arrives, in ms. */
const tickMs = 1_000
/** How long stopping waits for the store, in ms. */
const patienceMs = 5_000

/**
 * Reads a partition from its last checkpoint on: engine, store, live topics. A checkpoint is saved after the store took all that
 * came before it, so that after a crash nothing is missing; what is written again is written under the same timestamps.
 */
export function startProcessor(parts: ProcessorParts): Running {
  const { partition, log, engine, checkpoints, deadLetters, write, publish, logger } = parts
  const abort = new AbortController()
  let offset = restore(parts)
  let saved = offset
  let linesInFlight = 0
  let written: Promise<void> = Promise.resolve()
  let checkpointing: Promise<void> | undefined
  let lastCheckpoint = performance.now()
  let lagMs = 0
  let lastBatch = performance.now()
  publish(engine.snapshot())

  const running = run().catch((error: Error) => {
    logger.fatal({ err: error }, 'the processor cannot go on')
    process.exitCode = 1
    process.kill(process.pid, 'SIGTERM')
  })

  async function run(): Promise<void> {
    for await (const batch of log.read(partition, offset, { signal: abort.signal })) {
      await take(batch)
      if (performance.now() - lastCheckpoint >= parts.checkpointMs) startCheckpoint()
      if (abort.signal.aborted) return
      // The live topics and the store's answers have their turn between two batches.
      await new Promise(setImmediate)
    }
  }

  async function take(batch: LogBatch): Promise<void> {
    const output = engine.process(batch)
    offset = batch.next
    lastBatch = performance.now()
    const arrival = batch.records.at(-1)?.arrival
    if (arrival !== undefined) lagMs = Math.max(0, Date.now() - arrival)
    await give(output)
  }

  /** Time passes when nothing arrives, too. */
  const ticking = setInterval(() => {
    if (performance.now() - lastBatch < tickMs || linesInFlight > maxLinesInFlight) return
    void give(engine.tick(Date.now()))
    if (performance.now() - lastCheckpoint >= parts.checkpointMs) startCheckpoint()
  }, tickMs)

  async function give(output: Output): Promise<void> {
    publish(output.live)
    const letters = output.deadLetters.map(({ id, letter }) => deadLetters.add(letter, id))
    const lines = linesOf(output)
    linesInFlight += lines.length
    const writing = write(lines).finally(() => {
      linesInFlight -= lines.length
    })
    written = Promise.all([written, writing, ...letters]).then(() => undefined)
    // Awaited by the next checkpoint, or by the wait below: a failure must not go unhandled until then.
    written.catch(() => undefined)
    if (linesInFlight > maxLinesInFlight) await written
  }

  function startCheckpoint(): void {
    if (checkpointing) return
    lastCheckpoint = performance.now()
    const changes = engine.changes(offset)
    checkpointing = written
      .then(() => checkpoints.save(changes))
      .then(() => {
        saved = changes.offset
        return trimLog()
      })
      .catch((error: Error) => {
        // State and store agree no more than the last checkpoint says: start again from there.
        logger.fatal({ err: error }, 'cannot save a checkpoint')
        process.exit(1)
      })
      .finally(() => {
        checkpointing = undefined
      })
  }

  async function finish(): Promise<void> {
    await running
    await checkpointing
    startCheckpoint()
    await checkpointing
  }

  let lastTrim = performance.now()
  async function trimLog(): Promise<void> {
    const full = log.sizeBytes() > parts.retentionBytes
    if (!full && performance.now() - lastTrim < trimMs) return
    lastTrim = performance.now()
    const { first } = log.bounds(partition)
    const before = full
      ? first + Math.ceil((saved - first) * trimShare)
      : await firstOffsetSince(log, partition, Date.now() - parts.retentionMs, saved)
    // What cannot be trimmed now stays, and is trimmed later.
    await log.trim(partition, before).catch((error: Error) => logger.warn({ err: error }, 'cannot trim the log'))
  }

  return {
    async stop() {
      clearInterval(ticking)
      abort.abort()
      // If the store is away there is no last checkpoint: the next start goes on from the one before.
      await Promise.race([finish(), sleep(patienceMs, undefined, { ref: false })])
    },
    gauges: () => ({
      ...engine.counts,
      log_depth: log.bounds(partition).next - offset,
      lag_ms: log.bounds(partition).next === offset ? 0 : lagMs,
      offset,
      lines_in_flight: linesInFlight,
      series: engine.windows.streams.reduce((sum, stream) => sum + stream.size, 0),
    }),
  }
}

/** Restores the last checkpoint; where there is none that fits, everything is computed anew from the log. */
function restore({ engine, checkpoints, log, partition, logger }: ProcessorParts): number {
  const { first } = log.bounds(partition)
  try {
    const saved = checkpoints.load()
    if (!saved) return first
    engine.restore(saved)
    logger.info({ offset: saved.offset }, 'restored')
    if (saved.offset >= first) return saved.offset
    logger.error({ offset: saved.offset, first }, 'the log was trimmed beyond the checkpoint: what lay between is lost')
    return first
  } catch (error) {
    if (!isIocError(error, 'CHECKPOINT_INVALID')) throw error
    logger.warn({ reason: error.message, first }, 'computing anew from the log, as far back as it reaches')
    return first
  }
}

function linesOf(output: Output): string[] {
  const lines: string[] = []
  for (const measurement of output.measurements) lines.push(...measurementLines(measurement))
  for (const point of output.points) lines.push(indicatorLine(point))
  for (const rollup of output.rollups) lines.push(rollupLine(rollup))
  lines.push(...deadlineLines(output.deadlines))
  for (const ledger of output.ledgerPoints) lines.push(ledgerLine(ledger))
  return lines
}

/** The first offset whose batch arrived at or after `since`, and not beyond `before`. By bisection over the offsets. */
async function firstOffsetSince(log: IngestLog, partition: number, since: number, before: number): Promise<number> {
  let { first: low } = log.bounds(partition)
  let high = before
  while (low < high) {
    const middle = Math.floor((low + high) / 2)
    if ((await arrivalAt(log, partition, middle)) < since) low = middle + 1
    else high = middle
  }
  return low
}

async function arrivalAt(log: IngestLog, partition: number, offset: number): Promise<number> {
  for await (const batch of log.read(partition, offset, { follow: false }))
    return batch.records[0]?.arrival ?? Number.POSITIVE_INFINITY
  return Number.POSITIVE_INFINITY
}
