import { ApiHealth, ApiHealthDevices, ApiHealthQuery } from '@ioc/contract/messages/api.ts'
import type { NodeAddress } from '@ioc/contract/topics.ts'
import type { FastifyInstance } from 'fastify'
import type { Registry } from 'prom-client'
import { tags } from '../api-docs.ts'
import { health, healthOfDevices } from '../health.ts'
import type { LiveState } from '../live-state.ts'
import type { PlacesOf, VisiblePlaces } from '../visible-places.ts'

/** `/api/health`, `/api/health/devices`, `/metrics`. */
export function systemRoutes(
  app: FastifyInstance,
  state: LiveState,
  metricsFor: (places?: VisiblePlaces) => Registry,
  connected: () => boolean,
  ownNode: () => NodeAddress | undefined,
  placesOf: PlacesOf,
): void {
  const metrics = metricsFor()
  app.get(
    '/api/health',
    {
      config: { role: 'viewer', places: 'free' },
      schema: {
        tags: [tags.monitoring],
        summary: 'Health of the centre',
        description:
          "`status` covers the centre's own processes; `reasons` lists the causes of `degraded`. The HTTP status is always 200. " +
          'Devices and nodes are counted but do not affect `status`; monitor them with `/api/health/devices`.',
        response: { 200: ApiHealth },
      },
    },
    () => health(state, connected(), ownNode(), Date.now()),
  )
  app.get<{ Querystring: ApiHealthQuery }>(
    '/api/health/devices',
    {
      config: { role: 'viewer', places: 'filtered' },
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
      const answer = healthOfDevices(state, connected(), request.query, placesOf(request.user))
      return reply.code(answer.status === 'ok' ? 200 : 503).send(answer)
    },
  )
  app.get(
    '/metrics',
    {
      config: { role: 'viewer', places: 'filtered' },
      schema: {
        tags: [tags.monitoring],
        summary: 'Metrics for Prometheus',
        description:
          'Text exposition format: processes, ledgers, devices and nodes by state; for at most ' +
          '`IOC_MAX_METRIC_DEVICES` nodes and devices `ioc_node_connected{site,node}`, ' +
          '`ioc_device_last_measured_timestamp_seconds{site,device,type}` and `ioc_device_silent{site,device,type}`. ' +
          'Users who are limited to places receive ledgers, nodes and devices of these.',
        produces: ['text/plain'],
      },
    },
    async (request, reply) => {
      const places = placesOf(request.user)
      const registry = places ? metricsFor(places) : metrics
      return reply.type(registry.contentType).send(await registry.metrics())
    },
  )
}
