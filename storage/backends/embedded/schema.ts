import type { DuckDBValue } from '@duckdb/node-api'
import type { IocError } from '@ioc/contract/errors.ts'
import type { FieldType } from '../../line-protocol/point.ts'
import { parseSeriesKey } from '../../line-protocol/series-key.ts'
import { Catalog, type Column, type Field, type Measurement, never, type Table } from './catalog.ts'
import { contradiction, type StoredColumn } from './check.ts'
import { readRows } from './chunk.ts'
import { columnTypes } from './column-types.ts'
import type { Database } from './database.ts'
import { damaged, explainOpening, pointsFile } from './file.ts'

/** Creates the tables that describe the others, where they are missing. */
export async function createSchema(database: Database): Promise<void> {
  await database.writer.run(`
    CREATE TABLE IF NOT EXISTS measurements (id UINTEGER, name VARCHAR);
    ALTER TABLE measurements ADD COLUMN IF NOT EXISTS compacted BIGINT;
    ALTER TABLE measurements ADD COLUMN IF NOT EXISTS home UINTEGER;
    CREATE TABLE IF NOT EXISTS fields (measurement UINTEGER, id UINTEGER, name VARCHAR, type VARCHAR);
    CREATE TABLE IF NOT EXISTS series (sid UINTEGER, measurement UINTEGER, key VARCHAR);`)
}

/**
 * Reads which measurements, fields and series there are, and the newest time of each series.
 * @throws IocError STORE_DAMAGED when they contradict each other, or cannot be read
 */
export async function loadCatalog(database: Database, ownColumns: number): Promise<Catalog> {
  try {
    return await readCatalog(database, new Catalog(ownColumns))
  } catch (error) {
    throw explainOpening(error, database.folder)
  }
}

async function readCatalog(database: Database, catalog: Catalog): Promise<Catalog> {
  const byId = new Map<number, Measurement>()
  for (const [id, name, compacted, home] of await rows(
    database,
    'SELECT id, name, compacted, home FROM measurements ORDER BY id',
  )) {
    if (catalog.measurements.has(name as string)) throw twice(database, `the measurement ${name}`)
    const measurement = catalog.addMeasurement(name as string, id as number, (home as number | null) ?? undefined)
    measurement.committed = true
    measurement.home.committed = true
    if (measurement.home.id === id) measurement.home.compacted = (compacted as bigint | null) ?? never
    byId.set(measurement.id, measurement)
  }
  for (const [owner, id, name, type] of await rows(
    database,
    'SELECT measurement, id, name, type FROM fields ORDER BY id',
  )) {
    const measurement = byId.get(owner as number)
    if (!measurement) continue
    if (measurement.fields.has(name as string)) throw twice(database, `the field ${name} of ${measurement.name}`)
    const field = catalog.restoreField(measurement, name as string, type as FieldType, id as number)
    field.committed = true
    field.column.committed = true
  }
  for (const [sid, owner, key] of await rows(database, 'SELECT sid, measurement, key FROM series ORDER BY sid')) {
    const measurement = byId.get(owner as number)
    if (catalog.hasSeries(key as string)) throw twice(database, `the series ${key}`)
    if (measurement)
      catalog.restoreSeries(measurement, sid as number, key as string, parseSeriesKey(key as string).tags)
  }
  const stored = await rows(
    database,
    `SELECT table_name, column_name, data_type FROM duckdb_columns()
     WHERE database_name = current_database() AND NOT internal AND starts_with(table_name, 'm_')`,
  )
  const why = contradiction(catalog, stored as unknown as StoredColumn[])
  if (why !== undefined) throw damaged(`${database.folder}/${pointsFile}`, why)
  for (const { name } of catalog.tables.values()) {
    const newest = await rows(database, `SELECT sid, max(time) FROM ${name} GROUP BY sid`)
    for (const [sid, time] of newest) {
      const series = catalog.series.get(sid as number)
      if (!series) throw damaged(`${database.folder}/${pointsFile}`, `rows of ${name} have no series`)
      series.last = time as bigint
    }
  }
  return catalog
}

/** Rows of one of two of a name could not be reached. */
function twice({ folder }: Database, what: string): IocError {
  return damaged(`${folder}/${pointsFile}`, `it contains ${what} twice`)
}

function rows({ writer }: Database, sql: string): Promise<DuckDBValue[][]> {
  return readRows(writer, sql)
}

/** Creates the tables and columns of what is new, in one transaction of its own. */
export async function createColumns(
  { writer }: Database,
  measurements: readonly Measurement[],
  fields: readonly { readonly measurement: Measurement; readonly field: Field }[],
): Promise<void> {
  const added = new Map<Column, Table>()
  for (const { measurement, field } of fields) if (!field.column.committed) added.set(field.column, measurement.home)
  const tables = new Set(measurements.map(({ home }) => home).filter(({ committed }) => !committed))
  await writer.run('BEGIN')
  for (const { name, columns } of tables) {
    await writer.run(`CREATE TABLE ${name} (${['time BIGINT', 'sid UINTEGER', ...columns.map(columnSql)].join(', ')})`)
  }
  for (const [column, table] of added) {
    if (!tables.has(table)) await writer.run(`ALTER TABLE ${table.name} ADD COLUMN ${columnSql(column)}`)
  }
  const described = await writer.createAppender('measurements')
  for (const { id, name, shared, home } of measurements) {
    described.appendUInteger(id)
    described.appendVarchar(name)
    described.appendNull()
    if (shared) described.appendUInteger(home.id)
    else described.appendNull()
    described.endRow()
  }
  described.closeSync()
  const named = await writer.createAppender('fields')
  for (const { measurement, field } of fields) {
    named.appendUInteger(measurement.id)
    named.appendUInteger(field.id)
    named.appendVarchar(field.name)
    named.appendVarchar(field.type)
    named.endRow()
  }
  named.closeSync()
  await writer.run('COMMIT')
  for (const made of [...tables, ...added.keys(), ...measurements]) made.committed = true
  for (const { field } of fields) field.committed = true
}

function columnSql({ id, type }: Column): string {
  return `f${id} ${columnTypes[type]}`
}
