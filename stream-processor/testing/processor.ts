import { join } from 'node:path'
import { openLmdbLog } from '@ioc/ingest-log/backends/lmdb/lmdb-log.ts'
import { openDeadLetters } from '@ioc/ingest-log/dead-letters.ts'
import type { IngestLog } from '@ioc/ingest-log/ingest-log.ts'
import { lanesOf, partitionsWithLanes } from '@ioc/ingest-log/lanes.ts'
import { createLogger } from '@ioc/runtime/logger.ts'
import type { Running } from '@ioc/runtime/process.ts'
import { indicators } from '../indicators/table.ts'
import { type ProcessorParts, startProcessor } from '../processor.ts'
import { type Changes, openCheckpointStore } from '../state/checkpoint-store.ts'
import { testEngine } from './engine.ts'

export interface TestProcessor extends Running {
  gauges(): Record<string, number>
}

export interface TestProcessorOptions extends Partial<Pick<ProcessorParts, 'publish' | 'retentionBytes'>> {
  readonly log: IngestLog
  readonly write: ProcessorParts['write']
  /** Told of each checkpoint once it is on disk. */
  readonly onSaved?: (changes: Changes) => void
}

/** Exact, so that they equal what an oracle computes, and few: what a batch costs is not what such tests are of. */
const names = ['system_cpu_1m', 'system_cpu_5m', 'system_memory_5m', 'system_disk']
export const machineIndicators = indicators.filter(({ id }) => names.includes(id))

/** The log of one partition in a folder. */
export function openTestLog(folder: string, maxBytes = 1e9): IngestLog {
  return openLmdbLog({ path: join(folder, 'log'), partitions: partitionsWithLanes(1), maxBytes, durability: 'flush' })
}

/** A processor with all its parts but the store and the live topics, with its state in a folder. */
export function startTestProcessor(folder: string, options: TestProcessorOptions): TestProcessor {
  const { log, write, publish = () => undefined, retentionBytes = 1e9, onSaved } = options
  const store = openCheckpointStore(join(folder, 'state'))
  const deadLetters = openDeadLetters(join(folder, 'dead-letters'), 10)
  const save = async (changes: Changes, after?: Promise<void>) => {
    await store.save(changes, after)
    onSaved?.(changes)
  }
  const processor = startProcessor({
    lanes: lanesOf(0, 1),
    log,
    engine: testEngine({ indicators: machineIndicators, idleMs: 200, archiveOf: store.archiveOf }),
    checkpoints: { ...store, save },
    deadLetters,
    write,
    publish,
    isReceiving: () => true,
    logger: createLogger('stream-processor', { logLevel: 'silent' }),
    checkpointMs: 10,
    retentionMs: 3_600_000,
    retentionBytes,
  })
  return {
    async stop() {
      await processor.stop()
      await store.stop()
      await deadLetters.stop()
    },
    gauges: () => processor.gauges?.() ?? {},
  }
}
