import { ApiError, ApiHealth, ApiSession } from '@ioc/contract/messages/api.ts'
import type { FastifyInstance } from 'fastify'
import type { Registry } from 'prom-client'
import type { Access } from '../access.ts'
import { health } from '../health.ts'
import type { LiveState } from '../live-state.ts'

/** `/api/health`, `/api/session`, `/metrics`. */
export function systemRoutes(
  app: FastifyInstance,
  state: LiveState,
  access: Access,
  metrics: Registry,
  connected: () => boolean,
): void {
  app.get('/api/health', { schema: { summary: 'How the centre is', response: { 200: ApiHealth } } }, () =>
    health(state, connected(), Date.now()),
  )
  app.post<{ Body: ApiSession }>(
    '/api/session',
    {
      schema: {
        summary: 'Gives a browser a cookie for the token',
        body: ApiSession,
        response: { 401: ApiError },
      },
    },
    (request, reply) => {
      if (!access.isToken(request.body.token)) {
        return reply.code(401).send({ statusCode: 401, error: 'Unauthorized', message: 'the token is not right' })
      }
      return reply.code(204).header('set-cookie', access.sessionCookie()).send()
    },
  )
  app.get('/metrics', { schema: { summary: 'Metrics for Prometheus', hide: true } }, async (_request, reply) =>
    reply.type(metrics.contentType).send(await metrics.metrics()),
  )
}
