import { ApiError, ApiHealth, ApiHealthDevices, ApiHealthQuery, ApiSession } from '@ioc/contract/messages/api.ts'
import type { FastifyInstance } from 'fastify'
import type { Registry } from 'prom-client'
import type { Access } from '../access.ts'
import { tags } from '../api-docs.ts'
import { sendRefusal } from '../guard.ts'
import { health, healthOfDevices } from '../health.ts'
import type { LiveState } from '../live-state.ts'

/** `/api/health`, `/api/health/devices`, `/api/session`, `/metrics`. */
export function systemRoutes(
  app: FastifyInstance,
  state: LiveState,
  access: Access,
  metrics: Registry,
  connected: () => boolean,
): void {
  app.get(
    '/api/health',
    {
      config: { access: 'token' },
      schema: {
        tags: [tags.monitoring],
        summary: 'Health of the centre',
        description:
          "`status` covers the centre's own processes; `reasons` lists the causes of `degraded`. The HTTP status is always 200. " +
          'Devices and nodes are counted but do not affect `status`; monitor them with `/api/health/devices`.',
        response: { 200: ApiHealth },
      },
    },
    () => health(state, connected(), Date.now()),
  )
  app.get<{ Querystring: ApiHealthQuery }>(
    '/api/health/devices',
    {
      config: { access: 'token' },
      schema: {
        tags: [tags.monitoring],
        summary: 'Health of devices and nodes, for monitors that read the HTTP status',
        description:
          '200 if no device is silent and no node is offline, else 503. `max_silent` and `max_offline` set how many of each ' +
          'are tolerated. In Uptime Kuma: a monitor of type HTTP(s) with the header `Authorization: Bearer …`.',
        querystring: ApiHealthQuery,
        response: { 200: ApiHealthDevices, 503: ApiHealthDevices },
      },
    },
    (request, reply) => {
      const answer = healthOfDevices(state, connected(), request.query)
      return reply.code(answer.status === 'ok' ? 200 : 503).send(answer)
    },
  )
  app.post<{ Body: ApiSession }>(
    '/api/session',
    {
      config: { access: 'open' },
      schema: {
        tags: [tags.access],
        summary: 'Exchange the token for a cookie',
        description:
          'For browsers, which cannot send a header with a WebSocket. After ten wrong tokens within a minute, an address ' +
          'receives 429 with `Retry-After`.',
        security: [],
        body: ApiSession,
        response: { 204: { type: 'null', description: 'The cookie is set' }, 401: ApiError, 429: ApiError },
      },
    },
    (request, reply) => {
      const decision = access.checkToken(request.body.token, request.ip)
      if (decision.status !== 200) return sendRefusal(reply, decision)
      return reply.code(204).header('set-cookie', access.sessionCookie()).send()
    },
  )
  app.get(
    '/metrics',
    {
      config: { access: 'token' },
      schema: {
        tags: [tags.monitoring],
        summary: 'Metrics for Prometheus',
        description:
          'Text exposition format: processes, ledgers, devices and nodes by state; for at most ' +
          '`IOC_MAX_METRIC_DEVICES` nodes and devices `ioc_node_connected{site,node}`, ' +
          '`ioc_device_last_measured_timestamp_seconds{site,device,type}` and `ioc_device_silent{site,device,type}`.',
        produces: ['text/plain'],
      },
    },
    async (_request, reply) => reply.type(metrics.contentType).send(await metrics.metrics()),
  )
}
