/** A position in one partition: records are numbered from 0 without a gap. */
export type Offset = number

/**
 * The kinds of records, each with its byte on disk, which never changes. The first three are messages as nodes sent them;
 * the others are written by the broker, see `broker-records.ts`.
 */
export const recordCodes = { telemetry: 0, cases: 1, status: 2, rejected: 3, connection: 4, forgotten: 5 } as const
export type RecordKind = keyof typeof recordCodes

/** One message as it arrived. */
export interface LogRecord {
  readonly kind: RecordKind
  readonly site: string
  readonly node: string
  /** The broker's clock when it arrived: milliseconds since 1970, UTC. */
  readonly arrival: number
  readonly payload: Uint8Array
}

/** Consecutive records of one partition. */
export interface LogBatch {
  /** Offset of the first record. */
  readonly offset: Offset
  readonly records: readonly LogRecord[]
  /** Offset after the last record: where the next read goes on. */
  readonly next: Offset
}

export interface ReadOptions {
  /** Ends the iteration. */
  readonly signal?: AbortSignal
  /** Whether to wait for records that are not there yet (the default), or to end at the tail. */
  readonly follow?: boolean
}

/** A durable, partitioned, offset-addressed log. One process appends to a partition; any number read it. */
export interface IngestLog {
  /**
   * Appends a record; resolves to its offset when it is on disk.
   * @throws IocError LOG_FULL (the record is not in the log), LOG_CLOSED
   */
  append(partition: number, record: LogRecord): Promise<Offset>
  /**
   * Reads from an offset on, in bounded batches, and follows the tail.
   * @throws IocError OFFSET_TRIMMED when the log no longer reaches back to `from`
   */
  read(partition: number, from: Offset, options?: ReadOptions): AsyncIterable<LogBatch>
  /** Gives the room of whole batches before an offset back to the log. The newest batch stays. */
  trim(partition: number, before: Offset): Promise<void>
  /** The first offset that can be read, and the offset that the next record gets. */
  bounds(partition: number): { readonly first: Offset; readonly next: Offset }
  /** Bytes in use on disk. */
  sizeBytes(): number
  stop(): Promise<void>
}
