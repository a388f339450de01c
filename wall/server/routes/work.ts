import { ApiError } from '@ioc/contract/messages/api.ts'
import {
  ApiAvailability,
  ApiAvailabilityQuery,
  ApiWork,
  ApiWorkEntry,
  ApiWorkLog,
} from '@ioc/contract/messages/api-incidents.ts'
import { ApiDeviceParams } from '@ioc/contract/messages/api-places.ts'
import type { User } from '@ioc/contract/roles.ts'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { fleetDevices } from '../../shared/fleet.ts'
import { tags } from '../api-docs.ts'
import { type MonthRange, monthRange, readAvailability } from '../availability.ts'
import { addressKey } from '../guess-limit.ts'
import type { LiveState } from '../live-state.ts'
import type { WallOptions } from '../options.ts'
import { exactBody } from '../request-check.ts'
import type { Slots } from '../slots.ts'
import { literal, runStatements } from '../store-query.ts'
import type { PlacesOf } from '../visible-places.ts'
import type { WorkLog } from '../work-log.ts'
import { rightsOf } from './incidents.ts'
import { notFound } from './not-found.ts'

/** Writes down who has added an entry. @throws Error where it cannot be written */
export type NoteWork = (request: FastifyRequest, entry: ApiWorkEntry) => void

/** The work log of devices, and the report of their availability. */
export function workRoutes(
  app: FastifyInstance,
  state: LiveState,
  options: WallOptions,
  slots: Slots,
  placesOf: PlacesOf,
  log: WorkLog,
  note: NoteWork,
): void {
  app.get<{ Params: ApiDeviceParams }>(
    '/api/devices/:site/:device/work',
    {
      config: { role: 'viewer', places: 'filtered' },
      schema: {
        tags: [tags.incidents],
        summary: 'The work log of a device',
        params: ApiDeviceParams,
        response: { 200: ApiWorkLog, 400: ApiError, 404: ApiError },
      },
    },
    ({ params: { site, device }, user }): ApiWorkLog => {
      requireVisible(user, site, device)
      return { entries: [...log.of(site, device)], may: rightsOf(user) }
    },
  )
  app.post<{ Params: ApiDeviceParams; Body: ApiWork }>(
    '/api/devices/:site/:device/work',
    {
      config: { role: 'technician', places: 'filtered' },
      validatorCompiler: exactBody,
      schema: {
        tags: [tags.incidents],
        summary: 'Add to the work log of a device',
        params: ApiDeviceParams,
        body: ApiWork,
        response: { 201: ApiWorkEntry, 400: ApiError, 404: ApiError },
      },
    },
    (request, reply) => {
      const {
        params: { site, device },
        body,
        user,
      } = request
      requireVisible(user, site, device)
      const isKnown = [...state.known.devices.values()].some((one) => one.site === site && one.device === device)
      if (!isKnown) throw notFound(`no device ${site}/${device}`)
      const entry = log.add({ site, device, by: user.name, entered: Date.now(), ...body })
      note(request, entry)
      return reply.code(201).send(entry)
    },
  )
  app.get<{ Querystring: ApiAvailabilityQuery }>(
    '/api/reports/availability',
    {
      config: { role: 'viewer', places: 'filtered' },
      schema: {
        tags: [tags.incidents],
        summary: 'Availability of the devices of each site in a month',
        description:
          'Measurements that came of those that the cadence of the time lets expect, at most all of a day; feeds of cases have none. ' +
          'The status is 503 while the store does not answer.',
        querystring: ApiAvailabilityQuery,
        response: { 200: ApiAvailability, 400: ApiError, 404: ApiError, 503: ApiError },
      },
    },
    async (request): Promise<ApiAvailability> => {
      const { month, site: only } = request.query
      const range = monthRange(month, Date.now())
      const visible = placesOf(request.user)
      const devices = fleetDevices(state.known.devices.values()).filter(
        ({ site }) => (only === undefined || site === only) && (visible?.hasSite(site) ?? true),
      )
      if (only !== undefined && devices.length === 0) throw notFound(`no site ${only} with devices`)
      const run = (text: string) => slots.run(addressKey(request.ip), () => runStatements(options, text))
      const found = await readAvailability(devices, range, state.calendar, run)
      const incidents = await incidentsIn(range, run)
      const names = new Map(state.district.sites.map((one) => [one.site, one]))
      const areas = new Map(state.district.areas.map(({ code, name }) => [code, name]))
      const sites = new Map<string, Site>()
      for (const { site, device, name, type, area } of devices) {
        const availability = found.get(`${site}/${device}`)
        if (!availability) continue
        const listed = names.get(site)
        const areaName = areas.get(listed?.area ?? area ?? '') ?? null
        const entry = sites.get(site) ?? {
          ...{ site, name: listed?.name ?? null, area_name: areaName, share: null, devices: [] },
        }
        sites.set(site, entry)
        const work = log.of(site, device).filter(({ at }) => at >= range.from && at < range.to)
        entry.devices.push({
          ...{ device, name, type, ...availability },
          incidents: incidents.get(`device/${site}/${device}`) ?? 0,
          work: work.length,
          cost_vnd: work.reduce((sum, { cost_vnd = 0 }) => sum + cost_vnd, 0),
        })
      }
      return { month, ...range, sites: [...sites.values()].map(withShare).sort((a, b) => a.site.localeCompare(b.site)) }
    },
  )

  function requireVisible(user: User, site: string, device: string): void {
    if (!(placesOf(user)?.hasSite(site) ?? true)) throw notFound(`no device ${site}/${device}`)
  }
}

type Site = ApiAvailability['sites'][number]

function withShare(site: Site): Site {
  const shares = site.devices.flatMap(({ share }) => share ?? [])
  const share = shares.length === 0 ? null : shares.reduce((sum, one) => sum + one, 0) / shares.length
  const devices = [...site.devices].sort((a, b) => (a.share ?? 1) - (b.share ?? 1) || a.device.localeCompare(b.device))
  return { ...site, share, devices }
}

/** How many incidents were opened in a month, by cause. */
async function incidentsIn(
  { from, to }: MonthRange,
  run: (text: string) => ReturnType<typeof runStatements>,
): Promise<Map<string, number>> {
  const [series = []] = await run(
    `SELECT "cause" FROM "incident" WHERE "kind" = ${literal('device')} AND time >= ${from}ms AND time < ${to}ms`,
  )
  const counts = new Map<string, number>()
  for (const { columns, values } of series) {
    const at = columns.indexOf('cause')
    for (const row of values) counts.set(String(row[at]), (counts.get(String(row[at])) ?? 0) + 1)
  }
  return counts
}
