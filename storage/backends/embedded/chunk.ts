import {
  BIGINT,
  BOOLEAN,
  DOUBLE,
  type DuckDBDataChunk,
  type DuckDBType,
  type DuckDBValue,
  UBIGINT,
  VARCHAR,
} from '@duckdb/node-api'
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
