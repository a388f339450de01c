import { IocError, isIocError } from '@ioc/contract/errors.ts'
import { createSiteCheck, httpTimeouts, limitConnections } from '@ioc/runtime/http-guard.ts'
import { isLoopback, listenError } from '@ioc/runtime/listen.ts'
import Fastify, { type FastifyInstance } from 'fastify'
import { Gauge, Registry } from 'prom-client'
import { ownHeader } from '../../../target.ts'
import type { Store } from '../store.ts'
import { showsToken } from './auth.ts'
import { readBodies } from './body.ts'
import { addQueryRoutes } from './query-routes.ts'
import { addTransferRoutes } from './transfer-routes.ts'
import { addWriteRoutes, dialectOf, fail } from './write-routes.ts'

export interface ServerOptions {
  readonly bind: string
  readonly port: number
  /** `IOC_ALLOWED_HOSTS`. */
  readonly allowedHosts: string
  /** Empty for none, which only loopback may have. */
  readonly token: string
  readonly database: string
  /** Bytes. */
  readonly bodyLimit: number
  /** Most rows that a statement answers with. */
  readonly queryRows: number
  /** Longest that a statement may take. */
  readonly queryTimeoutMs: number
  /** Longest that a client may take to send a request, or to take the next piece of an answer. */
  readonly requestTimeoutMs: number
}

/** Version that clients are told; they choose their ways by it. */
const version = '1.8.10'

/** Longest time that answers under way may take once the store stops, in ms: below what `runProcess` allows. */
const finishMs = 5_000

/** Ways that ask for no token, as in InfluxDB. */
const open: ReadonlySet<string> = new Set(['/ping', '/health', '/ready'])

/** Speaks InfluxDB's HTTP for a store. */
export class StoreServer {
  readonly #options: ServerOptions
  readonly #store: Store
  #server: FastifyInstance | undefined
  #answering = 0
  #answered: (() => void) | undefined

  constructor(options: ServerOptions, store: Store) {
    this.#options = options
    this.#store = store
  }

