import { optionSchema } from '@ioc/contract/options.ts'
import { httpGuardOptions } from '@ioc/runtime/http-guard.ts'

/** What the embedded store takes besides the options common to every process. */
export const embeddedOptions = optionSchema({
  ...httpGuardOptions,
  storageMemoryMb: {
    type: 'integer',
    default: 512,
    minimum: 64,
    maximum: 1_000_000,
    unit: 'MB',
    title: "Memory that the store's database engine may use",
  },
  storageBodyLimitMb: {
    type: 'integer',
    default: 25,
    minimum: 1,
    maximum: 1024,
    unit: 'MB',
    title: 'Largest body of a write, after decompression',
  },
  storageRequestTimeoutMs: {
    type: 'integer',
    default: 60_000,
    minimum: 1_000,
    maximum: 3_600_000,
    unit: 'ms',
    title: 'Longest time that a client may take to send a request, or stay silent while it is answered',
  },
  storageQueueLimitMb: {
    type: 'integer',
    default: 64,
    minimum: 1,
    maximum: 4096,
    unit: 'MB',
    title: 'Text that waits to be written; beyond it a write is answered 503',
  },
  storageQueryTimeoutMs: {
    type: 'integer',
    default: 60_000,
    minimum: 100,
    maximum: 3_600_000,
    unit: 'ms',
    title: 'Longest time that one statement of a query may take',
  },
  storageQueryRows: {
    type: 'integer',
    default: 1_000_000,
    minimum: 1_000,
    maximum: 100_000_000,
    title: 'Most rows that one statement may answer with',
  },
  storageRetention: {
    type: 'string',
    default: '',
    title: 'How long points are kept, by measurement, as system=90d,indicator=5y,*=2y; for ever where nothing is said',
  },
  storageCompactRows: {
    type: 'integer',
    default: 150_000,
    minimum: 1_000,
    maximum: 10_000_000,
    title: 'Rows that compaction rewrites at a time; a write waits for one such step at most',
  },
  storageMaxSeries: {
    type: 'integer',
    default: 1_000_000,
    minimum: 1_000,
    maximum: 100_000_000,
    title: 'Most series (measurement and tag set) that the store keeps',
  },
})

/** Most fields of one measurement, whatever the memory: each is a column. */
const mostFields = 2_000

/**
 * Most fields of one measurement. To append a row, DuckDB needs two blocks of 256 KiB for each column of the table at once,
 * which in a table of one measurement may come to half of the memory. Measurements that share a table share its columns,
 * type by type.
 */
export function maxFields(memoryMb: number, shared: boolean): number {
  return Math.min(mostFields, shared ? Math.floor(memoryMb / 4) : memoryMb)
}

/** Columns of all tables, from which on new measurements share one: these blocks of theirs are an eighth of the memory. */
export function ownColumns(memoryMb: number): number {
  return Math.floor(memoryMb / 4)
}
