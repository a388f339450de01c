import {
  BIGINT,
  BOOLEAN,
  DOUBLE,
  DuckDBBlobVector,
  type DuckDBConnection,
  type DuckDBDataChunk,
  type DuckDBType,
  type DuckDBValue,
  DuckDBVarCharVector,
  UBIGINT,
  VARCHAR,
} from '@duckdb/node-api'
import duckdb from '@duckdb/node-bindings'
import type { FieldType } from '../../line-protocol/point.ts'

/** Rows that a chunk of DuckDB holds. */
export const chunkRows = 2048

/** The type of a field's vector. */
export const vectorTypes: Readonly<Record<FieldType, DuckDBType>> = {
  float: DOUBLE,
  integer: BIGINT,
  unsigned: UBIGINT,
  boolean: BOOLEAN,
  string: VARCHAR,
}

/** Fills a column of a chunk with `count` values, from a place in a list on. */
export function setColumn(
  chunk: DuckDBDataChunk,
  index: number,
  values: readonly DuckDBValue[],
  from: number,
  count: number,
): void {
  const vector = chunk.getColumnVector(index)
  for (let row = 0; row < count; row++) vector.setItem(row, values[from + row] ?? null)
  vector.flush()
}

/**
 * Adds the values of a chunk's column to a list. Text is decoded here: the binding takes a byte order mark off its
 * beginning, after which another name, or value, would be read than was written.
 */
export function appendColumn(chunk: DuckDBDataChunk, index: number, values: DuckDBValue[]): void {
  if (!(chunk.getColumnVector(index) instanceof DuckDBVarCharVector)) {
    chunk.appendColumnValues(index, values)
    return
  }
  const texts = DuckDBBlobVector.fromRawVector(duckdb.data_chunk_get_vector(chunk.chunk, index), chunk.rowCount)
  for (let row = 0; row < chunk.rowCount; row++) {
    const bytes = texts.getItemBytes(row)
    values.push(bytes && Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString())
  }
}

/** All rows of an answer, whose text is as it was written. */
export async function readRows(connection: DuckDBConnection, sql: string): Promise<DuckDBValue[][]> {
  const result = await connection.run(sql)
  const rows: DuckDBValue[][] = []
  for (let place = 0; place < result.chunkCount; place++) {
    const chunk = result.getChunk(place)
    const columns = Array.from({ length: chunk.columnCount }, (_, index) => {
      const values: DuckDBValue[] = []
      appendColumn(chunk, index, values)
      return values
    })
    for (let row = 0; row < chunk.rowCount; row++) rows.push(columns.map((values) => values[row] ?? null))
  }
  return rows
}
