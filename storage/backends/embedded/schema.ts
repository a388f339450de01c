import type { FieldType } from '../../line-protocol/point.ts'
import { parseSeriesKey } from '../../line-protocol/series-key.ts'
import { Catalog, type Field, type Measurement, never } from './catalog.ts'
import { contradiction, type StoredColumn } from './check.ts'
import { columnTypes } from './column-types.ts'
import type { Database } from './database.ts'
import { damaged, explainOpening, pointsFile } from './file.ts'

/** Creates the tables that describe the others, where they are missing. */
export async function createSchema(database: Database): Promise<void> {
  await database.writer.run(`
    CREATE TABLE IF NOT EXISTS measurements (id UINTEGER, name VARCHAR);
    ALTER TABLE measurements ADD COLUMN IF NOT EXISTS compacted BIGINT;
    CREATE TABLE IF NOT EXISTS fields (measurement UINTEGER, id UINTEGER, name VARCHAR, type VARCHAR);
    CREATE TABLE IF NOT EXISTS series (sid UINTEGER, measurement UINTEGER, key VARCHAR);`)
}

/**
 * Reads which measurements, fields and series there are, and the newest time of each series.
 * @throws IocError STORE_DAMAGED when they contradict each other, or cannot be read
 */
export async function loadCatalog(database: Database): Promise<Catalog> {
  try {
    return await readCatalog(database)
  } catch (error) {
    throw explainOpening(error, database.folder)
  }
}

async function readCatalog(database: Database): Promise<Catalog> {
  const catalog = new Catalog()
  const byId = new Map<number, Measurement>()
  for (const [id, name, compacted] of await rows(
    database,
    'SELECT id, name, compacted FROM measurements ORDER BY id',
  )) {
    const measurement = catalog.addMeasurement(name as string, id as number)
    measurement.committed = true
    measurement.compacted = (compacted as bigint | null) ?? never
    byId.set(measurement.id, measurement)
  }
  for (const [owner, id, name, type] of await rows(
    database,
    'SELECT measurement, id, name, type FROM fields ORDER BY id',
  )) {
    const measurement = byId.get(owner as number)
    if (!measurement) continue
    catalog.addField(measurement, name as string, type as FieldType, id as number).committed = true
  }
  for (const [sid, owner, key] of await rows(database, 'SELECT sid, measurement, key FROM series ORDER BY sid')) {
    const measurement = byId.get(owner as number)
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
  for (const measurement of byId.values()) {
    const newest = await rows(database, `SELECT sid, max(time) FROM ${measurement.table} GROUP BY sid`)
    for (const [sid, time] of newest) {
      const series = catalog.series[sid as number]
      if (!series) throw damaged(`${database.folder}/${pointsFile}`, `rows of ${measurement.table} have no series`)
      series.last = time as bigint
    }
  }
  return catalog
}

async function rows(database: Database, sql: string) {
  return (await database.writer.runAndReadAll(sql)).getRows()
}

/** Creates the tables and columns of what is new, in one transaction of its own. */
export async function createColumns(
  database: Database,
  measurements: readonly Measurement[],
  fields: readonly { readonly measurement: Measurement; readonly field: Field }[],
): Promise<void> {
  const { writer } = database
  await writer.run('BEGIN')
  for (const measurement of measurements) {
    await writer.run(`CREATE TABLE ${measurement.table} (time BIGINT, sid UINTEGER)`)
    await writer.run('INSERT INTO measurements (id, name) VALUES ($1, $2)', [measurement.id, measurement.name])
  }
  for (const { measurement, field } of fields) {
    await writer.run(`ALTER TABLE ${measurement.table} ADD COLUMN f${field.id} ${columnTypes[field.type]}`)
    await writer.run('INSERT INTO fields VALUES ($1, $2, $3, $4)', [measurement.id, field.id, field.name, field.type])
  }
  await writer.run('COMMIT')
  for (const measurement of measurements) measurement.committed = true
  for (const { field } of fields) field.committed = true
}
