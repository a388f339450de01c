import { IocError, isIocError } from '@ioc/contract/errors.ts'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { checkDatabase } from '../../../influxql/analyse/resolve.ts'
import { tooManyValues } from '../../../influxql/compile/scan.ts'
import { checkRegexes } from '../../../influxql/regexes.ts'
import { type Answer, type QuerySource, type Read, valueCount } from '../../../influxql/source.ts'
import type { Statement } from '../../../influxql/syntax/ast.ts'
import { readParameters } from '../../../influxql/syntax/parameters.ts'
import { parseQuery } from '../../../influxql/syntax/parse.ts'
import { nanosecondsPer } from '../../../line-protocol/point.ts'
import { joinInTurns } from '../../../turns.ts'
import { firstLine } from '../file.ts'
import { runQuickly } from '../newest.ts'
import type { Store } from '../store.ts'
import { type Epoch, type Outcome, toChunks, toCsv, toJson } from './answer.ts'
import { UnreadAnswers } from './unread-answers.ts'
import { fail, parameter } from './write-routes.ts'

export interface QueryRouteOptions {
  readonly database: string
  readonly maxRows: number
  /** Longest that one statement may take. */
  readonly timeoutMs: number
}

/** Longest text of queries, in characters. */
const maxQueryLength = 1_000_000

/** Values that all answers to a request may have, for each row that one may have. All of them are in memory at once. */
const valuesPerRow = 10

/** Bytes of all answers that clients have not read, for each row that one may have. */
const unreadBytesPerRow = 256

export function addQueryRoutes(server: FastifyInstance, store: Store, options: QueryRouteOptions): void {
  const unread = new UnreadAnswers(options.maxRows * unreadBytesPerRow)
  const handle = async (request: FastifyRequest, reply: FastifyReply) => {
    const query = await readForm(request)
    const text = parameter(query, 'q').trim()
    if (text === '') return fail(reply, 1, 400, 'missing required parameter "q"')
    if (text.length > maxQueryLength) return fail(reply, 1, 400, `query is longer than ${maxQueryLength} characters`)
    if (text.includes('\0')) return fail(reply, 1, 400, 'query contains invalid characters')
    const gone = new AbortController()
    reply.raw.once('close', () => {
      if (!reply.raw.writableFinished) gone.abort()
    })
    let statements: Statement[]
    try {
      const parsed = parseQuery(text, readParameters(parameter(query, 'params')))
      await withinTime(options, gone.signal, (signal) =>
        checkRegexes(querySource(store, options, options.maxRows, signal).read, parsed.regexes),
      )
      statements = parsed.statements
    } catch (error) {
      if (isIocError(error, 'STORE_UNREACHABLE')) throw error
      return fail(reply, 1, 400, explained(error))
    }
    const scope = { database: parameter(query, 'db'), policy: parameter(query, 'rp') }
    const outcomes: Outcome[] = []
    let maxValues = options.maxRows * valuesPerRow
    for (const statement of statements) {
      if (gone.signal.aborted) break
      const left = maxValues
      const withSource = (work: (source: QuerySource) => Promise<Answer>) =>
        withinTime(options, gone.signal, (signal) => work(querySource(store, options, left, signal)))
      const outcome = left > 0 ? await run(store, statement, scope, withSource) : { error: tooManyValues }
      maxValues -= valueCount(outcome.answer?.series ?? [])
      outcomes.push(outcome)
    }
    const { type, pieces } = format(request, outcomes, query)
    const answer = await joinInTurns(pieces)
    unread.add(reply, answer.length)
    return reply.type(type).send(answer)
  }
  server.get('/query', handle)
  server.post('/query', handle)
}

function querySource(
  store: Store,
  { database, maxRows }: QueryRouteOptions,
  maxValues: number,
  signal: AbortSignal,
): QuerySource {
  return {
    database,
    maxRows,
    maxValues,
    measurements: store.catalog.measurements,
    // Columns only ever have the types that `Value` names.
    read: (sql) => store.read(sql, signal) as ReturnType<Read>,
    scratch: (tables, use) => store.scratch(tables, use, signal),
  }
}

