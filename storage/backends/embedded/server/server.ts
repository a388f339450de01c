import { IocError, isIocError } from '@ioc/contract/errors.ts'
import { isLoopback, listenError } from '@ioc/runtime/listen.ts'
import Fastify, { type FastifyInstance } from 'fastify'
import { Gauge, Registry } from 'prom-client'
import type { Store } from '../store.ts'
import { showsToken } from './auth.ts'
import { addQueryRoutes } from './query-routes.ts'
import { addWriteRoutes, fail } from './write-routes.ts'

export interface ServerOptions {
  readonly bind: string
  readonly port: number
  /** Empty for none, which only loopback may have. */
  readonly token: string
  readonly database: string
  /** Bytes. */
  readonly bodyLimit: number
  /** Most rows that a statement answers with. */
  readonly queryRows: number
}

/** Version that clients are told; they choose their ways by it. */
const version = '1.8.10'

/** Ways that ask for no token, as in InfluxDB. */
const open: ReadonlySet<string> = new Set(['/ping', '/health'])

/** Speaks InfluxDB's HTTP for a store. */
export class StoreServer {
  readonly #options: ServerOptions
  readonly #store: Store
  #server: FastifyInstance | undefined

  constructor(options: ServerOptions, store: Store) {
    this.#options = options
    this.#store = store
  }

  /**
   * Listens, and resolves to the port.
   * @throws IocError TOKEN_REQUIRED, PORT_IN_USE
   */
  async start(): Promise<number> {
    const { bind, port, token, database, bodyLimit, queryRows } = this.#options
    if (token === '' && !isLoopback(bind)) {
      throw new IocError(
        'TOKEN_REQUIRED',
        `the store would listen on ${bind} without a token: set IOC_INFLUX_TOKEN, or IOC_BIND to 127.0.0.1`,
      )
    }
    const server = Fastify({ bodyLimit, forceCloseConnections: true, exposeHeadRoutes: false })
    this.#server = server
    server.removeAllContentTypeParsers()
    server.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body))
    server.addHook('onRequest', async (request, reply) => {
      reply.header('X-Influxdb-Version', version)
      reply.header('X-Influxdb-Build', 'OSS')
      if (token === '' || open.has(request.url.split('?', 1)[0] ?? '') || showsToken(request, token)) return
      reply.header('WWW-Authenticate', 'Basic realm="InfluxDB"')
      return fail(reply, request.url.startsWith('/api/v2/') ? 2 : 1, 401, 'authorization failed')
    })
    server.setErrorHandler((error: Error & { statusCode?: number }, request, reply) =>
      fail(
        reply,
        request.url.startsWith('/api/v2/') ? 2 : 1,
        error.statusCode ?? (isIocError(error, 'STORE_UNREACHABLE') ? 503 : 500),
        error.message,
      ),
    )
    server.setNotFoundHandler((_request, reply) => fail(reply, 1, 404, 'not found'))
    server.route({ method: ['GET', 'HEAD'], url: '/ping', handler: (_request, reply) => reply.code(204).send() })
    server.get('/health', () => ({ name: 'influxdb', message: 'ready', status: 'pass', checks: [], version }))
    addWriteRoutes(server, this.#store, { database, bodyLimit })
    addQueryRoutes(server, this.#store, { database, maxRows: queryRows })
    addMetrics(server, this.#store)
    try {
      await server.listen({ port, host: bind })
    } catch (error) {
      throw listenError(error as Error, port, bind, 'IOC_STORAGE_PORT')
    }
    const address = server.server.address()
    return typeof address === 'object' && address ? address.port : port
  }

  async stop(): Promise<void> {
    await this.#server?.close()
  }
}

function addMetrics(server: FastifyInstance, store: Store): void {
  const registry = new Registry()
  const figures: Readonly<Record<string, () => number>> = {
    points_total: () => store.counts.points,
    rejected_total: () => store.counts.rejected,
    commits_total: () => store.counts.commits,
    failures_total: () => store.counts.failures,
    series: () => store.catalog.series.length,
    queued_bytes: () => store.queuedBytes,
  }
  for (const [name, figure] of Object.entries(figures)) {
    new Gauge({
      name: `ioc_storage_${name}`,
      help: `The store's ${name.replaceAll('_', ' ')}`,
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
