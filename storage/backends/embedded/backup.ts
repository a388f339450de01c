import { readFileSync } from 'node:fs'
import type { DuckDBConnection } from '@duckdb/node-api'
import { IocError } from '@ioc/contract/errors.ts'
import { firstLine, withConnection } from './file.ts'
import { allValues } from './verify.ts'

/** What a backup says of itself, in its table `backup`. */
export interface BackupManifest {
  /** Layout of the tables. A version that changes them raises this, and reads the older ones. */
  readonly format: number
  /** Version of the store that wrote it, and of its engine, which later engines read. */
  readonly version: string
  readonly engine: string
  /** RFC 3339. */
  readonly created: string
  readonly series: number
  /** Rows of each table of points. */
  readonly rows: Readonly<Record<string, number>>
}

/** 2: how far measurements are compacted; 3: tables that measurements share. */
const format = 3

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  readonly version: string
}

/**
 * Copies everything that is committed into a file, as of one moment. Writes go on meanwhile.
 */
export async function writeBackup(connection: DuckDBConnection, path: string, created: Date): Promise<void> {
  const [[source]] = (await rows(connection, 'SELECT current_database()')) as [[string]]
  await connection.run(`ATTACH '${path.replaceAll("'", "''")}' AS backup`)
  try {
    await connection.run('BEGIN')
    // Counted in the source, in the transaction of the copy: what the copy is checked against.
    const manifest = { format, version, ...(await count(connection, source)), created: created.toISOString() }
    await connection.run(`COPY FROM DATABASE "${source}" TO backup`)
    await connection.run('CREATE TABLE backup.main.backup (manifest VARCHAR)')
    await connection.run('INSERT INTO backup.main.backup VALUES ($1)', [JSON.stringify(manifest)])
    await connection.run('COMMIT')
  } finally {
    await connection.run('ROLLBACK').catch(() => undefined)
    await connection.run('DETACH backup')
  }
}

async function count(
  connection: DuckDBConnection,
  database: string,
): Promise<Pick<BackupManifest, 'engine' | 'series' | 'rows'>> {
  const [[engine]] = (await rows(connection, 'SELECT version()')) as [[string]]
  const [[series]] = (await rows(connection, `SELECT count(*) FROM "${database}".main.series`)) as [[bigint]]
  const counted: Record<string, number> = {}
  const tables = await rows(
    connection,
    `SELECT table_name FROM duckdb_tables() WHERE database_name = '${database.replaceAll("'", "''")}' AND starts_with(table_name, 'm_')
     ORDER BY CAST(substr(table_name, 3) AS UINTEGER)`,
  )
  for (const [table] of tables) {
    const [[some]] = (await rows(connection, `SELECT count(*) FROM "${database}".main.${table}`)) as [[bigint]]
    counted[table as string] = Number(some)
  }
  return { engine, series: Number(series), rows: counted }
}

/**
 * Reads a whole backup, by which the engine checks every block's sum, and compares it with its manifest.
 * @throws IocError BACKUP_INVALID
 */
export async function checkBackup(path: string): Promise<BackupManifest> {
  try {
    return await withConnection(path, compareWithManifest, { access_mode: 'READ_ONLY' })
  } catch (error) {
    throw new IocError('BACKUP_INVALID', `${path} is not a complete backup: ${firstLine(error)}`, { cause: error })
  }
}

async function compareWithManifest(connection: DuckDBConnection): Promise<BackupManifest> {
  const manifest = await readManifest(connection)
  const [[source]] = (await rows(connection, 'SELECT current_database()')) as [[string]]
  const found = await count(connection, source)
  for (const table of Object.keys(found.rows)) await connection.run(`SELECT ${allValues} FROM ${table} t`)
  const same = found.series === manifest.series && JSON.stringify(found.rows) === JSON.stringify(manifest.rows)
  if (!same) throw new Error('its rows do not match its manifest')
  return manifest
}

async function readManifest(connection: DuckDBConnection): Promise<BackupManifest> {
  const [row] = await rows(connection, 'SELECT manifest FROM backup')
  const manifest = JSON.parse(String(row?.[0])) as BackupManifest
  if (manifest.format > format) {
    throw new Error(`it has format ${manifest.format}, but this version reads up to ${format}: use a newer version`)
  }
  return manifest
}

async function rows(connection: DuckDBConnection, sql: string) {
  return (await connection.runAndReadAll(sql)).getRows()
}
