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
    title: "Memory limit of the store's database engine",
  },
  storageBodyLimitMb: {
    type: 'integer',
    default: 25,
    minimum: 1,
    maximum: 1024,
    unit: 'MB',
    title: 'Maximum body of a write, after decompression',
  },
  storageRequestTimeoutMs: {
    type: 'integer',
    default: 60_000,
    minimum: 1_000,
    maximum: 3_600_000,
    unit: 'ms',
    title: 'Timeout for sending a request, and idle timeout while the client reads the answer',
  },
  storageQueueLimitMb: {
    type: 'integer',
    default: 64,
    minimum: 1,
    maximum: 4096,
    unit: 'MB',
    title: 'Maximum size of queued writes; beyond it a write is answered with 503',
  },
  storageQueryTimeoutMs: {
    type: 'integer',
    default: 60_000,
    minimum: 100,
    maximum: 3_600_000,
    unit: 'ms',
    title: 'Time limit of one statement',
  },
  storageQueryRows: {
    type: 'integer',
    default: 1_000_000,
    minimum: 1_000,
    maximum: 100_000_000,
    title: 'Maximum rows in the answer to one statement',
  },
  storageRetention: {
    type: 'string',
    default: '',
    title: 'Retention by measurement, such as system=90d,indicator=5y,*=2y; otherwise unlimited',
  },
  storageCompactRows: {
    type: 'integer',
    default: 150_000,
    minimum: 1_000,
    maximum: 10_000_000,
    title: 'Rows that one compaction step rewrites; a write waits for at most one step',
  },
  storageMaxSeries: {
    type: 'integer',
    default: 1_000_000,
    minimum: 1_000,
    maximum: 100_000_000,
    title: 'Maximum series (measurement and tag set) in the store',
  },
})

/** Most fields of one measurement, whatever the memory: each is a column. */
const maxFieldsAnyway = 2_000

/**
 * Most fields of one measurement. To append a row, DuckDB needs two blocks of 256 KiB for each column of the table at once,
 * which in a table of one measurement may come to half of the memory. Measurements that share a table share its columns,
 * type by type.
 */
export function maxFields(memoryMb: number, shared: boolean): number {
  return Math.min(maxFieldsAnyway, shared ? Math.floor(memoryMb / 4) : memoryMb)
}

/** Columns of all tables, from which on new measurements share one: these blocks of theirs are an eighth of the memory. */
export function ownColumns(memoryMb: number): number {
  return Math.floor(memoryMb / 4)
}
