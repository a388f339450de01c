import { setTimeout as sleep } from 'node:timers/promises'
import type { AuditEntry } from '@ioc/accounts/audit-log.ts'
import { ApiError } from '@ioc/contract/messages/api.ts'
import {
  ApiAddCamera,
  ApiBridgeParams,
  ApiBridges,
  type ApiCamera,
  ApiCameraAdded,
  ApiCameraAlarm,
  ApiCameraAlarmed,
  ApiCameraDetail,
  ApiCameraParams,
  ApiCameras,
  ApiFoundCameras,
  ApiIncidentStillParams,
  ApiIncidentStills,
  ApiPtz,
  ApiPtzResult,
  ApiStillQuery,
} from '@ioc/contract/messages/api-cameras.ts'
import { ApiIncidentParams } from '@ioc/contract/messages/api-incidents.ts'
import { type AddedCamera, isAbnormal, type PtzMove } from '@ioc/contract/messages/camera-link.ts'
import { isActive, thingId } from '@ioc/contract/messages/incidents.ts'
import { includesRole, type User } from '@ioc/contract/roles.ts'
import { username } from '@ioc/contract/topics.ts'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { tags } from '../api-docs.ts'
import { alarmText } from '../cameras/alarm-text.ts'
import type { LinkedCamera } from '../cameras/camera-links.ts'
import type { Cameras } from '../cameras/cameras.ts'
import type { StoredStill } from '../cameras/still-store.ts'
import type { LiveState } from '../live-state.ts'
import { exactBody } from '../request-check.ts'
import type { PlacesOf } from '../visible-places.ts'
import type { SendCommand } from './incidents.ts'
import { notFound } from './not-found.ts'

export interface CameraRoutesParts {
  readonly state: LiveState
  readonly cameras: Cameras
  readonly placesOf: PlacesOf
  readonly send: SendCommand
  readonly note: (request: FastifyRequest, entry: Pick<AuditEntry, 'what' | 'target' | 'detail'>) => void
}

interface CameraRequest {
  readonly Params: ApiCameraParams
}

/** Views that are written down once, at most: of each user the last still of each camera. */
const maxViews = 20_000

/** An alarm waits for its still for so long, in ms. */
const maxAlarmDelayMs = 5_000

