import type { SqlViewOptions } from './kind.ts'

/** Values as their database writes them: dates as texts, exact numbers as texts where a double is not exact. */
export type SqlRow = Readonly<Record<string, unknown>>

/** Longest that a statement may run at the server, in ms. */
const maxStatementMs = 10_000

/**
 * Runs one statement in a session of its own that may only read, and ends the session in any case. The library of the
 * database is imported only here.
 */
export function runQuery(
  options: SqlViewOptions,
  sql: string,
  watermark: string | undefined,
  signal: AbortSignal,
): Promise<SqlRow[]> {
  switch (options.engine) {
    case 'postgresql':
      return queryPostgres(options, sql, watermark, signal)
    case 'mariadb':
      return queryMaria(options, sql, watermark, signal)
    case 'sqlserver':
      return querySqlServer(options, sql, watermark, signal)
    default:
      return options.engine satisfies never
  }
}

type Query = (
  options: SqlViewOptions,
  sql: string,
  watermark: string | undefined,
  signal: AbortSignal,
) => Promise<SqlRow[]>

const queryPostgres: Query = async ({ host, port = 5432, database, user, password, tls }, sql, watermark, signal) => {
  const { Client } = (await import('pg')).default
  const client = new Client({
    host,
    port,
    database,
    user,
    ...(password === undefined ? {} : { password }),
    ssl: tls === 'off' ? false : { rejectUnauthorized: tls === 'verified' },
    connectionTimeoutMillis: maxStatementMs,
    statement_timeout: maxStatementMs,
    options: '-c default_transaction_read_only=on -c TimeZone=UTC',
    // Texts as the server writes them: a number or a time loses nothing.
    types: {
      getTypeParser: (type) => (type === booleanType ? (text: string) => text === 't' : (text: string) => text),
    },
  })
  client.on('error', () => undefined)
  const abort = (): void => void client.end()
  signal.addEventListener('abort', abort, { once: true })
  try {
    await client.connect()
    return (await client.query(sql, watermark === undefined ? [] : [watermark])).rows as SqlRow[]
  } finally {
    signal.removeEventListener('abort', abort)
    await client.end()
  }
}

/** The OID of `bool` in PostgreSQL's catalogue. */
const booleanType = 16

const queryMaria: Query = async ({ host, port = 3306, database, user, password, tls }, sql, watermark, signal) => {
  const { createConnection } = await import('mysql2/promise')
  const connection = await createConnection({
    host,
    port,
    database,
    user,
    ...(password === undefined ? {} : { password }),
    ...(tls === 'off' ? {} : { ssl: { rejectUnauthorized: tls === 'verified' } }),
    connectTimeout: maxStatementMs,
    dateStrings: true,
    supportBigNumbers: true,
    bigNumberStrings: true,
  })
  const abort = (): void => connection.destroy()
  signal.addEventListener('abort', abort, { once: true })
  try {
    // A TIMESTAMP is shown in the zone of the session, a DATETIME as it was written: both are of the district's clocks.
    await connection.query("SET time_zone = '+07:00'")
    await connection.query('SET SESSION TRANSACTION READ ONLY')
    const [rows] = await connection.query({ sql, timeout: maxStatementMs }, watermark === undefined ? [] : [watermark])
    return rows as SqlRow[]
  } finally {
    signal.removeEventListener('abort', abort)
    connection.destroy()
  }
}

const querySqlServer: Query = async (
  { host, port = 1433, database, user, password = '', tls },
  sql,
  watermark,
  signal,
) => {
  const { Connection, Request, TYPES } = await import('tedious')
  const connection = new Connection({
    server: host,
    authentication: { type: 'default', options: { userName: user, password } },
    options: {
      port,
      database,
      encrypt: tls !== 'off',
      trustServerCertificate: tls !== 'verified',
      readOnlyIntent: true,
      connectTimeout: maxStatementMs,
      requestTimeout: maxStatementMs,
      // A datetime has no zone: it is read as one of UTC, and written without a zone below.
      useUTC: true,
      rowCollectionOnRequestCompletion: true,
    },
  })
  connection.on('error', () => undefined)
  const abort = (): void => connection.close()
  signal.addEventListener('abort', abort, { once: true })
  try {
    await new Promise<void>((resolve, reject) => connection.connect((error) => (error ? reject(error) : resolve())))
    return await new Promise<SqlRow[]>((resolve, reject) => {
      const request = new Request(sql, (error, _count, rows: SqlServerRow[] = []) => {
        if (error) reject(error)
        else
          resolve(
            rows.map((cells) =>
              Object.fromEntries(cells.map(({ metadata, value }) => [metadata.colName, withoutZone(value)])),
            ),
          )
      })
      if (watermark !== undefined) request.addParameter('watermark', TYPES.NVarChar, watermark)
      connection.execSql(request)
    })
  } finally {
    signal.removeEventListener('abort', abort)
    connection.close()
  }
}

type SqlServerRow = readonly { readonly metadata: { readonly colName: string }; readonly value: unknown }[]

function withoutZone(value: unknown): unknown {
  return value instanceof Date ? value.toISOString().replace('Z', '') : value
}
