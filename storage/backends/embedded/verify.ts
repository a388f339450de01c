import type { DuckDBConnection } from '@duckdb/node-api'
import { damaged, firstLine, isDamage, pointsFile } from './file.ts'
import { restAfter, type Upkept } from './upkeep.ts'

/** Rows that one step reads, at most. */
const stepRows = 250_000

/** How far the file has been read since the start, and what was found. */
export interface Verification {
  rows: number
  done: boolean
  /** What is damaged, and what to do; empty where nothing is known to be. */
  damage: string
}

/**
 * Reads every table whole, by which the engine checks the sum of each of its blocks. What is written meanwhile, or moved
 * by compaction, was in memory and needs no reading.
 */
export async function verify(store: Upkept, verification: Verification): Promise<void> {
  const started = performance.now()
  for (const { name, committed } of [...store.catalog.tables.values()]) {
    let from = committed ? 0 : undefined
    while (from !== undefined && !store.stopping.aborted && verification.damage === '') {
      from = await step(store, verification, name, from)
    }
  }
  if (store.stopping.aborted) return
  verification.done = true
  if (verification.damage !== '') return
  const seconds = Number(((performance.now() - started) / 1000).toFixed(1))
  store.logger.info({ rows: verification.rows, seconds }, 'integrity check passed')
}

/** Resolves to where the next step begins; `undefined` at the end of the table. */
async function step(
  store: Upkept,
  verification: Verification,
  table: string,
  from: number,
): Promise<number | undefined> {
  const started = performance.now()
  try {
    const end = await store.apart((connection) => readRows(connection, table, from))
    if (from >= end) return undefined
    verification.rows += Math.min(stepRows, end - from)
  } catch (error) {
    if (!isDamage(error)) throw error
    const found = damaged(`${store.folder}/${pointsFile}`, firstLine(error), error)
    verification.damage = found.message
    store.logger.error({ code: found.code, table, error: found.message }, 'integrity check failed: the file is damaged')
    return undefined
  }
  await restAfter(store, performance.now() - started)
  return from + stepRows
}

/** Resolves to where the table ends. */
async function readRows(connection: DuckDBConnection, table: string, from: number): Promise<number> {
  const newest = await connection.runAndReadAll(`SELECT max(rowid) FROM ${table}`)
  await connection.run(`SELECT ${allValues} FROM ${table} t WHERE rowid >= ${from} AND rowid < ${from + stepRows}`)
  return Number(newest.getRows()[0]?.[0] ?? -1) + 1
}

/** SQL that cannot be answered without the values of all columns of `t`; for counts their statistics suffice. */
export const allValues = 'bit_xor(hash(t))'
