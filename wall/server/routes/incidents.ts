import { randomUUID } from 'node:crypto'
import { IocError, isIocError } from '@ioc/contract/errors.ts'
import type { UserCommand } from '@ioc/contract/messages/alerting-command.ts'
import { ApiError } from '@ioc/contract/messages/api.ts'
import {
  ApiAccepted,
  ApiAcknowledge,
  ApiAssign,
  ApiIncidentDetail,
  ApiIncidentParams,
  type ApiIncidentRow,
  ApiIncidents,
  ApiIncidentsQuery,
  ApiMaintain,
  ApiMaintenance,
  ApiNote,
  ApiSnooze,
  ApiUnshelve,
  ApiWindowParams,
  type UserRight,
} from '@ioc/contract/messages/api-incidents.ts'
import { ApiAssignees } from '@ioc/contract/messages/api-rota.ts'
import {
  causeId,
  isActive,
  type LiveIncident,
  type LiveMaintenance,
  parseCause,
  type ThingId,
  type ThingKind,
} from '@ioc/contract/messages/incidents.ts'
import { includesRole, type Role, type User } from '@ioc/contract/roles.ts'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type Type from 'typebox'
import { tags } from '../api-docs.ts'
import type { RoutePlaces } from '../guard.ts'
import { addressKey } from '../guess-limit.ts'
import {
  byUrgency,
  IncidentPlaces,
  type StoredIncident,
  storedIncidents,
  storedQuery,
  valueQueries,
  valuesOf,
} from '../incidents.ts'
import type { LiveState } from '../live-state.ts'
import type { WallOptions } from '../options.ts'
import { exactBody } from '../request-check.ts'
import type { Slots } from '../slots.ts'
import { runStatements } from '../store-query.ts'
import type { PlacesOf, VisiblePlaces } from '../visible-places.ts'
import { forbidden } from './forbidden.ts'
import { notFound } from './not-found.ts'

const pageSize = 50
const defaultRangeMs = 30 * 86_400_000
/** How far back one incident is looked for in the store, in ms. */
const maxLookBackMs = 5 * 366 * 86_400_000

/** Sends a command of the user of a request to the watch. @throws IocError PAYLOAD_INVALID, BROKER_UNREACHABLE */
export type SendCommand = (request: FastifyRequest, command: UserCommand) => Promise<void>

/** Roles that each right needs. */
export const rightRoles: Readonly<Record<UserRight, Role>> = { acknowledge: 'operator', work: 'technician' }

/** What a user may do with incidents. */
export function rightsOf({ role }: User): UserRight[] {
  return (Object.keys(rightRoles) as UserRight[]).filter((right) => includesRole(role, rightRoles[right]))
}

/** Of a route that sends the watch a command: what it does is on the live topics. */
export function commandRoute(
  right: UserRight,
  summary: string,
  of: { readonly description?: string; readonly params?: Type.TSchema; readonly body?: Type.TSchema },
  places?: RoutePlaces,
) {
  return {
    config: { role: rightRoles[right], ...(places ? { places } : {}) },
    validatorCompiler: exactBody,
    schema: {
      tags: [tags.incidents],
      summary,
      ...of,
      response: { 202: ApiAccepted, 400: ApiError, 404: ApiError, 409: ApiError, 503: ApiError },
    },
  }
}

