import { IocError } from '@ioc/contract/errors.ts'
import type { Database, RootDatabase } from 'lmdb'
import { committed } from '../../committed.ts'
import type { LogRecord, Offset } from '../../ingest-log.ts'
import { encodeBatch, encodedBytes } from '../../record-codec.ts'

export type Table = Database<Buffer, number>

export interface AppenderOptions {
  readonly root: RootDatabase
  readonly tableOf: (partition: number) => Table
  /** The offset that the next record of a partition gets; asked before its first one. */
  readonly startOf: (partition: number) => Offset
  readonly hasRoom: () => boolean
}

export interface Appender {
  append(partition: number, record: LogRecord): Promise<Offset>
  /** Resolves when nothing is waiting. */
  idle(): Promise<void>
}

/** A batch is closed at either bound, so that a reader gets bounded batches. */
const maxRecords = 1024
const maxBytes = 1 << 20
/** Bytes appended between two measurements of the room that is left. */
const measureEvery = 1 << 18

interface Waiting {
  readonly record: LogRecord
  readonly resolve: (offset: Offset) => void
  readonly reject: (error: Error) => void
}

/**
 * Group commit: what arrives while one flush is under way goes out together with the next one, in one transaction,
 * whichever partitions it is for.
 */
export function createAppender({ root, tableOf, startOf, hasRoom }: AppenderOptions): Appender {
  const next = new Map<number, Offset>()
  /** Bytes that may still be appended before the room is measured again: that costs more than a small commit. */
  let unmeasured = 0
  let waiting = new Map<number, Waiting[]>()
  let running: Promise<void> | undefined

  async function run(): Promise<void> {
    // One turn of the event loop gathers what its callbacks append.
    await new Promise(setImmediate)
    while (waiting.size > 0) {
      const groups = waiting
      waiting = new Map()
      await commit(groups)
    }
    running = undefined
  }

  async function commit(groups: ReadonlyMap<number, readonly Waiting[]>): Promise<void> {
    try {
      if (unmeasured <= 0 && !hasRoom()) throw new IocError('LOG_FULL', 'the ingest log has reached its size limit')
      if (unmeasured <= 0) unmeasured = measureEvery
      await committed(
        root.transaction(() => {
          for (const [partition, group] of groups) put(partition, group)
        }),
      )
    } catch (error) {
      for (const group of groups.values()) for (const { reject } of group) reject(error as Error)
      return
    }
    for (const [partition, group] of groups) {
      const start = startAt(partition)
      next.set(partition, start + group.length)
      for (const [index, { resolve }] of group.entries()) resolve(start + index)
    }
  }

  function put(partition: number, group: readonly Waiting[]): void {
    const table = tableOf(partition)
    let offset = startAt(partition)
    for (const batch of split(group)) {
      const bytes = encodeBatch(batch.map(({ record }) => record))
      table.put(offset, bytes)
      unmeasured -= bytes.length
      offset += batch.length
    }
  }

  function startAt(partition: number): Offset {
    let offset = next.get(partition)
    if (offset === undefined) {
      offset = startOf(partition)
      next.set(partition, offset)
    }
    return offset
  }

  return {
    append(partition, record) {
      // Before it waits: a partition that is not there is refused by itself.
      startAt(partition)
      return new Promise((resolve, reject) => {
        const group = waiting.get(partition)
        if (group) group.push({ record, resolve, reject })
        else waiting.set(partition, [{ record, resolve, reject }])
        running ??= run()
      })
    },
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
