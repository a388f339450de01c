import { ApiError } from '@ioc/contract/messages/api.ts'
import { ApiDeviceDetail, ApiDeviceParams, ApiSiteDetail, ApiSiteParams } from '@ioc/contract/messages/api-places.ts'
import type { LiveLedger, Scope } from '@ioc/contract/messages/live.ts'
import type { FastifyInstance } from 'fastify'
import { fleetDevices, nodeConnections } from '../../shared/fleet.ts'
import { tags } from '../api-docs.ts'
import { readDevice } from '../device-history.ts'
import { addressKey } from '../guess-limit.ts'
import type { LiveState } from '../live-state.ts'
import type { WallOptions } from '../options.ts'
import type { Slots } from '../slots.ts'
import { runStatements } from '../store-query.ts'
import type { PlacesOf } from '../visible-places.ts'
import { sites, withLiveness } from './fleet.ts'
import { latestOf } from './indicators.ts'
import { notFound } from './not-found.ts'

/** `/api/sites/{site}` and `/api/devices/{site}/{device}`: all that is known of one of them. */
export function placeRoutes(
  app: FastifyInstance,
  state: LiveState,
  options: WallOptions,
  slots: Slots,
  placesOf: PlacesOf,
): void {
  app.get<{ Params: ApiSiteParams }>(
    '/api/sites/:site',
    {
      config: { role: 'viewer', places: 'filtered' },
      schema: {
        tags: [tags.fleet],
        summary: 'A site with its devices, nodes, ledgers and indicators',
        description: 'As of now, from the live state.',
        params: ApiSiteParams,
        response: { 200: ApiSiteDetail, 400: ApiError, 404: ApiError },
      },
    },
    (request): ApiSiteDetail => {
      const { site: name } = request.params
      const site = sites(state).find((one) => one.site === name)
      const isVisible = placesOf(request.user)?.hasSite(name) ?? true
      if (!site || !isVisible) throw notFound(`no site ${name}`)
      const devices = fleetDevices(state.devices.values())
        .filter((device) => device.site === name)
        .map((device) => withLiveness(state, device))
      const nodes = site.nodes.map((node) => nodeOf(name, node))
      return {
        site,
        devices,
        nodes,
        ledgers: site.nodes.flatMap((node) => ledgerOf(name, node) ?? []),
        indicators: indicatorsAt('site', name),
      }
    },
  )
  app.get<{ Params: ApiDeviceParams }>(
    '/api/devices/:site/:device',
    {
      config: { role: 'viewer', places: 'filtered' },
      schema: {
        tags: [tags.fleet],
        summary: 'A device with its newest values, availability and last measurements',
        description:
          'Availability is the share of the measurements that its cadence lets expect, of each of the last 30 days in ' +
          'Asia/Ho_Chi_Minh. The status is 503 while the store does not answer.',
        params: ApiDeviceParams,
        response: { 200: ApiDeviceDetail, 400: ApiError, 404: ApiError, 503: ApiError },
      },
    },
    async (request): Promise<ApiDeviceDetail> => {
      const now = Date.now()
      const { site, device: name } = request.params
      const entries = [...state.devices.values()].filter((one) => one.site === site && one.device === name)
      const [device] = fleetDevices(entries)
      const isVisible = placesOf(request.user)?.hasSite(site) ?? true
      if (!device || !isVisible) throw notFound(`no device ${site}/${name}`)
      const run = (text: string) => slots.run(addressKey(request.ip), () => runStatements(options, text))
      const { areas, sites: listed } = state.district
      return {
        device: withLiveness(state, device),
        types: entries.map(({ type }) => type),
        site_name: listed.find((one) => one.site === site)?.name ?? null,
        area_name: areas.find(({ code }) => code === device.area)?.name ?? null,
        node: nodeOf(site, device.node),
        ledger: ledgerOf(site, device.node) ?? null,
        indicators: indicatorsAt('device', `${site}/${name}`),
        ...(await readDevice(entries, state.calendar, run, now)),
      }
    },
  )

  function nodeOf(site: string, name: string): ApiSiteDetail['nodes'][number] {
    const node = state.nodes.get(`node/${site}/${name}`)
    const connections = nodeConnections(node ? [node] : [], state.devices.values())
    return {
      site,
      node: name,
      online: connections.get(`${site}/${name}`) ?? false,
      session: node?.ts ?? null,
      agent: node?.agent ? { ...node.agent } : null,
    }
  }

  function ledgerOf(site: string, node: string): LiveLedger | undefined {
    return state.ledgers.get(`ledger/${site}/${node}`)
  }

  function indicatorsAt(scope: Scope, key: string): ApiSiteDetail['indicators'] {
    const { targets, thresholds } = state.district
    return [...state.indicators.values()]
      .filter((one) => one.scope === scope && one.key === key)
      .map((one) => {
        const latest = latestOf(one, targets, thresholds)
        return { id: one.id, ...(one.group === undefined ? {} : { group: one.group }), ...latest }
      })
  }
}
