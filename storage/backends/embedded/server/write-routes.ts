import { isIocError } from '@ioc/contract/errors.ts'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { policyName } from '../../../influxql/analyse/resolve.ts'
import { type Parsed, parseInTurns } from '../../../line-protocol/parse.ts'
import type { Precision } from '../../../line-protocol/point.ts'
import type { Store } from '../store.ts'

/** Version 1 says an error in one word, version 2 with a code. */
export type Dialect = 1 | 2

/** The dialect of a path. */
export function dialectOf(url: string): Dialect {
  return url.startsWith('/api/') ? 2 : 1
}

const precisions: ReadonlyMap<string, Precision> = new Map([
  ['', 'ns'],
  ['n', 'ns'],
  ['ns', 'ns'],
  ['u', 'us'],
  ['us', 'us'],
  ['µ', 'us'],
  ['ms', 'ms'],
  ['s', 's'],
  ['m', 'm'],
  ['h', 'h'],
])

type Query = Readonly<Record<string, unknown>>

export function addWriteRoutes(server: FastifyInstance, store: Store, database: string): void {
  const clock = new ArrivalClock()
  const handle = async (request: FastifyRequest, reply: FastifyReply, dialect: Dialect) => {
    const query = request.query as Query
    const name = parameter(query, dialect === 1 ? 'db' : 'bucket')
    if (name === '') return fail(reply, dialect, 400, dialect === 1 ? 'database is required' : 'bucket is required')
    // Version 2 names a database of version 1 as `database/policy`.
    if (name !== database && !(dialect === 2 && name.startsWith(`${database}/`))) {
      return fail(reply, dialect, 404, dialect === 1 ? `database not found: "${name}"` : `bucket "${name}" not found`)
    }
    const policy = dialect === 1 ? parameter(query, 'rp') : ''
    if (policy !== '' && policy !== policyName)
      return fail(reply, dialect, 404, `retention policy not found: ${policy}`)
    const precision = precisions.get(parameter(query, 'precision'))
    if (!precision) return fail(reply, dialect, 400, `invalid precision "${parameter(query, 'precision')}"`)
    const body = (request.body as Buffer | undefined) ?? Buffer.alloc(0)
    return write(store, body, { precision, arrival: clock.next() }, reply, dialect)
  }
  server.post('/write', (request, reply) => handle(request, reply, 1))
  server.post('/api/v2/write', (request, reply) => handle(request, reply, 2))
}

interface Stamps {
  readonly precision: Precision
  /** Nanoseconds. */
  readonly arrival: bigint
}

async function write(
  store: Store,
  body: Buffer,
  { precision, arrival }: Stamps,
  reply: FastifyReply,
  dialect: Dialect,
) {
  const parsed = await parseInTurns(body, precision, arrival)
  const { points } = parsed
  try {
    const rejections = points.count > 0 ? await store.write(points, body.length) : []
    if (parsed.refused === 0 && rejections.length === 0) return reply.code(204).send()
    return fail(reply, dialect, 400, explain(parsed, rejections))
  } catch (error) {
    if (!isIocError(error)) throw error
    const status = error.code === 'DISK_FULL' ? 507 : 503
    if (status === 503) reply.header('Retry-After', '1')
    return fail(reply, dialect, status, error.message)
  }
}

/** Reasons that one answer lists, at most. */
const maxReasons = 20

/** InfluxDB's words: the client looks for them. */
function explain({ points, errors, refused }: Parsed, rejections: readonly string[]): string {
  if (refused > 0) {
    const reasons = errors
      .slice(0, maxReasons)
      .map(({ text, reason, line, column }) => `unable to parse '${text}': ${reason} (line ${line}, column ${column})`)
    const list = reasons.join('\n')
    return points.count === 0 && rejections.length === 0
      ? list
      : `partial write: ${list} dropped=${refused + rejections.length}`
  }
  return `partial write: ${rejections[0]} dropped=${rejections.length}`
}

/**
 * Times of arrival, in ns: no two requests have the same, or their lines without a time would replace each other. The clock
 * has milliseconds; requests of one of them follow each other by a nanosecond.
 */
class ArrivalClock {
  #ms = 0
  #count = 0n

  next(): bigint {
    const ms = Date.now()
    this.#count = ms === this.#ms ? this.#count + 1n : 0n
    this.#ms = ms
    return BigInt(ms) * 1_000_000n + this.#count
  }
}

const codes: Readonly<Record<number, string>> = {
  400: 'invalid',
  401: 'unauthorized',
  403: 'forbidden',
  404: 'not found',
  413: 'request too large',
  415: 'unsupported media type',
  503: 'unavailable',
  507: 'internal error',
}

/** Longest message that a header carries too, in characters: clients give up on longer ones. */
const maxHeader = 1_000

export function fail(reply: FastifyReply, dialect: Dialect, status: number, message: string): FastifyReply {
  const [line = ''] = message.slice(0, maxHeader).split('\n', 1)
  reply.code(status).header('X-Influxdb-Error', line.replace(/[^\x20-\x7e]/g, '?'))
  return reply.send(dialect === 1 ? { error: message } : { code: codes[status] ?? 'internal error', message })
}

/** A parameter as text: the first, where it was given several times. */
export function parameter(query: Query, name: string): string {
  const value = query[name]
  return typeof value === 'string' ? value : Array.isArray(value) ? String(value[0]) : ''
}
