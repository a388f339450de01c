import type { IngestLog, Offset } from '@ioc/ingest-log/ingest-log.ts'
import { type ByLane, laneNames } from '@ioc/ingest-log/lanes.ts'
import type { Logger } from '@ioc/runtime/logger.ts'

export interface TrimmerOptions {
  readonly log: IngestLog
  readonly lanes: ByLane<number>
  /** How long the log keeps what is processed, in ms, and how large it may be while it does. */
  readonly retentionMs: number
  readonly retentionBytes: number
  readonly logger: Logger
}

/** How often the log is looked at for what is too old to keep, in ms. */
const trimMs = 60_000
/** When the log is too large, so much of what is processed goes at a time. */
const trimShare = 0.1

/** Gives back what is too old, or too much, of what lies before `processed`, in both lanes. */
export function createTrimmer({ log, lanes, retentionMs, retentionBytes, logger }: TrimmerOptions) {
  let lastTrim = performance.now()

  return async (processed: ByLane<Offset>): Promise<void> => {
    const full = log.sizeBytes() > retentionBytes
    if (!full && performance.now() - lastTrim < trimMs) return
    lastTrim = performance.now()
    for (const lane of laneNames) {
      const partition = lanes[lane]
      const { first } = log.bounds(partition)
      const before = full
        ? first + Math.ceil((processed[lane] - first) * trimShare)
        : await firstOffsetSince(log, partition, Date.now() - retentionMs, processed[lane])
      // What cannot be trimmed now stays, and is trimmed later.
      await log.trim(partition, before).catch((error: Error) => logger.warn({ err: error }, 'cannot trim the log'))
    }
  }
}

/** The first offset whose batch arrived at or after `since`, and not beyond `before`. By bisection over the offsets. */
async function firstOffsetSince(log: IngestLog, partition: number, since: number, before: Offset): Promise<Offset> {
  let { first: low } = log.bounds(partition)
  let high = before
  while (low < high) {
    const middle = Math.floor((low + high) / 2)
    if ((await arrivalAt(log, partition, middle)) < since) low = middle + 1
    else high = middle
  }
  return low
}

async function arrivalAt(log: IngestLog, partition: number, offset: Offset): Promise<number> {
  for await (const batch of log.read(partition, offset, { follow: false }))
    return batch.records[0]?.arrival ?? Number.POSITIVE_INFINITY
  return Number.POSITIVE_INFINITY
}