/** `/api/incidents`, what people do with them, and `/api/maintenance`. */
export function incidentRoutes(
  app: FastifyInstance,
  state: LiveState,
  options: WallOptions,
  slots: Slots,
  placesOf: PlacesOf,
  assignees: (user: User) => ApiAssignees['users'],
  send: SendCommand,
): void {
  app.get<{ Querystring: ApiIncidentsQuery }>(
    '/api/incidents',
    {
      config: { role: 'viewer', places: 'filtered' },
      schema: {
        tags: [tags.incidents],
        summary: 'Incidents, those that are active first',
        description:
          'As of now, from the live state; closed ones that the watch has no longer come from the store. Without it, ' +
          '`complete` is false.',
        querystring: ApiIncidentsQuery,
        response: { 200: ApiIncidents, 400: ApiError },
      },
    },
    async (request): Promise<ApiIncidents> => {
      const { state: wanted = 'active', page = 1, ...query } = request.query
      const { to = Date.now(), from = to - defaultRangeMs } = query
      if (from > to) throw new IocError('PAYLOAD_INVALID', 'from is later than to')
      const places = new IncidentPlaces(state)
      const visible = placesOf(request.user)
      const live = [...state.incidents.values()].flatMap((one) => (visible ? (visible.incident(one) ?? []) : one))
      const known = new Set([...state.incidents.values()].map(({ id }) => id))
      const stored = wanted === 'closed' || wanted === 'all' ? await readStored(request.ip, from, to, places) : []
      const concerned = matcherOf(query, request.user)
      // What is active concerns whoever looks at it however old it is.
      const isInRange = (row: ApiIncidentRow) => isActive(row) || (row.opened >= from && row.opened <= to)
      const rows = [
        ...live.filter(concerned).map((incident) => places.rowOf(incident)),
        ...(stored ?? []).filter((row) => !known.has(row.id) && concerned(row) && isVisible(row, visible)),
      ].filter((row) => isWanted(row, wanted) && isInRange(row) && matches(row, query))
      rows.sort(byUrgency)
      const pages = Math.max(1, Math.ceil(rows.length / pageSize))
      return {
        incidents: rows.slice((page - 1) * pageSize, page * pageSize),
        ...{ total: rows.length, page, pages, complete: stored !== undefined },
        may: rightsOf(request.user),
      }
    },
  )

  /** undefined: the store does not answer. */
  async function readStore(ip: string, text: string) {
    try {
      return await slots.run(addressKey(ip), () => runStatements(options, text))
    } catch (error) {
      if (isIocError(error) && error.code.startsWith('STORE_')) return undefined
      throw error
    }
  }

  /** undefined: the store does not answer. */
  async function readStored(ip: string, from: number, to: number, places: IncidentPlaces, id?: number) {
    const answers = await readStore(ip, storedQuery(from, to, id))
    return answers && storedIncidents(answers[0] ?? [], places)
  }

  app.get<{ Params: ApiIncidentParams }>(
    '/api/incidents/:id',
    {
      config: { role: 'viewer', places: 'filtered' },
      schema: {
        tags: [tags.incidents],
        summary: 'An incident with what its cause depends on, what it affects, and the values around its beginning',
        description: 'One that the watch has no longer comes from the store, without its timeline.',
        params: ApiIncidentParams,
        response: { 200: ApiIncidentDetail, 400: ApiError, 404: ApiError, 503: ApiError },
      },
    },
    async (request): Promise<ApiIncidentDetail> => {
      const { id } = request.params
      const places = new IncidentPlaces(state)
      const visible = placesOf(request.user)
      const live = liveOf(id, visible)
      const found = live ?? (await oldOf(request.ip, id, places, visible))
      const incident: LiveIncident = 'timeline' in found ? found : asLive(found)
      const { cause, messages, merged_into, merged, timeline, affected } = incident
      const isOwn = visible?.hasThing(cause) ?? true
      return {
        ...(live ? places.rowOf(incident) : (found as StoredIncident)),
        ...{ live: live !== undefined, messages, merged_into, merged: [...merged] },
        may: isOwn ? rightsOf(request.user) : [],
        timeline: timeline.map((entry) => ({ ...entry })),
        deliveries: state.deliveriesOf(id).map(({ key: _, ...delivery }) => delivery),
        chain: places
          .chainOf(incident)
          .filter(({ thing, kind }) => isShared(kind) || isVisible({ cause: thing }, visible)),
        affected: affected.map((thing) => places.describe(thing, incident)),
        place: isOwn ? places.placeOf(cause) : null,
        values: isOwn ? await valuesAround(request.ip, incident, places) : [],
      }
    },
  )

  /** As far as the user may see it. */
  function liveOf(id: number, visible: VisiblePlaces | undefined): LiveIncident | undefined {
    const incident = state.incident(id)
    return incident && visible ? visible.incident(incident) : incident
  }

  async function oldOf(
    ip: string,
    id: number,
    places: IncidentPlaces,
    visible: VisiblePlaces | undefined,
  ): Promise<StoredIncident> {
    // One that the watch has, and the user may not see.
    if (state.incident(id)) throw notFound(`no incident ${id}`)
    const now = Date.now()
    const stored = await readStored(ip, now - maxLookBackMs, now, places, id)
    if (stored === undefined) throw new IocError('STORE_UNREACHABLE', 'the store does not answer')
    const [found] = stored
    if (!found || !isVisible(found, visible)) throw notFound(`no incident ${id}`)
    return found
  }

  /** Without a store, an incident is shown without them. */
  async function valuesAround(ip: string, { cause, began }: LiveIncident, places: IncidentPlaces) {
    const device = places.deviceOf(cause)
    const text = valueQueries(cause, device, began)
    const answers = text === undefined ? undefined : await readStore(ip, text)
    return valuesOf(answers?.flat() ?? [], cause, device, state)
  }

  /** A route that sends a command about a live incident. */
  function action<B>(
    name: string,
    right: UserRight,
    summary: string,
    body: Type.TSchema | undefined,
    commandsOf: (incident: LiveIncident, given: B, user: User) => readonly UserCommand[],
  ): void {
    app.post<{ Params: ApiIncidentParams; Body: B }>(
      `/api/incidents/:id/${name}`,
      commandRoute(right, summary, { params: ApiIncidentParams, ...(body ? { body } : {}) }, 'filtered'),
      async (request, reply) => {
        const { id } = request.params
        const visible = placesOf(request.user)
        const incident = liveOf(id, visible)
        if (!incident) throw notFound(`no incident ${id} that the watch still has`)
        if (!isVisible(incident, visible)) throw forbidden(`incident ${id} is not of your places alone`)
        if (incident.state === 'closed') throw conflict(`incident ${id} is closed`)
        for (const command of commandsOf(incident, request.body as B, request.user)) await send(request, command)
        return accepted(reply)
      },
    )
  }

  action<ApiAcknowledge>(
    'acknowledge',
    'acknowledge',
    'Acknowledge an incident until a time',
    ApiAcknowledge,
    ({ id }, { until, note = '', take = false }, { name: by }) => [
      { kind: 'acknowledge', by, id, until, note },
      ...(take ? [{ kind: 'assign', by, id, to: by } as const] : []),
    ],
  )
  action<ApiAssign>(
    'assign',
    'acknowledge',
    'Assign an incident to a user, or to nobody',
    ApiAssign,
    ({ id }, { to }, user) => {
      if (to !== null && !assignees(user).some((one) => one.user === to))
        throw new IocError('PAYLOAD_INVALID', `to: no user or person ${JSON.stringify(to)}`)
      return [{ kind: 'assign', by: user.name, id, to }]
    },
  )
  action<ApiNote>('note', 'work', 'Add a note to an incident', ApiNote, ({ id }, { text }, { name: by }) => [
    { kind: 'note', by, id, text },
  ])
  action('resolve', 'work', 'Resolve an incident by hand', undefined, ({ id }, _, { name: by }) => [
    { kind: 'resolve', by, id },
  ])
  action<ApiSnooze>(
    'snooze',
    'work',
    'Let the cause of an incident open no incident until a time',
    ApiSnooze,
    ({ cause: thing, aspect }, { until, reason = '' }, { name: by }) => {
      const cause = causeId(thing, aspect)
      return [until === null ? { kind: 'unshelve', by, cause } : { kind: 'shelve', by, cause, reason, until }]
    },
  )

  app.get(
    '/api/assignees',
    {
      config: { role: rightRoles.acknowledge, places: 'free' },
      schema: {
        tags: [tags.incidents],
        summary: 'Whom incidents can be assigned to',
        response: { 200: ApiAssignees },
      },
    },
    ({ user }): ApiAssignees => ({ users: assignees(user) }),
  )
  app.get(
    '/api/maintenance',
    {
      config: { role: 'viewer', places: 'filtered' },
      schema: {
        tags: [tags.incidents],
        summary: 'Maintenance windows',
        response: { 200: ApiMaintenance },
      },
    },
    ({ user }): ApiMaintenance => {
      const places = new IncidentPlaces(state)
      const { windows, shelves = [] } = maintenanceOf(user)
      return {
        windows: windows.map((window) => structuredClone(window) as ApiMaintenance['windows'][number]),
        shelves: shelves.map((shelf) => {
          const { thing, aspect } = parseCause(shelf.cause)
          return { ...shelf, aspect, name: places.nameOf(thing) }
        }),
        may: rightsOf(user),
      }
    },
  )
  app.post<{ Body: ApiMaintain }>(
    '/api/maintenance',
    commandRoute(
      'work',
      'Open a maintenance window, once or recurring',
      {
        description: 'Incidents of what it covers are not opened while it is open; those that are open stay.',
        body: ApiMaintain,
      },
      'filtered',
    ),
    async (request, reply) => {
      const { name: by } = request.user
      const isAllowed = placesOf(request.user)?.hasAllOf(request.body.covers) ?? true
      if (!isAllowed) throw forbidden('the window covers more than your places')
      const window = { ...request.body, by, id: `w-${randomUUID().slice(0, 13)}` }
      await send(request, { kind: 'maintain', by, window })
      return accepted(reply)
    },
  )
  app.post<{ Params: ApiWindowParams }>(
    '/api/maintenance/:id/end',
    commandRoute('work', 'End a maintenance window', { params: ApiWindowParams }, 'filtered'),
    async (request, reply) => {
      const { id } = request.params
      const isKnown = maintenanceOf(request.user).windows.some((window) => window.id === id)
      if (!isKnown) throw notFound(`no maintenance window ${id}`)
      const window = state.maintenance.windows.find((one) => one.id === id)
      const isOwn = window && (placesOf(request.user)?.hasAllOf(window.covers) ?? true)
      if (!isOwn) throw forbidden(`the maintenance window ${id} is not of your places alone`)
      await send(request, { kind: 'end_maintenance', by: request.user.name, id })
      return accepted(reply)
    },
  )
  app.post<{ Body: ApiUnshelve }>(
    '/api/maintenance/unshelve',
    commandRoute('work', 'Let a cause open incidents again', { body: ApiUnshelve }, 'filtered'),
    async (request, reply) => {
      const { cause } = request.body
      const shelf = maintenanceOf(request.user).shelves?.find((one) => one.cause === cause)
      if (!shelf) throw notFound(`${cause} is not shelved`)
      await send(request, { kind: 'unshelve', by: request.user.name, cause: shelf.cause })
      return accepted(reply)
    },
  )

  function maintenanceOf(user: User): LiveMaintenance {
    return placesOf(user)?.maintenance(state.maintenance) ?? state.maintenance
  }
}

