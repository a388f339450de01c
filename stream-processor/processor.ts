import { setTimeout as sleep } from 'node:timers/promises'
import { isIocError } from '@ioc/contract/errors.ts'
import type { DeadLetters } from '@ioc/ingest-log/dead-letters.ts'
import type { IngestLog, Offset } from '@ioc/ingest-log/ingest-log.ts'
import { type ByLane, type LaneName, laneNames } from '@ioc/ingest-log/lanes.ts'
import { stopFailed } from '@ioc/runtime/exit.ts'
import type { Logger } from '@ioc/runtime/logger.ts'
import type { Running } from '@ioc/runtime/process.ts'
import type { Engine, Output } from './engine/engine.ts'
import type { LiveSource } from './engine/live-source.ts'
import type { TargetOf } from './indicators/target.ts'
import { createLaneReader } from './lane-reader.ts'
import { linesOf } from './lines.ts'
import { createTrimmer } from './log-trimmer.ts'
import type { CheckpointStore } from './state/checkpoint-store.ts'
import { createTurns, maxBacklogLinesInFlight, maxLinesInFlight } from './turns.ts'

export interface ProcessorParts {
  /** Where the lanes of its partition are in the log. */
  readonly lanes: ByLane<number>
  readonly log: IngestLog
  readonly engine: Engine
  readonly checkpoints: CheckpointStore
  readonly deadLetters: DeadLetters
  /** The targets that are stored with the values of indicators; without it those that are declared. */
  readonly targetOf?: TargetOf
  /** Resolves when the store took the lines. */
  readonly write: (lines: string[]) => Promise<void>
  readonly publish: (live: readonly LiveSource[]) => void
  /** Whether the broker is there, so that what is not in the log was not sent. */
  readonly isReceiving: () => boolean
  readonly logger: Logger
  readonly checkpointMs: number
  /** How long the log keeps what is processed, in ms, and how large it may be while it does. */
  readonly retentionMs: number
  readonly retentionBytes: number
}

export interface Processor extends Running {
  /** Resolves when what was live before the start is processed: from then on, a topic without a value is gone. */
  readonly caughtUp: Promise<void>
  /** Resolves when a checkpoint that begins now is saved. */
  checkpoint(): Promise<void>
  /** Saves a last checkpoint; if the store does not answer for so long, it is left out. */
  stop(patienceMs?: number): Promise<void>
}

/** How often time passes for the engine while nothing live arrives, in ms. */
const tickMs = 1_000
/** Least time between two looks at what has changed live, in ms: less than a person sees. */
const liveMs = 20
/** Of how many things at most at each look: far more than are published, far fewer than there may be. */
const maxLive = 1_000
/** How long stopping waits for the store, in ms. */
const defaultPatienceMs = 5_000

/**
 * Reads a partition from its last checkpoint on: engine, store, live topics. A checkpoint is saved after the store took all that
 * came before it, so that after a crash nothing is missing; what is written again is written under the same timestamps.
 */