/** The database and policy that the parameters name; empty for none. */
interface Scope {
  readonly database: string
  readonly policy: string
}

async function run(
  store: Store,
  statement: Statement,
  { database, policy }: Scope,
  withSource: (work: (source: QuerySource) => Promise<Answer>) => Promise<Answer>,
): Promise<Outcome> {
  try {
    const answer = await withSource((source) => {
      if (statement.kind === 'select' || statement.kind === 'show') checkDatabase(source, database, policy)
      return runQuickly(source, store.catalog, statement, BigInt(Date.now()) * 1_000_000n)
    })
    const byIndex = statement.kind === 'show' && ['measurements', 'tag keys', 'tag values'].includes(statement.subject)
    return { answer, whole: byIndex }
  } catch (error) {
    if (isIocError(error, 'STORE_UNREACHABLE')) throw error
    return { error: explained(error) }
  }
}

/**
 * Does something for as long as its answer is wanted, and no longer than a statement may take.
 * @throws IocError QUERY_INVALID
 */
async function withinTime<T>(
  { timeoutMs }: QueryRouteOptions,
  gone: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const late = new AbortController()
  const timer = setTimeout(() => late.abort(), timeoutMs)
  try {
    return await work(AbortSignal.any([gone, late.signal]))
  } catch (error) {
    if (!late.signal.aborted) throw error
    const message = `the query took longer than ${timeoutMs} ms: reduce its range, or raise IOC_STORAGE_QUERY_TIMEOUT_MS`
    throw new IocError('QUERY_INVALID', message, { cause: error })
  } finally {
    clearTimeout(timer)
  }
}

function explained(error: unknown): string {
  if (isIocError(error)) return error.message
  if (error instanceof RangeError) return 'the query is too long or nested too deeply'
  return firstLine(error)
}

const epochs: ReadonlyMap<string, Epoch> = new Map<string, Epoch>([
  ['', undefined],
  ['n', 1n],
  ['u', 1_000n],
  ['µ', 1_000n],
  ...Object.entries(nanosecondsPer),
])

/** Rows of a chunk where nothing else was asked for. */
const chunkRows = 10_000

type Query = Readonly<Record<string, unknown>>

function format(
  request: FastifyRequest,
  outcomes: readonly Outcome[],
  query: Query,
): { type: string; pieces: Iterable<string> } {
  const asked = parameter(query, 'epoch').trim()
  // InfluxDB takes a unit that it does not know for nanoseconds.
  const epoch = epochs.has(asked) ? epochs.get(asked) : 1n
  if (/^(application|text)\/csv$/.test(request.headers.accept ?? '')) {
    return { type: 'text/csv', pieces: toCsv(outcomes, epoch) }
  }
  const pretty = parameter(query, 'pretty') === 'true'
  const rows = parameter(query, 'chunk_size')
  const size = /^[1-9]\d{0,8}$/.test(rows) ? Number(rows) : chunkRows
  const chunked = parameter(query, 'chunked') === 'true'
  const pieces = chunked ? toChunks(outcomes, epoch, pretty, size) : toJson(outcomes, epoch, pretty)
  return { type: 'application/json', pieces }
}

/** Parameters of the URL, and of the form that a POST carries: those of a form come first, those of one of parts last. */
async function readForm(request: FastifyRequest): Promise<Query> {
  const url = request.query as Query
  const body = request.body as Buffer | undefined
  if (!body?.length) return url
  const [type = ''] = request.raw.headersDistinct['content-type'] ?? []
  if (/^\s*multipart\/form-data/i.test(type)) return { ...(await readParts(body, type)), ...url }
  const form: Record<string, string> = {}
  for (const [name, value] of new URLSearchParams(body.toString())) form[name] ??= value
  return { ...url, ...form }
}

/** The parts of a form, of which the query may be a file. */
async function readParts(body: Buffer, type: string): Promise<Query> {
  const parts: Record<string, string> = {}
  try {
    const form = await new Response(body, { headers: { 'content-type': type } }).formData()
    for (const [name, value] of form) parts[name] ??= typeof value === 'string' ? value : await value.text()
  } catch {
    // What is no form says nothing.
  }
  return parts
}
