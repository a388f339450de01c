import { randomUUID } from 'node:crypto'
import { IocError } from '@ioc/contract/errors.ts'
import { ApiError } from '@ioc/contract/messages/api.ts'
import {
  ApiChannelResult,
  ApiChannelTest,
  ApiOverride,
  ApiOverrideParams,
  ApiRota,
} from '@ioc/contract/messages/api-rota.ts'
import type { WatchAnswer } from '@ioc/contract/messages/notifications.ts'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { tags } from '../api-docs.ts'
import type { LiveState } from '../live-state.ts'
import { exactBody } from '../request-check.ts'
import { accepted, commandRoute, rightRoles, rightsOf, type SendCommand } from './incidents.ts'
import { notFound } from './not-found.ts'

/** Tries a contact. @throws IocError BROKER_UNREACHABLE, ALERTING_UNREACHABLE */
export type TestChannel = (request: FastifyRequest, test: ApiChannelTest) => Promise<WatchAnswer>

/** `/api/rota`: who is on call, overrides, and tests of contacts. */
export function rotaRoutes(app: FastifyInstance, state: LiveState, send: SendCommand, test: TestChannel): void {
  app.get(
    '/api/rota',
    {
      config: { role: 'viewer', places: 'free' },
      schema: {
        tags: [tags.incidents],
        summary: 'Who is on call, now and in the next 14 days, and when nobody is',
        response: { 200: ApiRota },
      },
    },
    ({ user }): ApiRota => {
      const { ts = null, rotas = [], overrides = [], people = [] } = state.rota ?? {}
      const units = new Map(state.district.units.map(({ id, name }) => [id, name]))
      return {
        ts,
        rotas: rotas.map((rota) => ({ ...rota, shifts: [...rota.shifts], gaps: [...rota.gaps] })),
        overrides: [...overrides],
        people: people.map(({ id, name, user: of, unit, channels }) => ({
          ...{ id, name, user: of, unit: units.get(unit ?? '') ?? null, channels: [...channels] },
        })),
        may: rightsOf(user),
      }
    },
  )
  app.post<{ Body: ApiOverride }>(
    '/api/rota/overrides',
    commandRoute('work', 'Replace whoever is on call for some time', { body: ApiOverride }),
    async (request, reply) => {
      const { rota, person } = request.body
      const { rotas = [], people = [] } = state.rota ?? {}
      if (!rotas.some(({ id }) => id === rota)) throw notFound(`no rota ${rota}`)
      if (person !== null && !people.some(({ id }) => id === person)) throw notFound(`no person ${person}`)
      const override = { ...request.body, id: `o-${randomUUID().slice(0, 13)}` }
      await send(request, { kind: 'override', by: request.user.name, override })
      return accepted(reply)
    },
  )
  app.post<{ Params: ApiOverrideParams }>(
    '/api/rota/overrides/:id/end',
    commandRoute('work', 'End an override', { params: ApiOverrideParams }),
    async (request, reply) => {
      const { id } = request.params
      if (!state.rota?.overrides.some((override) => override.id === id)) throw notFound(`no override ${id}`)
      await send(request, { kind: 'end_override', by: request.user.name, id })
      return accepted(reply)
    },
  )
  app.post<{ Body: ApiChannelTest }>(
    '/api/rota/test',
    {
      config: { role: rightRoles.work },
      validatorCompiler: exactBody,
      schema: {
        tags: [tags.incidents],
        summary: 'Send a test message to a person by one of the own channels',
        description: 'Answers when the channel has taken the message, or has failed.',
        body: ApiChannelTest,
        response: { 200: ApiChannelResult, 400: ApiError, 404: ApiError, 503: ApiError },
      },
    },
    async (request): Promise<ApiChannelResult> => {
      const { person, channel } = request.body
      const answer = await test(request, request.body)
      switch (answer.reason) {
        case 'sent':
          return { sent: true, detail: null }
        case 'failed':
          return { sent: false, detail: answer.detail ?? null }
        case 'unknown':
          throw notFound(`no contact of ${person} with the channel ${channel}`)
        default:
          throw new IocError('ALERTING_UNREACHABLE', `unexpected answer ${answer.reason} of the process alerting`)
      }
    },
  )
}
