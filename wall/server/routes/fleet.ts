import {
  type ApiDevice,
  ApiDevices,
  ApiDistrict,
  ApiLedger,
  type ApiSite,
  ApiSites,
} from '@ioc/contract/messages/api.ts'
import type { LiveDevice } from '@ioc/contract/messages/live.ts'
import type { FastifyInstance } from 'fastify'
import { fleetDevices } from '../../shared/fleet.ts'
import { isSilent } from '../../shared/stale.ts'
import { tags } from '../api-docs.ts'
import type { LiveState } from '../live-state.ts'
import type { PlacesOf } from '../visible-places.ts'

/** `/api/district`, `/api/sites`, `/api/devices`, `/api/ledger`: what the district has, and whether all messages of it arrived. */
export function fleetRoutes(app: FastifyInstance, state: LiveState, placesOf: PlacesOf): void {
  app.get(
    '/api/district',
    {
      config: { role: 'viewer', places: 'free' },
      schema: {
        tags: [tags.fleet],
        summary: 'Areas and units of the district, and why its files are refused',
        description:
          'Changes of the district files are taken up within seconds. If they are invalid, `problem` names file, line and ' +
          'reason, and the data before them stays in force.',
        response: { 200: ApiDistrict },
      },
    },
    () => {
      const { areas, units, problem } = state.district
      return {
        areas: [...areas],
        units: units.map((unit) => ({ ...unit, domains: [...unit.domains] })),
        problem,
      }
    },
  )
  app.get(
    '/api/sites',
    {
      config: { role: 'viewer', places: 'filtered' },
      schema: {
        tags: [tags.fleet],
        summary: 'Sites with their areas and nodes',
        description: 'Sites listed in the district files, and further sites named by nodes.',
        response: { 200: ApiSites },
      },
    },
    (request) => {
      const places = placesOf(request.user)
      return { sites: sites(state).filter(({ site }) => places?.hasSite(site) ?? true) }
    },
  )
  app.get(
    '/api/devices',
    {
      config: { role: 'viewer', places: 'filtered' },
      schema: {
        tags: [tags.fleet],
        summary: 'Devices with their connection and the time of their last measurement',
        response: { 200: ApiDevices },
      },
    },
    (request) => {
      const places = placesOf(request.user)
      const devices = sorted(state.devices).filter(({ site }) => places?.hasSite(site) ?? true)
      return { devices: devices.map((device) => withLiveness(state, device)) }
    },
  )
  app.get(
    '/api/ledger',
    {
      config: { role: 'viewer', places: 'filtered' },
      schema: {
        tags: [tags.fleet],
        summary: 'The ledger of each node',
        description:
          '`sent = stored + rejected + queued + lost`; duplicates are not part of `sent`. `problem` is the last reason why ' +
          'data of the node was rejected or dropped.',
        response: { 200: ApiLedger },
      },
    },
    (request) => {
      const places = placesOf(request.user)
      return { ledger: sorted(state.ledgers).filter(({ site }) => places?.hasSite(site) ?? true) }
    },
  )
}

/** A device with what the processor says of its liveness. */
export function withLiveness(state: LiveState, device: LiveDevice): ApiDevice {
  const life = state.lifeOf(device)
  return {
    ...device,
    stale: isSilent(life),
    state: life?.state ?? null,
    since: life?.since ?? null,
    silent_ms: life?.silent_ms ?? null,
    faults: life?.faults.map((fault) => ({ ...fault, evidence: { ...fault.evidence } })) ?? [],
    clock: life?.clock ? { ...life.clock } : null,
  }
}

/** A site of which no device is known. */
const unknown = { devices: 0, online: 0, stale: 0, lat: null, lon: null, last_ts: null } as const

/** Sites, as the district lists them, and as devices, ledgers and births name them. */
export function sites(state: LiveState): ApiSite[] {
  const bySite = new Map<string, ApiSite & { readonly names: Set<string> }>()
  const siteOf = (site: string) => {
    const found = bySite.get(site)
    if (found) return found
    const names = new Set<string>()
    const created = { site, name: null, area: null, area_name: null, names, nodes: [], ...unknown }
    bySite.set(site, created)
    return created
  }
  for (const { site, name, area, lat, lon } of state.district.sites)
    Object.assign(siteOf(site), { name, area, lat, lon })
  for (const { site, node } of [...state.ledgers.values(), ...state.nodes.values()]) siteOf(site).names.add(node)
  for (const device of fleetDevices(state.devices.values())) {
    const site = siteOf(device.site)
    site.names.add(device.node)
    site.devices++
    if (device.online) site.online++
    if (isSilent(state.lifeOf(device))) site.stale++
    site.area ??= device.area
    site.lat ??= device.lat
    site.lon ??= device.lon
    if (device.last_ts !== null) site.last_ts = Math.max(site.last_ts ?? device.last_ts, device.last_ts)
  }
  const areaNames = new Map(state.district.areas.map(({ code, name }) => [code, name]))
  return [...bySite.values()]
    .map(({ names, ...site }) => ({
      ...site,
      area_name: areaNames.get(site.area ?? '') ?? null,
      nodes: [...names].sort(),
    }))
    .sort((a, b) => a.site.localeCompare(b.site))
}

function sorted<T>(map: ReadonlyMap<string, T>): T[] {
  return [...map].sort(([a], [b]) => a.localeCompare(b)).map(([, value]) => value)
}