export function startProcessor(parts: ProcessorParts): Processor {
  const { lanes, log, engine, checkpoints, deadLetters, targetOf, write, publish, isReceiving, logger } = parts
  const abort = new AbortController()
  const turns = createTurns()
  const trim = createTrimmer(parts)
  const { offsets: start, isAnew } = restore(parts)
  let wake: () => void = () => undefined
  /** Where the live lane ended when the head of the backlog was read: what it holds until there came before it. */
  let liveBeforeBacklog = 0
  const openLane = (lane: LaneName) => {
    const onRead = () => {
      if (lane === 'backlog') liveBeforeBacklog = log.bounds(lanes.live).next
      wake()
    }
    return createLaneReader({ log, partition: lanes[lane], from: start[lane], signal: abort.signal, onRead })
  }
  const readers = { live: openLane('live'), backlog: openLane('backlog') }
  const liveAtStart = log.bounds(lanes.live).next
  let noteCaughtUp: () => void = () => undefined
  const caughtUp = new Promise<void>((resolve) => (noteCaughtUp = resolve))
  let linesInFlight = 0
  /** What could neither be processed nor written as a line. */
  let failures = 0
  let written: Promise<void> = Promise.resolve()
  let checkpointing: Promise<void> | undefined
  let lastCheckpoint = performance.now()
  /** When the engine last learned the time, from a live batch or a tick. */
  let lastTime = performance.now()
  let lastLive = performance.now()
  let hasMoreLive = false
  /** Whether what fails from now on is of no consequence, and nothing is to be saved any more. */
  let isOver = false
  publish(engine.snapshot())

  const running = run().catch((error: Error) => {
    // The engine may stand in the middle of a batch: that is not to be saved.
    isOver = true
    logger.fatal({ err: error }, 'unrecoverable error, stopping')
    stopFailed()
  })

  /** One step after the other: no batch, tick or beginning of a checkpoint meets another. */
  async function run(): Promise<void> {
    try {
      // What an older version saved, or a crash left half cleared, is not to be mixed with what comes.
      if (isAnew) await checkpoints.clear()
      while (!abort.signal.aborted) {
        const lane = nextLane()
        if (lane) take(lane)
        if (readers.live.offset >= liveAtStart) noteCaughtUp()
        if (isTickDue()) {
          lastTime = performance.now()
          give(engine.tick(Date.now(), !isReceiving()), lanes.live)
        }
        if (!lane || performance.now() - lastLive >= liveMs) giveLive()
        if (performance.now() - lastCheckpoint >= parts.checkpointMs) startCheckpoint()
        // The live topics and the store's answers have their turn between two batches.
        if (lane || isTickDue()) await new Promise(setImmediate)
        else await change()
      }
    } finally {
      abort.abort()
      for (const lane of laneNames) await readers[lane].stop()
    }
  }

  function nextLane(): LaneName | undefined {
    return turns.next({ live: readers.live.head !== undefined, backlog: isBacklogDue() }, linesInFlight)
  }

  /** A node's backlog comes after its birth, which says what its devices are: the lanes are read apart from each other. */
  function isBacklogDue(): boolean {
    const { live, backlog } = readers
    if (!backlog.head) return false
    if (!live.head) return live.offset >= liveBeforeBacklog
    const [first] = live.head.records
    const last = backlog.head.records.at(-1)
    return first !== undefined && last !== undefined && last.arrival < first.arrival
  }

  /** Time passes when nothing live arrives, too; not while the store is away, because it gives lines. */
  function isTickDue(): boolean {
    if (readers.live.head) return false
    const hasMore = engine.hasMore()
    if (!hasMore && performance.now() - lastTime < tickMs) return false
    if (linesInFlight > (hasMore ? maxBacklogLinesInFlight : maxLinesInFlight)) return false
    // Last, as it reads the log.
    return readers.live.depth() === 0
  }

  /** Resolves when something was read or stored, or when a tick may be due, or more is live. */
  function change(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, hasMoreLive ? liveMs : tickMs)
      wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }

  function take(lane: LaneName): void {
    const batch = readers[lane].take()
    turns.took(
      lane,
      batch.records.reduce((sum, { payload }) => sum + payload.byteLength, 0),
    )
    if (lane === 'live') lastTime = performance.now()
    give(engine.process(batch, lane), lanes[lane])
  }

  /** At once where nothing else is to be done: what is given out more often than it is heard costs for nothing. */
  function giveLive(): void {
    lastLive = performance.now()
    const live = engine.takeLive(maxLive)
    hasMoreLive = live.length >= maxLive
    publish(live)
  }

  function give(output: Output, partition: number): void {
    // Offsets, from which their ids are made, are those of one partition.
    const letters = output.deadLetters.map(({ id, letter }) => deadLetters.add(letter, `${partition}-${id}`))
    const { lines, failures } = linesOf(output, targetOf)
    noteFailures([...output.failures, ...failures])
    linesInFlight += lines.length
    const writing = write(lines).finally(() => {
      linesInFlight -= lines.length
      wake()
    })
    written = Promise.all([written, writing, ...letters]).then(() => undefined)
    // The next checkpoint awaits it, and says what failed: until then it must not go unhandled.
    written.catch(() => undefined)
  }

  /** What a batch could not do costs that alone: one that stopped here would come again at each start. */
  function noteFailures(errors: readonly Error[]): void {
    const [err] = errors
    if (!err) return
    failures += errors.length
    logger.error({ err, failures: errors.length }, 'processing failed for some records or points; they are skipped')
  }

  function startCheckpoint(): void {
    if (checkpointing || isOver) return
    lastCheckpoint = performance.now()
    const changes = engine.changes({ live: readers.live.offset, backlog: readers.backlog.offset })
    checkpointing = checkpoints
      .save(changes, written)
      .then(() => trim(changes.offsets))
      .catch((error: Error) => {
        if (isOver) return
        // State and store agree no more than the last checkpoint says: start again from there.
        isOver = true
        logger.fatal({ err: error }, 'cannot save a checkpoint')
        stopFailed()
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

  return {
    caughtUp,
    async checkpoint() {
      await checkpointing
      startCheckpoint()
      await checkpointing
    },
    async stop(patienceMs = defaultPatienceMs) {
      abort.abort()
      wake()
      // If the store is away there is no last checkpoint: the next start goes on from the one before.
      const patience = Number.isFinite(patienceMs) ? [sleep(patienceMs, undefined, { ref: false })] : []
      await Promise.race([finish(), ...patience])
      isOver = true
    },
    gauges: () => ({
      ...engine.counts,
      failures: engine.counts.failures + failures,
      over_limit: engine.overLimit(),
      log_depth: readers.live.depth() + readers.backlog.depth(),
      backlog_depth: readers.backlog.depth(),
      lag_ms: readers.live.lagMs(),
      backlog_lag_ms: readers.backlog.lagMs(),
      offset: readers.live.offset,
      backlog_offset: readers.backlog.offset,
      lines_in_flight: linesInFlight,
      amendments: engine.windows.streams.reduce((sum, { windows }) => sum + windows.waiting, 0),
      series: engine.windows.streams.reduce((sum, { windows }) => sum + windows.size, 0),
    }),
  }
}

/** Restores the last checkpoint; where there is none that fits, everything is computed anew from the log. */
function restore({ engine, checkpoints, log, lanes, logger }: ProcessorParts): {
  offsets: ByLane<Offset>
  isAnew: boolean
} {
  const first = { live: log.bounds(lanes.live).first, backlog: log.bounds(lanes.backlog).first }
  try {
    const saved = checkpoints.load()
    if (!saved) return { offsets: first, isAnew: true }
    engine.restore(saved)
    const { live, backlog = first.backlog } = saved.offsets
    const offsets = { live, backlog }
    logger.info({ offsets }, 'state restored')
    if (saved.offsets.backlog === undefined)
      logger.info({ offsets }, 'the state is from a log without a backlog lane: the log continues as the live lane')
    for (const lane of laneNames) {
      if (offsets[lane] >= first[lane]) continue
      const { [lane]: offset } = offsets
      logger.error(
        { lane, offset, first: first[lane] },
        'the log was trimmed beyond the checkpoint: the records in between are lost',
      )
      offsets[lane] = first[lane]
    }
    return { offsets, isAnew: false }
  } catch (error) {
    if (!isIocError(error, 'CHECKPOINT_INVALID')) throw error
    logger.warn({ reason: error.message, first }, 'recomputing from the log, as far back as it reaches')
    return { offsets: first, isAnew: true }
  }
}