/** What several places depend on: a limited user sees it where it explains an incident. */
const isShared = (kind: ThingKind): boolean => kind === 'upstream' || kind === 'centre'

/** Whether the cause of an incident is of the places of a user. */
function isVisible({ cause }: { readonly cause: string }, visible: VisiblePlaces | undefined): boolean {
  return visible?.hasThing(cause as ThingId) ?? true
}

export const accepted = (reply: FastifyReply): FastifyReply => reply.code(202).send({ accepted: true })

function conflict(message: string): Error {
  return Object.assign(new Error(message), { statusCode: 409, name: 'Conflict' })
}

function isWanted({ state }: ApiIncidentRow, wanted: NonNullable<ApiIncidentsQuery['state']>): boolean {
  if (wanted === 'all') return true
  return wanted === 'active' ? isActive({ state }) : state === wanted
}

/** Whether an incident is of a place and a person that were asked for. */
function matcherOf({ site, device, assigned }: ApiIncidentsQuery, user: User) {
  const key = device === undefined ? `${site}` : `${site}/${device}`
  const isAt = (thing: ThingId): boolean => {
    const path = `${thing.slice(thing.indexOf('/') + 1)}/`
    return thing.startsWith('indicator/') ? `/${path}`.includes(`/${key}/`) : path.startsWith(`${key}/`)
  }
  return (one: LiveIncident | StoredIncident): boolean => {
    const { cause, assigned: holder, acknowledged } = one
    const things = 'affected' in one ? [cause as ThingId, ...one.affected] : [cause as ThingId]
    if (site !== undefined && !things.some(isAt)) return false
    switch (assigned) {
      case undefined:
        return true
      case 'me':
        return holder === user.name || (holder === null && acknowledged?.by === user.name)
      case 'nobody':
        return holder === null && acknowledged === null
      default:
        return assigned satisfies never
    }
  }
}

function matches(row: ApiIncidentRow, { severity, area }: ApiIncidentsQuery): boolean {
  return (severity === undefined || row.severity === severity) && (area === undefined || row.areas.includes(area))
}

/** What is known of an incident that only the store has. */
function asLive({ areas: _areas, site: _site, problem, ...row }: StoredIncident): LiveIncident {
  return {
    ...row,
    ...{ cause: row.cause as ThingId, aspect: row.aspect as LiveIncident['aspect'], problem: problem ?? '' },
    ...{ affected: [], merged_into: null, merged: [], timeline: [] },
  }
}
