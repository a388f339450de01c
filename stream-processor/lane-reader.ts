import type { IngestLog, LogBatch, Offset } from '@ioc/ingest-log/ingest-log.ts'

/** Reads one lane of the log, one batch ahead, so that it can be seen whether there is one. */
export interface LaneReader {
  /** Offset of the first record that was not taken. */
  readonly offset: Offset
  /** The batch that is next, if it has been read. @throws IocError OFFSET_TRIMMED, or whatever ended the reading */
  readonly head: LogBatch | undefined
  /** Takes the head, and reads on behind it. */
  take(): LogBatch
  /** Records that were not taken. */
  depth(): number
  /** How long the first of them has been in the log, in ms; 0 where none waits. */
  lagMs(): number
  /** Resolves when nothing is read any more. */
  stop(): Promise<void>
}

export interface LaneReaderOptions {
  readonly log: IngestLog
  readonly partition: number
  readonly from: Offset
  /** Ends the reading. */
  readonly signal: AbortSignal
  /** Told when there is a head, or none for ever. */
  readonly onRead: () => void
}

export function createLaneReader({ log, partition, from, signal, onRead }: LaneReaderOptions): LaneReader {
  const batches = log.read(partition, from, { signal })[Symbol.asyncIterator]()
  let offset = from
  let head: LogBatch | undefined
  let failure: { readonly error: unknown } | undefined

  async function readOn(): Promise<void> {
    try {
      const { value, done } = await batches.next()
      if (!done) head = value
    } catch (error) {
      failure = { error }
    }
    onRead()
  }
  void readOn()

  return {
    get offset() {
      return offset
    },
    get head() {
      if (failure) throw failure.error
      return head
    },
    take() {
      const batch = head
      if (!batch) throw new RangeError(`partition ${partition} has no batch to read`)
      head = undefined
      offset = batch.next
      void readOn()
      return batch
    },
    depth: () => log.bounds(partition).next - offset,
    lagMs: () => (head?.records[0] ? Math.max(0, Date.now() - head.records[0].arrival) : 0),
    stop: async () => {
      await batches.return?.()
    },
  }
}
