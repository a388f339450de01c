import {
  BIGINT,
  type DuckDBAppender,
  type DuckDBConnection,
  DuckDBDataChunk,
  type DuckDBValue,
  UINTEGER,
} from '@duckdb/node-api'
import type { FieldType } from '../../line-protocol/point.ts'
import { rowTurns } from '../../turns.ts'
import type { Batch, Cells, Rows, TableBatch } from './batch.ts'
import type { Column } from './catalog.ts'
import { chunkRows, setColumn, vectorTypes } from './chunk.ts'
import type { Database } from './database.ts'
import { firstLine } from './file.ts'
import { createColumns } from './schema.ts'

/** The last step of a transaction failed: whether it is on disk, only opening the file again can tell. */
export class CommitInDoubt extends Error {
  override readonly name = 'CommitInDoubt'
}

/**
 * Writes a batch in one transaction; when it resolves, the batch is on disk. On an error nothing of it is kept.
 * @throws CommitInDoubt
 */
export async function commitBatch(database: Database, batch: Batch): Promise<void> {
  const { writer } = database
  try {
    if (batch.newMeasurements.length > 0 || batch.newFields.length > 0) {
      await createColumns(database, batch.newMeasurements, batch.newFields)
    }
    await writer.run('BEGIN')
    if (batch.newSeries.length > 0) await appendSeries(database, batch)
    for (const rows of batch.tables.values()) {
      const { table, fresh, late } = rows
      if (fresh.times.length > 0) await append(database, table.columns, fresh, table.name)
      if (late.times.length > 0) await upsert(database, rows)
    }
    await commit(writer)
  } catch (error) {
    // Where the failure already ended the transaction there is nothing to roll back.
    await writer.run('ROLLBACK').catch(() => undefined)
    throw error
  }
}

/** @throws CommitInDoubt */
export async function commit(writer: DuckDBConnection): Promise<void> {
  try {
    await writer.run('COMMIT')
  } catch (error) {
    throw new CommitInDoubt(firstLine(error), { cause: error })
  }
}

async function appendSeries(database: Database, batch: Batch): Promise<void> {
  const appender = await database.writer.createAppender('series')
  const turn = rowTurns()
  for (const { sid, measurement, key } of batch.newSeries) {
    appender.appendUInteger(sid)
    appender.appendUInteger(measurement.id)
    appender.appendVarchar(key)
    appender.endRow()
    const waiting = turn()
    if (waiting) await waiting
  }
  appender.closeSync()
}

async function append(
  database: Database,
  columns: readonly Column[],
  rows: Rows,
  table: string,
  catalog?: string,
): Promise<void> {
  const appender = await database.writer.createAppender(table, 'main', catalog)
  for (let from = 0; from < rows.times.length; from += chunkRows) {
    if (from > 0) await new Promise(setImmediate)
    appendChunk(appender, columns, rows, from)
  }
  appender.closeSync()
}

function appendChunk(appender: DuckDBAppender, columns: readonly Column[], rows: Rows, from: number): void {
  const count = Math.min(chunkRows, rows.times.length - from)
  const chunk = DuckDBDataChunk.create([BIGINT, UINTEGER, ...columns.map(({ type }) => vectorTypes[type])], count)
  setColumn(chunk, 0, rows.times, from, count)
  setColumn(chunk, 1, rows.sids, from, count)
  for (const column of columns) setField(chunk, column, rows.columns[column.index], from, count)
  appender.appendDataChunk(chunk)
}

function setField(
  chunk: DuckDBDataChunk,
  { index, type }: Column,
  cells: Cells | undefined,
  from: number,
  count: number,
): void {
  const vector = chunk.getColumnVector(index + 2)
  const ofNumber = values[type]
  for (let row = 0; row < count; row++) {
    const number = cells?.numbers[from + row] ?? Number.NaN
    vector.setItem(row, Number.isNaN(number) ? (cells?.others.get(from + row) ?? null) : ofNumber(number))
  }
  vector.flush()
}

/** What the number of a value stands for. */
const values: Readonly<Record<FieldType, (number: number) => DuckDBValue>> = {
  float: (number) => number,
  integer: BigInt,
  unsigned: BigInt,
  boolean: (number) => number === 1,
  string: () => null,
}

/**
 * Writes rows whose (series, time) may exist: where it does, the fields that the row has replace the stored ones.
 * Both statements look only at the span of time that the rows cover, which lets DuckDB skip the rest of the table.
 */
async function upsert(database: Database, { table: { name: table, columns }, late }: TableBatch): Promise<void> {
  const { writer } = database
  await writer.run(`CREATE OR REPLACE TEMP TABLE late AS SELECT * FROM ${table} LIMIT 0`)
  await append(database, columns, late, 'late', 'temp')
  let from = late.times[0] as bigint
  let to = from
  for (const time of late.times) {
    if (time < from) from = time
    if (time > to) to = time
  }
  const span = `t.time BETWEEN ${from} AND ${to}`
  const touched = columns.filter(({ index }) => late.columns[index] !== undefined)
  const assignments = touched.map(({ id }) => `f${id} = coalesce(l.f${id}, t.f${id})`).join(', ')
  await writer.run(
    `UPDATE ${table} t SET ${assignments} FROM late l WHERE t.time = l.time AND t.sid = l.sid AND ${span}`,
  )
  await writer.run(
    `INSERT INTO ${table} SELECT * FROM late l WHERE NOT EXISTS
      (SELECT 1 FROM ${table} t WHERE t.time = l.time AND t.sid = l.sid AND ${span})`,
  )
  await writer.run('DROP TABLE late')
}
