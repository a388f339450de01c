import fastifySwagger from '@fastify/swagger'
import fastifySwaggerUi from '@fastify/swagger-ui'
import { IocError, isIocError } from '@ioc/contract/errors.ts'
import { isLoopback, listenError } from '@ioc/runtime/listen.ts'
import type { Logger } from '@ioc/runtime/logger.ts'
import type { Running } from '@ioc/runtime/process.ts'
import Fastify, { type FastifyError, type FastifyInstance } from 'fastify'
import { Access } from './access.ts'
import type { LiveLimits } from './live-client.ts'
import { LiveServer } from './live-server.ts'
import { LiveSource } from './live-source.ts'
import { LiveState } from './live-state.ts'
import { createMetrics } from './metrics.ts'
import type { WallOptions } from './options.ts'
import { securityHeaders, servePages } from './pages.ts'
import { fleetRoutes } from './routes/fleet.ts'
import { indicatorRoutes } from './routes/indicators.ts'
import { systemRoutes } from './routes/system.ts'

/** A started wall, and the port it listens on. */
export interface Wall extends Running {
  readonly port: number
}

/**
 * Starts the wall's server.
 * @throws IocError TOKEN_REQUIRED, PORT_IN_USE
 */
export async function startWall(options: WallOptions, logger: Logger, limits: Partial<LiveLimits> = {}): Promise<Wall> {
  if (!isLoopback(options.bind) && options.apiToken === '') {
    throw new IocError(
      'TOKEN_REQUIRED',
      `IOC_BIND is ${options.bind}, which others reach: set IOC_API_TOKEN to what they must show`,
    )
  }
  const state = new LiveState()
  const access = new Access(options.apiToken)
  const live = new LiveServer(state, access, logger, limits)
  const source = new LiveSource(options, state, (change) => live.publish(change), logger)
  const app = Fastify({ forceCloseConnections: true, bodyLimit: 64 * 1024 })
  const stop = async (): Promise<void> => {
    await source.stop()
    await live.stop()
    await app.close()
  }
  try {
    await prepare(app, { state, access, live, source, options, logger })
    live.start(app.server)
    const port = await listenOn(app, options)
    await source.start()
    return { port, stop, gauges: () => ({ clients: live.clientCount, live_topics: state.size }) }
  } catch (error) {
    await stop()
    throw error
  }
}

interface Parts {
  readonly state: LiveState
  readonly access: Access
  readonly live: LiveServer
  readonly source: LiveSource
  readonly options: WallOptions
  readonly logger: Logger
}

async function prepare(app: FastifyInstance, parts: Parts): Promise<void> {
  const { state, access, live, source, options, logger } = parts
  securityHeaders(app)
  guard(app, access)
  answerErrors(app, logger)
  await app.register(fastifySwagger, {
    openapi: {
      info: { title: 'Đơn Dương IOC', description: 'Indicators, devices and health of the district.', version: '1' },
      components: { securitySchemes: { token: { type: 'http', scheme: 'bearer' } } },
    },
  })
  await app.register(fastifySwaggerUi, { routePrefix: '/api/docs', staticCSP: true })
  const connected = (): boolean => source.connected
  systemRoutes(app, state, access, createMetrics(state, live, connected), connected)
  indicatorRoutes(app, state, options)
  fleetRoutes(app, state)
  await servePages(app)
}

/** The page itself holds nothing to hide, and asks for the token; everything else needs it. */
function guard(app: FastifyInstance, access: Access): void {
  app.addHook('onRequest', async (request, reply) => {
    const path = request.url.split('?', 1)[0] ?? ''
    const open = !/^\/(api|metrics)(\/|$)/.test(path) || path === '/api/session'
    if (open || access.allows(request)) return
    await reply.code(401).send({ statusCode: 401, error: 'Unauthorized', message: 'show the token as a bearer' })
  })
}

function answerErrors(app: FastifyInstance, logger: Logger): void {
  app.setErrorHandler((error: FastifyError, request, reply) => {
    const statusCode = isIocError(error) ? statusOf(error) : (error.statusCode ?? 500)
    if (statusCode === 500) logger.error({ err: error, url: request.url }, 'request failed')
    return reply.code(statusCode).send({
      statusCode,
      error: error.code ?? error.name,
      message: statusCode === 500 ? 'something is wrong here; the log says what' : error.message,
    })
  })
}

function statusOf(error: IocError): number {
  if (error.code.startsWith('STORE_')) return 503
  return error.code === 'NAME_INVALID' || error.code === 'PAYLOAD_INVALID' ? 400 : 500
}

async function listenOn(app: FastifyInstance, options: WallOptions): Promise<number> {
  const { bind, httpPort } = options
  try {
    await app.listen({ host: bind, port: httpPort })
  } catch (error) {
    throw listenError(error as Error, httpPort, bind, 'IOC_HTTP_PORT')
  }
  const address = app.server.address()
  return typeof address === 'object' && address ? address.port : httpPort
}