/** `/api/cameras`: cameras with their stills, and moves of those that turn. */
export function cameraRoutes(app: FastifyInstance, { state, cameras, placesOf, send, note }: CameraRoutesParts): void {
  const { links, stills } = cameras
  const viewed = new Map<string, number>()
  const schema = { tags: [tags.cameras] }
  const errors = { 400: ApiError, 404: ApiError, 409: ApiError, 503: ApiError }
  const viewer = { role: 'viewer', places: 'filtered' } as const
  const operator = { role: 'operator', places: 'filtered' } as const
  const admin = { role: 'admin', places: 'site' } as const

  app.get(
    '/api/cameras',
    {
      config: viewer,
      schema: { ...schema, summary: 'Cameras that bridges watch', response: { 200: ApiCameras } },
    },
    ({ user }): ApiCameras => {
      const visible = [...links.cameras.values()].filter(({ site }) => isVisible(user, site))
      return { cameras: visible.map(describe).sort(byUrgency), may: rightsOf(user) }
    },
  )
  app.get<CameraRequest>(
    '/api/cameras/:site/:camera',
    {
      config: viewer,
      schema: {
        ...schema,
        summary: 'One camera: its steps, the figures of its last picture, its moves',
        params: ApiCameraParams,
        response: { 200: ApiCameraDetail, ...errors },
      },
    },
    ({ params, user }): ApiCameraDetail => {
      const camera = require(user, params)
      const incidents = [...state.incidents.values()].filter(
        (one) => isActive(one) && one.cause === thingId('device', `${camera.site}/${camera.name}`),
      )
      return { camera: describe(camera), incidents: incidents.map(({ id }) => id), may: rightsOf(user) }
    },
  )
  app.get<CameraRequest>(
    '/api/cameras/:site/:camera/still',
    {
      config: operator,
      schema: {
        ...schema,
        summary: 'The last still of a camera, a JPEG; each view is written down',
        params: ApiCameraParams,
        querystring: ApiStillQuery,
        response: { 404: ApiError },
      },
    },
    (request, reply) => {
      const { site, name } = require(request.user, request.params)
      const still = stills.last(site, name)
      if (!still) throw notFound(`no still of ${site}/${name}`)
      noteView(request, `${site}/${name}`, still.ts)
      return sendStill(reply, still)
    },
  )
  app.post<CameraRequest>(
    '/api/cameras/:site/:camera/still',
    {
      config: operator,
      schema: {
        ...schema,
        summary: 'Take a new still of a camera',
        description: 'The status is 409 within two seconds of the last one.',
        params: ApiCameraParams,
        response: errors,
      },
    },
    async (request, reply) => {
      const { site, name } = require(request.user, request.params)
      const still = await cameras.freshStill(site, name)
      noteView(request, `${site}/${name}`, still.ts)
      return sendStill(reply, still)
    },
  )
  app.post<CameraRequest & { Body: PtzMove }>(
    '/api/cameras/:site/:camera/ptz',
    {
      config: operator,
      validatorCompiler: exactBody,
      schema: {
        ...schema,
        summary: 'Turn a camera, once it has arrived',
        description:
          'Whoever moves a camera controls it for a minute. An administrator takes control over from operators, operators from ' +
          'tours; else the status is 409, and names who controls it.',
        params: ApiCameraParams,
        body: ApiPtz,
        response: { 200: ApiPtzResult, ...errors },
      },
    },
    async (request) => {
      const { user, body } = request
      const camera = require(user, request.params)
      const target = `${camera.site}/${camera.name}`
      const detail = { move: body.kind, ...(body.kind === 'preset' ? { preset: body.token } : {}) }
      const priority = includesRole(user.role, 'admin') ? 'leader' : 'operator'
      const ask = { kind: 'ptz', camera: camera.name, by: user.name, priority, move: body } as const
      try {
        const { ptz } = await links.ask(camera, ask)
        note(request, { what: 'camera.move', target, detail })
        return ptz
      } catch (error) {
        note(request, { what: 'camera.move', target, detail: { ...detail, refused: (error as Error).message } })
        throw error
      }
    },
  )
  app.post<CameraRequest & { Body: ApiCameraAlarm }>(
    '/api/cameras/:site/:camera/alarm',
    {
      config: operator,
      validatorCompiler: exactBody,
      schema: {
        ...schema,
        summary: 'Report what a camera shows, as smoke, to those who are notified of it',
        description:
          'Opens an incident with the position and the bearing of the camera, and keeps a new still for it. Who is notified, ' +
          'and by which channels, follows from the rules and policies of the district.',
        params: ApiCameraParams,
        body: ApiCameraAlarm,
        response: { 201: ApiCameraAlarmed, ...errors },
      },
    },
    async (request, reply) => {
      const { user, body } = request
      const before = require(user, request.params)
      const { site, name } = before
      // A camera that does not answer now has shown what is reported in its last still.
      const fresh = cameras.freshStill(site, name).catch(() => undefined)
      const late = sleep(maxAlarmDelayMs, undefined, { ref: false })
      const still = (await Promise.race([fresh, late])) ?? stills.last(site, name)
      const camera = links.find(site, name) ?? before
      const thing = thingId('device', `${camera.site}/${camera.name}`)
      const known = [...state.incidents.values()].find(
        (one) => isActive(one) && one.cause === thing && one.aspect === 'reported',
      )
      if (known && still) cameras.keep(known.id, camera, still)
      const { lat, lon } = positionOf(camera)
      const bearing = camera.ptz?.bearing_deg ?? null
      await send(request, {
        kind: 'report',
        by: user.name,
        thing,
        state: body.kind,
        where: alarmText(bearing, lat, lon),
        text: body.text,
      })
      return reply.code(201).send({ bearing_deg: bearing, lat, lon, still_ts: still?.ts ?? null })
    },
  )
  app.get(
    '/api/camera-bridges',
    {
      config: { role: 'admin', places: 'filtered' },
      schema: { ...schema, summary: 'Bridges that are connected', response: { 200: ApiBridges } },
    },
    ({ user }): ApiBridges => ({ bridges: links.bridges.filter(({ site }) => isVisible(user, site)) }),
  )
  app.post<{ Params: ApiBridgeParams }>(
    '/api/camera-bridges/:site/:node/discover',
    {
      config: admin,
      schema: {
        ...schema,
        summary: 'Look for cameras on the networks of a bridge; none is added',
        params: ApiBridgeParams,
        response: { 200: ApiFoundCameras, ...errors },
      },
    },
    async ({ params }): Promise<ApiFoundCameras> => {
      const { found = [] } = await links.ask(params, { kind: 'discover' })
      return { found }
    },
  )
  app.post<{ Params: ApiBridgeParams; Body: AddedCamera }>(
    '/api/camera-bridges/:site/:node/cameras',
    {
      config: admin,
      validatorCompiler: exactBody,
      schema: {
        ...schema,
        summary: 'Test a camera and add it to a bridge; one that does not answer yet is added too',
        params: ApiBridgeParams,
        body: ApiAddCamera,
        response: { 201: ApiCameraAdded, ...errors },
      },
    },
    async (request, reply) => {
      const { trial } = await links.ask(request.params, { kind: 'add', camera: request.body })
      note(request, { what: 'camera.add', target: `${username(request.params)}: ${request.body.name}` })
      return reply.code(201).send(trial)
    },
  )
  app.delete<CameraRequest>(
    '/api/cameras/:site/:camera',
    {
      config: admin,
      schema: { ...schema, summary: 'Remove a camera from its bridge', params: ApiCameraParams, response: errors },
    },
    async (request, reply) => {
      const camera = require(request.user, request.params)
      await links.ask(camera, { kind: 'remove', camera: camera.name })
      note(request, { what: 'camera.remove', target: `${camera.site}/${camera.name}` })
      return reply.code(204).send()
    },
  )
  app.get<{ Params: ApiIncidentParams }>(
    '/api/incidents/:id/stills',
    {
      config: operator,
      schema: {
        ...schema,
        summary: 'Stills that are kept for an incident',
        params: ApiIncidentParams,
        response: { 200: ApiIncidentStills },
      },
    },
    ({ params: { id }, user }): ApiIncidentStills => ({
      stills: stills.ofIncident(id).filter(({ site }) => isVisible(user, site)),
    }),
  )
  app.get<{ Params: ApiIncidentStillParams }>(
    '/api/incidents/:id/stills/:name',
    {
      config: operator,
      schema: {
        ...schema,
        summary: 'A still of an incident, a JPEG; each view is written down',
        params: ApiIncidentStillParams,
        response: { 404: ApiError },
      },
    },
    (request, reply) => {
      const { id, name } = request.params
      const found = stills.ofIncident(id).find((one) => one.name === name)
      const jpeg = found && isVisible(request.user, found.site) ? stills.readOfIncident(id, name) : undefined
      if (!found || !jpeg) throw notFound(`no still ${name} of incident ${id}`)
      noteView(request, `incident ${id}: ${found.site}/${found.camera}`, found.ts)
      return sendStill(reply, { jpeg, ts: found.ts })
    },
  )

  function isVisible(user: User, site: string): boolean {
    return placesOf(user)?.hasSite(site) ?? true
  }

  function require(user: User, { site, camera }: ApiCameraParams): LinkedCamera {
    const found = isVisible(user, site) ? links.find(site, camera) : undefined
    if (!found) throw notFound(`no camera ${site}/${camera}`)
    return found
  }

  function describe(camera: LinkedCamera): ApiCamera {
    const { node: _, ...shown } = camera
    const listed = state.district.sites.find(({ site }) => site === camera.site)
    return {
      ...shown,
      ...positionOf(camera),
      site_name: listed?.name ?? null,
      area: listed?.area ?? null,
      still_ts: stills.lastTs(camera.site, camera.name) ?? null,
    }
  }

  /** Its own position, or else that of its site. */
  function positionOf({ site, lat, lon }: LinkedCamera): { lat: number | null; lon: number | null } {
    if (lat !== null && lon !== null) return { lat, lon }
    const listed = state.district.sites.find((one) => one.site === site)
    return { lat: listed?.lat ?? null, lon: listed?.lon ?? null }
  }

  /** Each still that a user sees, once. */
  function noteView(request: FastifyRequest, target: string, ts: number): void {
    const key = `${request.user.name} ${target}`
    if (viewed.get(key) === ts) return
    if (viewed.size >= maxViews) viewed.clear()
    viewed.set(key, ts)
    note(request, { what: 'still.view', target, detail: { taken: ts } })
  }
}

function rightsOf({ role }: User): ApiCameras['may'] {
  const isOperator = includesRole(role, 'operator')
  return { stills: isOperator, move: isOperator, manage: includesRole(role, 'admin') }
}

function byUrgency(one: ApiCamera, other: ApiCamera): number {
  const rank = (camera: ApiCamera) => (!isAbnormal(camera) ? 2 : camera.state === 'offline' ? 0 : 1)
  const byName = () => one.site.localeCompare(other.site) || one.name.localeCompare(other.name)
  return rank(one) - rank(other) || (isAbnormal(one) ? one.since - other.since : 0) || byName()
}

function sendStill(reply: FastifyReply, { jpeg, ts }: StoredStill): FastifyReply {
  return reply
    .header('content-type', 'image/jpeg')
    .header('cache-control', 'no-store')
    .header('x-still-ts', String(ts))
    .send(jpeg)
}
