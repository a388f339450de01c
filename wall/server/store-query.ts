import { displayZone } from '@ioc/contract/display-zone.ts'
import { IocError } from '@ioc/contract/errors.ts'
import type { Scope } from '@ioc/contract/messages/live.ts'
import { groupTag, isMetricName, requireSlug } from '@ioc/contract/names.ts'
import { urlHost } from '@ioc/runtime/listen.ts'
import type { Cell, QuerySeries } from '../shared/boards/panel-data.ts'
import type { WallOptions } from './options.ts'

/** One value of an indicator's history. */
export interface HistoryPoint {
  readonly ts: number
  readonly value: number
  readonly level: number | null
  readonly samples: number | null
}

/** What history is asked for. Times in ms; `step_s` thins a long range to means. */
export interface HistoryRequest {
  readonly id: string
  readonly scope: Scope
  readonly key: string
  /** Of an indicator that is grouped. */
  readonly group?: string | undefined
  readonly from: number
  readonly to: number
  readonly step_s: number | null
}

/** Most values that one answer holds, when they are not thinned. */
export const maxPoints = 5_000

const timeoutMs = 10_000

/**
 * The InfluxQL of a request. Names are checked against their grammar and quoted besides. A point of no samples was
 * retracted, and is left out.
 * @throws IocError NAME_INVALID
 */
export function historyQuery(request: HistoryRequest): string {
  const { id, scope, group, from, to, step_s } = request
  if (!isMetricName(id)) throw new IocError('NAME_INVALID', `${JSON.stringify(id)} is not a valid indicator id`)
  const tags: Record<string, string> = { id, scope, ...scopeTags(scope, request.key) }
  if (group !== undefined) tags['group'] = groupTag(group)
  const where = Object.entries(tags).map(([tag, value]) => `"${tag}" = ${literal(value)}`)
  where.push('"samples" > 0', `time >= ${Math.floor(from)}ms`, `time <= ${Math.floor(to)}ms`)
  const range = `FROM "indicator" WHERE ${where.join(' AND ')}`
  return step_s === null
    ? `SELECT "value", "level", "samples" ${range} ORDER BY time DESC LIMIT ${maxPoints}`
    : `SELECT mean("value") AS "value", max("level") AS "level", sum("samples") AS "samples" ${range} GROUP BY time(${step_s}s) fill(none) tz('${displayZone}')`
}

/**
 * The tags that a key of a scope stands for.
 * @throws IocError NAME_INVALID
 */
export function scopeTags(scope: Scope, key: string): Record<string, string> {
  switch (scope) {
    case 'device': {
      const [site = '', device = '', ...rest] = key.split('/')
      if (rest.length > 0) throw new IocError('NAME_INVALID', `key ${JSON.stringify(key)} is not site/device`)
      return { site: requireSlug(site, 'site'), device: requireSlug(device, 'device') }
    }
    case 'site':
      return { site: requireSlug(key, 'site') }
    case 'area':
      return { area: requireSlug(key, 'area') }
    case 'district':
      if (key !== 'district') throw new IocError('NAME_INVALID', 'the key of scope district is "district"')
      return {}
  }
}

/** Quotes text as an InfluxQL string. */
export function literal(text: string): string {
  return `'${text.replace(/\\/g, '\\\\').replace(/'/g, "\\'")}'`
}

/** What values of all keys of a scope are asked for: those stamped after `from`, until `to`, in ms. */
export interface SeriesRequest {
  readonly id: string
  readonly scope: Scope
  /** Without it, every key. */
  readonly key?: string | undefined
  readonly group?: string | undefined
  readonly from: number
  readonly to: number
  /** Means of so long, each stamped with its beginning; null: the values as they are. */
  readonly step_s: number | null
}

/** Rows that one answer about several keys holds. */
export const maxRows = 100_000

/** The tags that tell the keys of a scope apart. */
const keyTags = { device: ['site', 'device'], site: ['site'], area: ['area'], district: [] } as const

/** The InfluxQL of a request for several keys. @throws IocError NAME_INVALID */
export function seriesQuery({ id, scope, key, group, from, to, step_s }: SeriesRequest): string {
  if (!isMetricName(id)) throw new IocError('NAME_INVALID', `${JSON.stringify(id)} is not a valid indicator id`)
  const tags: Record<string, string> = { id, scope, ...(key === undefined ? {} : scopeTags(scope, key)) }
  if (group !== undefined) tags['group'] = groupTag(group)
  const where = Object.entries(tags).map(([tag, value]) => `"${tag}" = ${literal(value)}`)
  where.push('"samples" > 0', `time > ${Math.floor(from)}ms`, `time <= ${Math.floor(to)}ms`)
  const by = keyTags[scope].map((tag) => `"${tag}"`)
  const range = `FROM "indicator" WHERE ${where.join(' AND ')}`
  if (step_s === null) return `SELECT "value" ${range}${by.length === 0 ? '' : ` GROUP BY ${by.join(', ')}`}`
  return `SELECT mean("value") AS "value" ${range} GROUP BY ${[`time(${step_s}s)`, ...by].join(', ')} fill(none) tz('${displayZone}')`
}

/**
 * Reads the values of several keys from the store, each in order of time.
 * @throws IocError NAME_INVALID, STORE_UNREACHABLE, STORE_UNAUTHORIZED, QUERY_INVALID
 */
