import { BIGINT, type DuckDBConnection, DuckDBDataChunk, UINTEGER } from '@duckdb/node-api'
import type { ScratchTable } from '../../influxql/source.ts'
import { chunkRows, setColumn, vectorTypes } from './chunk.ts'
import { columnTypes } from './column-types.ts'

/** Creates tables that only this connection sees, and fills them. */
export async function createScratch(connection: DuckDBConnection, tables: readonly ScratchTable[]): Promise<void> {
  for (const table of tables) {
    const columns = table.types.map((type, index) => `, f${index + 1} ${columnTypes[type]}`)
    await connection.run(`CREATE OR REPLACE TEMP TABLE ${table.name} (time BIGINT, sid UINTEGER${columns.join('')})`)
    const appender = await connection.createAppender(table.name, 'main', 'temp')
    for (let from = 0; from < table.times.length; from += chunkRows) {
      const count = Math.min(chunkRows, table.times.length - from)
      const chunk = DuckDBDataChunk.create([BIGINT, UINTEGER, ...table.types.map((type) => vectorTypes[type])], count)
      setColumn(chunk, 0, table.times, from, count)
      setColumn(chunk, 1, table.sids, from, count)
      table.columns.forEach((values, index) => {
        setColumn(chunk, index + 2, values, from, count)
      })
      appender.appendDataChunk(chunk)
      // Other requests have their turn between chunks.
      await new Promise(setImmediate)
    }
    appender.closeSync()
  }
}

export async function dropScratch(connection: DuckDBConnection, tables: readonly ScratchTable[]): Promise<void> {
  for (const { name } of tables) await connection.run(`DROP TABLE IF EXISTS ${name}`)
}
