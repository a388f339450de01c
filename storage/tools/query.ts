import { IocError } from '@ioc/contract/errors.ts'
import { requestText } from '../reader/request.ts'
import type { StoreTarget } from '../target.ts'
import { type AnswerTable, csvText, type TimeText, tableText } from './print.ts'

export const queryFormats = ['table', 'csv', 'json'] as const
export type QueryFormat = (typeof queryFormats)[number]

/** Units of time; without one, times are text. */
export const queryPrecisions = ['ns', 'us', 'ms', 's', 'm', 'h', 'rfc3339'] as const
export type QueryPrecision = (typeof queryPrecisions)[number]

export interface QueryRequest {
  readonly q: string
  readonly format: QueryFormat
  readonly precision: QueryPrecision | undefined
  /** Zone of times as text, as `Asia/Ho_Chi_Minh`. */
  readonly zone: string
}

interface Body {
  readonly results?: readonly { readonly error?: string; readonly series?: readonly AnswerTable[] }[]
}

/** Longest that a query may take, in ms: longer than any store lets it run. */
const timeoutMs = 3_600_000

/**
 * Asks a store, and resolves to its answer as text. JSON is the store's own.
 * @throws IocError QUERY_INVALID, STORE_UNREACHABLE, STORE_UNAUTHORIZED
 */
export async function queryText(target: StoreTarget, request: QueryRequest): Promise<string> {
  const { format, precision, zone } = request
  const epoch = precision === 'rfc3339' ? '' : (precision ?? (format === 'json' ? '' : 'ns'))
  const json = await askJson(target, request.q, epoch)
  const body = parseExact(json) as Body
  for (const { error } of body.results ?? []) if (error !== undefined) throw new IocError('QUERY_INVALID', error)
  if (format === 'json') return json.endsWith('\n') ? json : `${json}\n`
  const answered = (body.results ?? []).flatMap((result) => result.series ?? [])
  const series = precision === undefined ? answered.map(withoutEpoch) : answered
  const time: TimeText = precision === undefined ? { zone } : 'as given'
  return format === 'csv' ? csvText(series, time) : tableText(series, time)
}

/** An aggregate without a lower bound of time is of no time: stores answer with 0, which people would read as 1970. */
function withoutEpoch(table: AnswerTable): AnswerTable {
  const { columns, values = [] } = table
  if (columns[0] !== 'time' || !values.every(([time]) => time === 0)) return table
  return { ...table, values: values.map(([, ...cells]) => [null, ...cells]) }
}

/** @param epoch unit of times; empty for RFC 3339 */
export function askJson(target: StoreTarget, q: string, epoch: string): Promise<string> {
  const form = new URLSearchParams({ db: target.bucket, q, ...(epoch !== '' && { epoch: shortUnits[epoch] ?? epoch }) })
  const headers = { Accept: 'application/json' }
  return requestText(target, '/query', { method: 'POST', body: form, headers }, timeoutMs)
}

/** InfluxDB 1 says them so. */
const shortUnits: Readonly<Record<string, string>> = { us: 'u' }

/** Parses JSON and leaves integers beyond 2^53, as times in nanoseconds are, whole. */
export function parseExact(json: string): unknown {
  const exact = (_key: string, value: unknown, context?: { readonly source?: string }) =>
    typeof value === 'number' && !Number.isSafeInteger(value) && /^-?\d+$/.test(context?.source ?? '')
      ? BigInt(context?.source ?? '')
      : value
  try {
    return JSON.parse(json, exact)
  } catch (error) {
    throw new IocError('STORE_UNREACHABLE', 'the store did not answer with JSON', { cause: error })
  }
}
