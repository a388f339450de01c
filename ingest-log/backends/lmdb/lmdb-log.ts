import { setTimeout as sleep } from 'node:timers/promises'
import { IocError } from '@ioc/contract/errors.ts'
import { open, type RootDatabase } from 'lmdb'
import { committed } from '../../committed.ts'
import type { IngestLog, LogBatch, Offset, ReadOptions } from '../../ingest-log.ts'
import { decodeBatch } from '../../record-codec.ts'
import type { LogSettings } from '../open-log.ts'
import { createAppender, type Table } from './appender.ts'

/**
 * How long a reader at the tail waits until it looks again for records of another process, in ms: `minPollMs` while records
 * come, half as long again each time that there are none. So it waits no longer than about half of the gap between two
 * records, and at rest costs next to nothing.
 */
const minPollMs = 8
const maxPollMs = 100

/**
 * Opens a log in a folder. Each partition is a table of batches keyed by the offset of their first record; appends that
 * meet are one transaction and one flush, and one batch a partition.
 */
export function openLmdbLog(options: LogSettings): IngestLog {
  const root: RootDatabase = open({
    path: options.path,
    noSubdir: false,
    compression: false,
    encoding: 'binary',
    overlappingSync: false,
    noSync: options.durability === 'commit',
    eventTurnBatching: false,
    maxDbs: options.partitions,
  })
  const tables = Array.from({ length: options.partitions }, (_, partition) =>
    root.openDB<Buffer, number>({ name: `partition-${partition}`, encoding: 'binary' }),
  )
  let closed = false

  const tableOf = (partition: number): Table => {
    const table = tables[partition]
    if (!table) throw new RangeError(`partition ${partition} does not exist`)
    return table
  }

  const appender = createAppender({
    root,
    tableOf,
    startOf: (partition) => nextOffset(tableOf(partition)),
    hasRoom: () => usedBytes(tables) < options.maxBytes,
  })

  async function* read(
    partition: number,
    from: Offset,
    { signal, follow = true }: ReadOptions = {},
  ): AsyncIterable<LogBatch> {
    const table = tableOf(partition)
    let offset = from
    // A reader may begin inside a batch; from then on it stands between two.
    let inside = true
    let waitMs = minPollMs
    while (!closed && !signal?.aborted) {
      const batch = (inside ? readInside(table, offset) : undefined) ?? readAt(table, offset)
      if (batch) {
        yield batch
        offset = batch.next
        inside = false
        waitMs = minPollMs
        continue
      }
      if (!follow) return
      await sleep(waitMs, undefined, { ref: false, ...(signal ? { signal } : {}) }).catch(() => undefined)
      root.resetReadTxn()
      waitMs = Math.min(maxPollMs, waitMs * 1.5)
    }
  }

  return {
    append: (partition, record) => {
      if (closed) return Promise.reject(new IocError('LOG_CLOSED', 'the ingest log is closed'))
      return appender.append(partition, record)
    },
    read,
    trim: (partition, before) => trim(tableOf(partition), before),
    bounds: (partition) => {
      root.resetReadTxn()
      const table = tableOf(partition)
      const next = nextOffset(table)
      const first = firstKey(table)
      return { first: first ?? next, next }
    },
    sizeBytes: () => usedBytes(tables),
    stop: async () => {
      if (closed) return
      closed = true
      await appender.idle()
      await root.close()
    },
  }
}

/** Batches deleted in one transaction: small, so that the appending process never waits long for the write lock. */
const trimBatches = 64

async function trim(table: Table, before: Offset): Promise<void> {
  for (;;) {
    const keys = [...table.getKeys({ end: before, limit: trimBatches + 1 })]
    // A batch goes if the next one starts at or before `before`. So the last batch always stays: it is what tells the next
    // offset after a restart.
    const whole = keys.filter((key) => (followingKey(table, key) ?? Number.POSITIVE_INFINITY) <= before)
    if (whole.length === 0) return
    await committed(
      table.transaction(() => {
        for (const key of whole) table.remove(key)
      }),
    )
  }
}

function followingKey(table: Table, key: number): number | undefined {
  const [next] = table.getKeys({ start: key, exclusiveStart: true, limit: 1 })
  return next
}

/** The batch that begins at an offset. Looks at no batch that was read before: a reader at the tail asks often. */
function readAt(table: Table, offset: Offset): LogBatch | undefined {
  const bytes = table.get(offset)
  if (bytes) {
    const records = decodeBatch(bytes)
    return { offset, records, next: offset + records.length }
  }
  const first = firstKey(table)
  if (first !== undefined && first > offset) {
    throw new IocError('OFFSET_TRIMMED', `the log starts at ${first}, not at ${offset}`)
  }
  return undefined
}

/** The rest of the batch that an offset lies inside. */
function readInside(table: Table, offset: Offset): LogBatch | undefined {
  const key = lastKey(table, offset)
  const bytes = key === undefined || key === offset ? undefined : table.get(key)
  if (key === undefined || !bytes) return undefined
  const records = decodeBatch(bytes).slice(offset - key)
  return records.length === 0 ? undefined : { offset, records, next: offset + records.length }
}

function nextOffset(table: Table): Offset {
  const key = lastKey(table)
  const bytes = key === undefined ? undefined : table.get(key)
  return key === undefined || !bytes ? 0 : key + decodeBatch(bytes).length
}

function firstKey(table: Table): number | undefined {
  const [key] = table.getKeys({ limit: 1 })
  return key
}

/** The greatest key, of those not above `atMost` where it is given. */
function lastKey(table: Table, atMost = Number.MAX_SAFE_INTEGER): number | undefined {
  const [key] = table.getKeys({ start: atMost, reverse: true, limit: 1 })
  return key
}

/** Live pages times their size: what trimming frees counts no more, though the file keeps its length for reuse. */
function usedBytes(tables: readonly Table[]): number {
  return tables.reduce((sum, table) => {
    const stats = table.getStats() as PageStats
    return sum + (stats.treeBranchPageCount + stats.treeLeafPageCount + stats.overflowPages) * stats.pageSize
  }, 0)
}

interface PageStats {
  readonly pageSize: number
  readonly treeBranchPageCount: number
  readonly treeLeafPageCount: number
  readonly overflowPages: number
}
