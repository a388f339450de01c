import { join } from 'node:path'
import { type Options, optionSchema } from '@ioc/contract/options.ts'
import { logBackends } from './backends/table.ts'
import { type DeadLetters, openDeadLetters } from './dead-letters.ts'
import type { IngestLog } from './ingest-log.ts'
import { partitionsWithLanes } from './lanes.ts'

/** What every process that opens the log takes. */
export const logOptions = optionSchema({
  logBackend: {
    type: 'string',
    default: 'lmdb',
    enum: Object.keys(logBackends) as (keyof typeof logBackends)[],
    title: 'Kind of ingest log; fixed after the first record',
  },
  logPartitions: {
    type: 'integer',
    default: 1,
    minimum: 1,
    maximum: 64,
    title: 'Partitions of the ingest log; fixed after the first record',
  },
  logMaxGb: {
    type: 'number',
    default: 20,
    minimum: 0.001,
    maximum: 100_000,
    unit: 'GB',
    title: 'Maximum size of the ingest log; a full log acknowledges no messages',
  },
  logDurability: {
    type: 'string',
    default: 'flush',
    enum: ['flush', 'commit'],
    title: 'Time of the PUBACK: when the message is on disk (flush), or when the processor can read it (commit)',
  },
  deadLettersMax: {
    type: 'integer',
    default: 10_000,
    minimum: 1,
    maximum: 10_000_000,
    title: 'Maximum dead letters; the oldest of the node with the most are evicted first',
  },
})

type LogOptions = Options<typeof logOptions> & { readonly dataDir: string }

/** The log, in which each partition has its lanes, and the dead letters of a data folder. */
export function openLogs(options: LogOptions): { readonly log: IngestLog; readonly deadLetters: DeadLetters } {
  const log = logBackends[options.logBackend]({
    path: join(options.dataDir, 'ingest-log'),
    partitions: partitionsWithLanes(options.logPartitions),
    maxBytes: options.logMaxGb * 1e9,
    durability: options.logDurability,
  })
  return { log, deadLetters: openDeadLetters(join(options.dataDir, 'dead-letters'), options.deadLettersMax) }
}
