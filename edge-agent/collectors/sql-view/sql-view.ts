import { createHash } from 'node:crypto'
import { problemTexts } from '../../mapping/collected.ts'
import { Mapping, type Row } from '../../mapping/mapping.ts'
import type { Collected, Collector, CollectorContext } from '../collector.ts'
import { StateFile } from '../state-file.ts'
import { runQuery, type SqlRow } from './drivers.ts'
import type { SqlViewOptions } from './kind.ts'
import { selectText } from './query.ts'

/** Bytes of a row's digest: a collision among the rows of a view is out of the question. */
const digestLength = 16

interface State {
  /** How far the view has been read. */
  readonly watermark?: string
  /** Digests of the rows that were sent, of a view without a watermark. */
  readonly rows?: readonly string[]
}

/**
 * Reads the rows of a view that are new since the last run: beyond the watermark, or, without one, other than those of the
 * last run. Only the columns of the mapping leave the database.
 */
export function createSqlViewCollector(options: SqlViewOptions, { folder }: CollectorContext): Collector {
  const mapping = new Mapping(options.map)
  const stateFile = new StateFile<State>(folder)
  const { engine, view, limit } = options
  const column = options.watermark
  const columns = [...new Set([...mapping.allSources, ...(column === undefined ? [] : [column])])]
  let state: State | undefined

  function collected(rows: readonly SqlRow[], next: State): Collected {
    const mapped = mapping.map(rows.map(rowOf), { ts: Date.now(), decimal: '.' })
    return {
      measurements: mapped.measurements,
      cases: mapped.cases,
      problems: problemTexts(mapped),
      past: options.map.time !== undefined,
      async commit() {
        state = next
        await stateFile.write(next)
      },
    }
  }

  return {
    devices: () => mapping.devices(),
    async collect(signal) {
      state ??= stateFile.read() ?? {}
      const { watermark, rows: sent = [] } = state
      const isLater = watermark !== undefined
      const sql = selectText({ engine, view, columns, watermark: column, isLater, limit: limit + 1 })
      const rows = await runQuery(options, sql, isLater ? watermark : undefined, signal)
      if (column === undefined) {
        if (rows.length > limit) throw new Error(`${view} has more than ${limit} rows: name a column in watermark`)
        const digests = rows.map(digestOf)
        const known = new Set(sent)
        const fresh = rows.filter((_, index) => !known.has(digests[index] ?? ''))
        return fresh.length === 0 && digests.length === sent.length ? {} : collected(fresh, { rows: digests })
      }
      const complete = rows.length > limit ? wholeSteps(rows, column, limit) : rows
      const last = complete.at(-1)?.[column]
      return last === undefined || last === null ? {} : collected(complete, { watermark: String(last) })
    },
  }
}

/** Rows of one watermark stay together: the next run begins after it. */
function wholeSteps(rows: readonly SqlRow[], column: string, limit: number): readonly SqlRow[] {
  const next = rows[limit]?.[column]
  const end = rows.findIndex((row) => row[column] === next)
  if (end === 0) throw new Error(`more than ${limit} rows have ${column} ${String(next)}: raise limit`)
  return rows.slice(0, end)
}

function rowOf(row: SqlRow, index: number): Row {
  return { label: `row ${index + 1}`, get: (name) => (Object.hasOwn(row, name) ? row[name] : undefined) }
}

function digestOf(row: SqlRow): string {
  const text = JSON.stringify(row, (_key, value) => (typeof value === 'bigint' ? String(value) : value))
  return createHash('sha256').update(text).digest('base64url').slice(0, digestLength)
}
