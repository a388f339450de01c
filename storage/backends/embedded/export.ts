import type { DuckDBConnection } from '@duckdb/node-api'
import type { Field, Measurement, Series } from './catalog.ts'

export type ExportFormat = 'csv' | 'parquet'

export interface ExportRequest {
  readonly measurement: Measurement
  readonly format: ExportFormat
  /** Nanoseconds, inclusive. */
  readonly from: bigint | undefined
  /** Nanoseconds, exclusive. */
  readonly to: bigint | undefined
}

/**
 * Writes the points of one measurement, ordered by time, into a file: columns `time` (UTC), one for each tag, one for each field. What is committed when it begins is what it shows.
 */
export async function exportPoints(
  connection: DuckDBConnection,
  path: string,
  { measurement, format, from, to }: ExportRequest,
): Promise<void> {
  const { table } = measurement
  // Fields from before the snapshot exist in it; series from after it are all that it has rows of.
  const fields = [...measurement.fields.values()].filter(({ committed }) => committed)
  await connection.run('BEGIN')
  await connection.run(`SELECT 1 FROM ${table} LIMIT 1`)
  const tags = [...new Set(measurement.series.flatMap((series) => [...series.tags.keys()]))].sort()
  await loadTags(connection, measurement.series, tags)
  const conditions = [
    ...(from === undefined ? [] : [`t.time >= ${from}`]),
    ...(to === undefined ? [] : [`t.time < ${to}`]),
  ]
  await connection.run(
    `COPY (
      SELECT ${columnList(format, tags, fields)}
      FROM ${table} t JOIN tags s ON s.sid = t.sid ${conditions.length > 0 ? `WHERE ${conditions.join(' AND ')}` : ''}
      ORDER BY t.time, t.sid
    ) TO '${path.replaceAll("'", "''")}' (${format === 'csv' ? 'FORMAT csv, HEADER' : 'FORMAT parquet, COMPRESSION zstd'})`,
  )
  await connection.run('ROLLBACK')
}

async function loadTags(connection: DuckDBConnection, series: readonly Series[], tags: readonly string[]) {
  const columns = tags.map((_, index) => `, k${index} VARCHAR`).join('')
  await connection.run(`CREATE TEMP TABLE tags (sid UINTEGER${columns})`)
  const appender = await connection.createAppender('tags', 'main', 'temp')
  for (const one of series) {
    appender.appendUInteger(one.sid)
    for (const tag of tags) {
      const value = one.tags.get(tag)
      if (value === undefined) appender.appendNull()
      else appender.appendVarchar(value)
    }
    appender.endRow()
  }
  appender.closeSync()
}

function columnList(format: ExportFormat, tags: readonly string[], fields: readonly Field[]): string {
  // SQL ends at the character 0, which names may have.
  const names = [...tags, ...fields.map(({ name }) => name)].map((name) => name.replaceAll('\0', ''))
  const named = uniqueNames(['time', ...names])
  const stamp = 'make_timestamp_ns(t.time)'
  const sources = [
    // Not strftime, whose nanoseconds (%n) come out wrong in DuckDB 1.5.
    format === 'csv' ? `replace(${stamp}::VARCHAR, ' ', 'T') || 'Z'` : stamp,
    ...tags.map((_, index) => `s.k${index}`),
    ...fields.map(({ id }) => `t.f${id}`),
  ]
  return sources.map((source, index) => `${source} AS "${(named[index] ?? '').replaceAll('"', '""')}"`).join(', ')
}

/** The names, with `_1`, `_2`… after those that are taken: a file's columns know no difference of case. */
export function uniqueNames(names: readonly string[]): string[] {
  const taken = new Set<string>()
  return names.map((name) => {
    let free = name
    for (let count = 1; taken.has(free.toLowerCase()); count++) free = `${name}_${count}`
    taken.add(free.toLowerCase())
    return free
  })
}