export async function readSeries(
  options: WallOptions,
  request: SeriesRequest,
): Promise<Map<string, { ts: number; value: number }[]>> {
  const answer = await query(options, seriesQuery(request))
  const result = answer.results?.[0]
  const error = answer.error ?? result?.error
  if (error !== undefined) throw new IocError('QUERY_INVALID', `the store: ${error}`)
  const found = new Map<string, { ts: number; value: number }[]>()
  let rows = 0
  for (const { columns, values, tags = {} } of result?.series ?? []) {
    const key = request.scope === 'district' ? 'district' : keyTags[request.scope].map((tag) => tags[tag]).join('/')
    const [time = -1, value = -1] = ['time', 'value'].map((name) => columns.indexOf(name))
    rows += values.length
    if (rows > maxRows)
      throw new IocError('PAYLOAD_INVALID', `more than ${maxRows} values: select one key, or a shorter time`)
    const points = values.flatMap((row) => {
      const [ts, figure] = [finite(row[time]), finite(row[value])]
      return ts === null || figure === null ? [] : [{ ts, value: figure }]
    })
    // A site that moved to another area has a series of each.
    found.set(
      key,
      [...(found.get(key) ?? []), ...points].sort((a, b) => a.ts - b.ts),
    )
  }
  return found
}

interface QueryAnswer {
  readonly error?: string
  readonly results?: readonly {
    readonly error?: string
    readonly series?: readonly {
      readonly name?: string
      readonly columns: readonly string[]
      readonly values: readonly (readonly Cell[])[]
      readonly tags?: Readonly<Record<string, string>>
    }[]
  }[]
}

/**
 * Runs statements, separated by `;`, and returns the series of each.
 * @throws IocError STORE_UNREACHABLE, STORE_UNAUTHORIZED, QUERY_INVALID, PAYLOAD_INVALID when there are too many rows
 */
export async function runStatements(options: WallOptions, text: string): Promise<QuerySeries[][]> {
  const answer = await query(options, text)
  if (answer.error !== undefined) throw new IocError('QUERY_INVALID', `the store: ${answer.error}`)
  let rows = 0
  return (answer.results ?? []).map(({ error, series = [] }) => {
    if (error !== undefined) throw new IocError('QUERY_INVALID', `the store: ${error}`)
    for (const { values } of series) rows += values.length
    if (rows > maxRows)
      throw new IocError('PAYLOAD_INVALID', `more than ${maxRows} rows: choose a shorter time or fewer places`)
    return series.map(({ name = '', ...rest }) => ({ name, ...rest }))
  })
}

/**
 * Reads history from the store, oldest first.
 * @throws IocError NAME_INVALID, STORE_UNREACHABLE, STORE_UNAUTHORIZED, QUERY_INVALID
 */
export async function readHistory(options: WallOptions, request: HistoryRequest): Promise<HistoryPoint[]> {
  const answer = await query(options, historyQuery(request))
  const result = answer.results?.[0]
  const error = answer.error ?? result?.error
  if (error !== undefined) throw new IocError('QUERY_INVALID', `the store: ${error}`)
  const points: HistoryPoint[] = []
  for (const { columns, values } of result?.series ?? []) {
    const [time, value, level, samples] = ['time', 'value', 'level', 'samples'].map((name) => columns.indexOf(name))
    for (const row of values) {
      const ts = finite(row[time ?? -1])
      const figure = finite(row[value ?? -1])
      if (ts === null || figure === null) continue
      points.push({ ts, value: figure, level: finite(row[level ?? -1]), samples: finite(row[samples ?? -1]) })
    }
  }
  return points.sort((a, b) => a.ts - b.ts)
}

async function query(options: WallOptions, text: string): Promise<QueryAnswer> {
  const { influxUrl, influxBucket, influxToken, bind, storagePort } = options
  const base = influxUrl === '' ? `http://${urlHost(bind)}:${storagePort}` : influxUrl.replace(/\/+$/, '')
  const url = `${base}/query?${new URLSearchParams({ db: influxBucket, epoch: 'ms', q: text })}`
  let response: Response
  try {
    response = await fetch(url, {
      headers: influxToken === '' ? {} : { authorization: `Token ${influxToken}` },
      signal: AbortSignal.timeout(timeoutMs),
    })
    if (response.status === 401 || response.status === 403) {
      throw new IocError('STORE_UNAUTHORIZED', 'the store does not accept the token')
    }
    if (response.status >= 500) throw new IocError('STORE_UNREACHABLE', `the store answered ${response.status}`)
    return JSON.parse(await textOf(response)) as QueryAnswer
  } catch (error) {
    if (error instanceof IocError) throw error
    throw new IocError('STORE_UNREACHABLE', `the store does not answer: ${(error as Error).message}`, { cause: error })
  }
}

/** Bytes of an answer of the store: about `maxRows` rows of a few columns. */
const maxAnswerBytes = 32 * 1024 * 1024

/** Reads a body up to the limit. @throws IocError PAYLOAD_INVALID */
async function textOf(response: Response): Promise<string> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length
    if (bytes > maxAnswerBytes)
      throw new IocError(
        'PAYLOAD_INVALID',
        'the store has too many values for it: choose a shorter time or fewer places',
      )
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString()
}

function finite(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? value : null
}