  /**
   * Listens, and resolves to the port.
   * @throws IocError TOKEN_REQUIRED, PORT_IN_USE
   */
  async start(): Promise<number> {
    const { bind, port, allowedHosts, token, database, bodyLimit } = this.#options
    const { queryRows, queryTimeoutMs, requestTimeoutMs } = this.#options
    const refusedSite = createSiteCheck({ bind, allowedHosts })
    if (token === '' && !isLoopback(bind)) {
      throw new IocError(
        'TOKEN_REQUIRED',
        `the store would listen on ${bind} without a token: set IOC_INFLUX_TOKEN, or IOC_BIND to 127.0.0.1`,
      )
    }
    const server = Fastify({
      bodyLimit,
      forceCloseConnections: true,
      exposeHeadRoutes: false,
      requestTimeout: requestTimeoutMs,
      // Silence on a connection; a query is silent for as long as it takes.
      connectionTimeout: queryTimeoutMs + requestTimeoutMs,
      http: { ...httpTimeouts, headersTimeout: Math.min(requestTimeoutMs, httpTimeouts.headersTimeout) },
    })
    limitConnections(server.server)
    this.#server = server
    server.addHook('onRequest', async (_request, reply) => {
      this.#answering++
      reply.raw.once('close', () => {
        if (--this.#answering === 0) this.#answered?.()
      })
    })
    readBodies(server, bodyLimit)
    server.addHook('onRequest', async (request, reply) => {
      reply.header('X-Influxdb-Version', version)
      reply.header('X-Influxdb-Build', 'OSS')
      reply.header(ownHeader, '1')
      const dialect = dialectOf(request.url)
      const refusal = refusedSite(request.raw)
      if (refusal !== undefined) return fail(reply, dialect, 403, refusal)
      if (open.has(request.routeOptions.url ?? '')) return
      if (token !== '' && !showsToken(request, token)) {
        reply.header('WWW-Authenticate', 'Basic realm="InfluxDB"')
        return fail(reply, dialect, 401, 'authorization failed')
      }
      if (this.#store.state === 'open') return
      // Another connection may reach the store that is started next.
      reply.header('Retry-After', '1').header('Connection', 'close')
      return fail(reply, dialect, 503, `the store is ${this.#store.state}`)
    })
    server.setErrorHandler((error: Error & { statusCode?: number }, request, reply) =>
      fail(
        reply,
        dialectOf(request.url),
        error.statusCode ?? (isIocError(error, 'STORE_UNREACHABLE') ? 503 : 500),
        error.message,
      ),
    )
    server.setNotFoundHandler((request, reply) => fail(reply, dialectOf(request.url), 404, notFound(request.url)))
    server.route({
      method: ['GET', 'HEAD'],
      url: '/ping',
      handler: (_request, reply) => reply.code(this.#store.state === 'open' ? 204 : 503).send(),
    })
    server.get('/health', (_request, reply) => {
      const { state, verification } = this.#store
      const ready = state === 'open' && verification.damage === ''
      const message = state === 'open' ? verification.damage || 'ready' : state
      const status = ready ? 'pass' : 'fail'
      return reply.code(ready ? 200 : 503).send({ name: 'influxdb', message, status, checks: [], version })
    })
    const started = new Date()
    server.get('/ready', (_request, reply) => {
      const ready = this.#store.state === 'open'
      const up = `${((Date.now() - started.getTime()) / 1000).toFixed(3)}s`
      return reply.code(ready ? 200 : 503).send({ status: ready ? 'ready' : this.#store.state, started, up })
    })
    addWriteRoutes(server, this.#store, database)
    addQueryRoutes(server, this.#store, { database, maxRows: queryRows, timeoutMs: queryTimeoutMs })
    addTransferRoutes(server, this.#store, database)
    addMetrics(server, this.#store)
    try {
      await server.listen({ port, host: bind })
    } catch (error) {
      throw listenError(error as Error, port, bind, 'IOC_STORAGE_PORT')
    }
    const address = server.server.address()
    return typeof address === 'object' && address ? address.port : port
  }

  /** Waits for the answers under way, though not for ever, and closes. */
  async stop(): Promise<void> {
    if (this.#answering > 0) {
      await new Promise<void>((resolve) => {
        this.#answered = resolve
        setTimeout(resolve, finishMs).unref()
      })
    }
    await this.#server?.close()
  }
}

/** What to use in place of a path that the store does not have. */
function notFound(url: string): string {
  if (url.startsWith('/api/v2/query')) {
    return 'Flux is not supported by the embedded store: send InfluxQL to /query'
  }
  return url.startsWith('/api/')
    ? 'not supported by the embedded store: write to /api/v2/write, and send InfluxQL to /query'
    : 'not found: the embedded store has /write, /api/v2/write, /query, /ping, /health, /ready and /metrics'
}

function addMetrics(server: FastifyInstance, store: Store): void {
  const registry = new Registry()
  const figures: Readonly<Record<string, () => number>> = {
    points_total: () => store.counts.points,
    rejected_total: () => store.counts.rejected,
    expired_total: () => store.counts.expired,
    compacted_total: () => store.compaction.rows,
    compaction_pending: () => store.compaction.pending,
    compaction_longest_ms: () => store.compaction.longestMs,
    verified_rows: () => store.verification.rows,
    verified: () => Number(store.verification.done),
    damaged: () => Number(store.verification.damage !== ''),
    commits_total: () => store.counts.commits,
    failures_total: () => store.counts.failures,
    series: () => store.catalog.series.size,
    queued_bytes: () => store.queuedBytes,
  }
  for (const [name, figure] of Object.entries(figures)) {
    new Gauge({
      name: `ioc_storage_${name}`,
      help: `Embedded store: ${name.replaceAll('_', ' ')}`,
      registers: [registry],
      collect() {
        this.set(figure())
      },
    })
  }
  server.get('/metrics', async (_request, reply) => {
    reply.header('Content-Type', registry.contentType)
    return registry.metrics()
  })
}
