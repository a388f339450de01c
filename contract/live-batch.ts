/** A live value as it stands in a batch. */
export interface LiveBatchEntry {
  /** The whole topic, below `ioc/v1/_live/`. It has no space in it: names are slugs, and groups are percent-encoded. */
  readonly topic: string
  /** JSON in one line; empty where the topic is removed. */
  readonly payload: string
}

/**
 * In place of a topic: an entry that surrounds a snapshot, which is every value that there is. `false` begins one, `true`
 * ends it: a topic that was not in it exists no longer. The broker sends the state of the last snapshot as a retained batch,
 * after everything else that it retains.
 */
export const snapshotMark = '_snapshot'

const space = 0x20
const newline = 0x0a

/** An entry of a batch: `topic JSON`, and a newline. A batch is entries one after the other. */
export function liveBatchLine(topic: string, payload: string): string {
  return `${topic} ${payload}\n`
}

/** The entry that begins a snapshot, or ends it. */
export function snapshotLine(complete: boolean): string {
  return liveBatchLine(snapshotMark, String(complete))
}

/** Parses a batch. Payloads are copies: one value that is kept must not keep its whole batch in memory. */
export function* parseLiveBatch(batch: Buffer): Iterable<LiveBatchEntry> {
  for (let at = 0; at < batch.length; ) {
    const middle = batch.indexOf(space, at)
    const end = batch.indexOf(newline, at)
    if (middle < 0 || end < middle) return
    yield { topic: batch.toString('latin1', at, middle), payload: batch.toString('utf8', middle + 1, end) }
    at = end + 1
  }
}
