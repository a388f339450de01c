import { once } from 'node:events'
import { createWriteStream, rmSync } from 'node:fs'
import { finished } from 'node:stream/promises'
import { DuckDBInstance } from '@duckdb/node-api'
import { IocError } from '@ioc/contract/errors.ts'
import { type ExportFormat, uniqueNames } from '../backends/embedded/export.ts'
import { formatTime } from '../influxql/zone.ts'
import { createReader } from '../reader/reader.ts'
import type { StoreTarget } from '../target.ts'
import { type AnswerCell, type AnswerTable, csvLine } from './print.ts'
import { askJson, parseExact } from './query.ts'

/** What of a measurement is exported, and how. */
export interface PagesOrder {
  readonly format: ExportFormat
  /** Nanoseconds, inclusive. */
  readonly from: bigint | undefined
  /** Nanoseconds, exclusive. */
  readonly to: bigint | undefined
}

/** Rows of one question. InfluxDB holds an answer whole in memory. */
const pageRows = 50_000

interface Column {
  readonly name: string
  readonly kind: 'field' | 'tag'
  /** Of DuckDB. */
  readonly type: string
}

const fieldTypes: Readonly<Record<string, string>> = {
  float: 'DOUBLE',
  integer: 'BIGINT',
  unsigned: 'UBIGINT',
  boolean: 'BOOLEAN',
  string: 'VARCHAR',
}

/** Writes a measurement of any InfluxDB, page by page over `/query`. Parquet is made of the CSV, in this process. */
export async function writePages(
  target: StoreTarget,
  measurement: string,
  order: PagesOrder,
  path: string,
): Promise<void> {
  const columns = await readColumns(target, measurement)
  const names = uniqueNames(['time', ...columns.map(({ name }) => name)])
  if (order.format === 'csv') return writeCsv(target, measurement, order, columns, names, path)
  const csv = `${path}.csv`
  try {
    await writeCsv(target, measurement, order, columns, names, csv)
    await toParquet(csv, path, names, ['TIMESTAMP_NS', ...columns.map(({ type }) => type)])
  } finally {
    rmSync(csv, { force: true })
  }
}

async function readColumns(target: StoreTarget, measurement: string): Promise<Column[]> {
  const from = quoted(measurement)
  const [tags = [], fields = []] = await createReader({ target }).queryEach(
    `SHOW TAG KEYS FROM ${from}; SHOW FIELD KEYS FROM ${from}`,
  )
  if (fields.length === 0) throw new IocError('QUERY_INVALID', `measurement not found: "${measurement}"`)
  return [
    ...(tags[0]?.values ?? []).map(([name]): Column => ({ name: String(name), kind: 'tag', type: 'VARCHAR' })),
    ...(fields[0]?.values ?? []).map(
      ([name, type]): Column => ({ name: String(name), kind: 'field', type: fieldTypes[String(type)] ?? 'VARCHAR' }),
    ),
  ]
}

async function writeCsv(
  target: StoreTarget,
  measurement: string,
  { from, to }: Pick<PagesOrder, 'from' | 'to'>,
  columns: readonly Column[],
  names: readonly string[],
  path: string,
): Promise<void> {
  const file = createWriteStream(path, { mode: 0o640 })
  const done = finished(file)
  // Looked at below; until then a failure must not end the process.
  done.catch(() => undefined)
  file.write(csvLine(names))
  const asked = columns.map(({ name, kind }) => `${quoted(name)}::${kind}`).join(', ')
  let start = from
  let limit = pageRows
  for (;;) {
    const conditions = [
      ...(start === undefined ? [] : [`time >= ${start}`]),
      ...(to === undefined ? [] : [`time < ${to}`]),
    ]
    const where = conditions.length > 0 ? ` WHERE ${conditions.join(' AND ')}` : ''
    const q = `SELECT ${asked} FROM ${quoted(measurement)}${where} ORDER BY time LIMIT ${limit}`
    const rows = await page(target, q)
    const last = BigInt((rows.at(-1)?.[0] as bigint | number | undefined) ?? 0)
    const isLast = rows.length < limit
    // Rows of the last time may go on behind the limit: they begin the next page.
    const complete = isLast ? rows : rows.filter(([time]) => BigInt(time as bigint | number) !== last)
    for (const row of complete) {
      const more = file.write(csvLine(row.map((cell, index) => cellOf(cell, index))))
      if (!more) await Promise.race([once(file, 'drain'), done])
    }
    if (isLast) break
    if (complete.length === 0) limit *= 2
    else {
      limit = pageRows
      start = last
    }
  }
  file.end()
  await done
}

function cellOf(cell: AnswerCell, index: number): string | null {
  if (cell === null) return null
  return index === 0 ? formatTime(BigInt(cell as bigint | number), undefined) : String(cell)
}

async function page(target: StoreTarget, q: string): Promise<readonly (readonly AnswerCell[])[]> {
  const body = parseExact(await askJson(target, q, 'ns')) as {
    readonly results?: readonly { readonly error?: string; readonly series?: readonly AnswerTable[] }[]
  }
  const [result] = body.results ?? []
  if (result?.error !== undefined) throw new IocError('QUERY_INVALID', result.error)
  return result?.series?.[0]?.values ?? []
}

async function toParquet(csv: string, path: string, names: readonly string[], types: readonly string[]): Promise<void> {
  const text = (value: string) => `'${value.replaceAll("'", "''")}'`
  const columns = names.map((name, index) => `${text(name)}: ${text(types[index] ?? 'VARCHAR')}`).join(', ')
  const instance = await DuckDBInstance.create(':memory:', { memory_limit: '512MB', temp_directory: `${path}.spill` })
  try {
    const connection = await instance.connect()
    await connection.run(
      `COPY (SELECT * FROM read_csv(${text(csv)}, header = true, delim = ',', quote = '"', escape = '"', auto_detect = false,
        allow_quoted_nulls = false, columns = {${columns}})) TO ${text(path)} (FORMAT parquet, COMPRESSION zstd)`,
    )
    connection.closeSync()
  } finally {
    instance.closeSync()
    rmSync(`${path}.spill`, { recursive: true, force: true })
  }
}

function quoted(name: string): string {
  return `"${name.replace(/["\\]/g, '\\$&')}"`
}
