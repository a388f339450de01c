import { IocError } from '@ioc/contract/errors.ts'
import type { Database } from 'lmdb'
import { committed } from '../../committed.ts'
import type { LogRecord, Offset } from '../../ingest-log.ts'
import { encodeBatch, encodedBytes } from '../../record-codec.ts'

export interface Appender {
  append(record: LogRecord): Promise<Offset>
  /** Resolves when nothing is waiting. */
  idle(): Promise<void>
}

/** A batch is closed at either bound, so that a reader gets bounded batches. */
const maxRecords = 1024
const maxBytes = 1 << 20

interface Waiting {
  readonly record: LogRecord
  readonly resolve: (offset: Offset) => void
  readonly reject: (error: Error) => void
}

/** Group commit: what arrives while one flush is under way goes out together with the next one. */
export function createAppender(table: Database<Buffer, number>, start: Offset, hasRoom: () => boolean): Appender {
  let next = start
  let waiting: Waiting[] = []
  let running: Promise<void> | undefined

  async function run(): Promise<void> {
    // One turn of the event loop gathers what its callbacks append.
    await new Promise(setImmediate)
    while (waiting.length > 0) {
      const group = waiting
      waiting = []
      await commit(group)
    }
    running = undefined
  }

  async function commit(group: readonly Waiting[]): Promise<void> {
    const first = next
    try {
      if (!hasRoom()) throw new IocError('LOG_FULL', 'the ingest log has reached its size limit')
      await committed(
        table.transaction(() => {
          let offset = first
          for (const batch of split(group)) {
            table.put(offset, encodeBatch(batch.map(({ record }) => record)))
            offset += batch.length
          }
        }),
      )
      next = first + group.length
      for (const [index, { resolve }] of group.entries()) resolve(first + index)
    } catch (error) {
      for (const { reject } of group) reject(error as Error)
    }
  }

  return {
    append: (record) =>
      new Promise((resolve, reject) => {
        waiting.push({ record, resolve, reject })
        running ??= run()
      }),
    idle: async () => {
      await running
    },
  }
}

function* split(group: readonly Waiting[]): Iterable<readonly Waiting[]> {
  let from = 0
  let bytes = 0
  for (let at = 0; at < group.length; at++) {
    const size = encodedBytes((group[at] as Waiting).record)
    if (at > from && (at - from >= maxRecords || bytes + size > maxBytes)) {
      yield group.slice(from, at)
      from = at
      bytes = 0
    }
    bytes += size
  }
  yield group.slice(from)
}
