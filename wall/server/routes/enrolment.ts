import { readAuthority, usesTls } from '@ioc/broker/credentials/certificates.ts'
import type { CredentialStore } from '@ioc/broker/credentials/credential-store.ts'
import type { EnrolmentStore } from '@ioc/broker/credentials/enrolment-store.ts'
import { listNodes } from '@ioc/broker/credentials/nodes.ts'
import { IocError, isIocError } from '@ioc/contract/errors.ts'
import { ApiError } from '@ioc/contract/messages/api.ts'
import {
  ApiAddToken,
  ApiEnrol,
  ApiEnrolId,
  ApiEnrolled,
  ApiEnrolPending,
  ApiEnrolRequested,
  ApiGrant,
  ApiMachine,
  ApiNodeParams,
  ApiNodes,
  ApiPending,
  ApiTokenAdded,
} from '@ioc/contract/messages/api-enrol.ts'
import type { User } from '@ioc/contract/roles.ts'
import { username } from '@ioc/contract/topics.ts'
import type { DesiredConfigs } from '@ioc/edge-agent/desired/config-store.ts'
import type { FastifyInstance } from 'fastify'
import type { Access } from '../access.ts'
import { tags } from '../api-docs.ts'
import { sendRefusal } from '../guard.ts'
import { GuessLimit } from '../guess-limit.ts'
import type { WallOptions } from '../options.ts'
import { exactBody } from '../request-check.ts'
import type { PlacesOf } from '../visible-places.ts'
import { forbidden } from './forbidden.ts'

/** Wrong tokens, and requests without a token, of one address in ten minutes. */
const tokenLimits = { maxPerAddress: 5, maxInAll: 200, windowMs: 600_000 }
const requestLimits = { maxPerAddress: 10, maxInAll: 200, windowMs: 600_000 }
const defaultValidMs = 86_400_000

export interface EnrolmentParts {
  readonly credentials: CredentialStore
  readonly enrolments: EnrolmentStore
  readonly desired: DesiredConfigs
  readonly access: Access
  readonly placesOf: PlacesOf
}

/** `/api/enrol`, `/api/nodes`: how a machine becomes a node, and the nodes that there are. */
export function enrolmentRoutes(
  app: FastifyInstance,
  options: WallOptions,
  { credentials, enrolments: store, desired, access, placesOf }: EnrolmentParts,
): void {
  const guesses = new GuessLimit(tokenLimits)
  const requests = new GuessLimit(requestLimits)
  const schema = { tags: [tags.enrolment] }
  const errors = { 400: ApiError, 401: ApiError, 403: ApiError, 409: ApiError, 410: ApiError, 429: ApiError }
  const admin = { role: 'admin' } as const
  const open = { role: 'public', places: 'free' } as const
  const ofPlaces = { role: 'admin', places: 'filtered' } as const
  const isVisible = (user: User, site: string) => placesOf(user)?.hasSite(site) ?? true
  const tooMany = (waitMs: number) => ({ status: 429, retryAfter_s: Math.ceil(waitMs / 1000) }) as const

  app.post<{ Body: ApiEnrol }>(
    '/api/enrol',
    {
      config: open,
      schema: {
        ...schema,
        summary: 'Enrol a machine with a token',
        description:
          'Returns the credential of the node. Until it first connects, the same machine (`pubkey`) gets the same answer ' +
          'again; another machine gets 409. 202 while the request of the machine is not accepted. After five wrong tokens ' +
          'an address waits for ten minutes: 429 with `Retry-After`.',
        security: [],
        body: ApiEnrol,
        response: { 200: ApiEnrolled, 202: ApiEnrolPending, ...errors },
      },
    },
    async (request, reply) => {
      const waitMs = guesses.waitMs(request.ip)
      if (waitMs > 0) return sendRefusal(reply, tooMany(waitMs))
      const { token, ...machine } = request.body
      guesses.noteWrong(request.ip)
      const outcome = await store.enrol(token, machine, request.ip, Date.now()).catch((error: unknown) => {
        if (!isIocError(error, 'ENROL_TOKEN_INVALID')) guesses.noteRight(request.ip, true)
        throw error
      })
      guesses.noteRight(request.ip, true)
      if (outcome.status === 'pending') return reply.code(202).send(outcome)
      const { address, password } = outcome
      const name = username(address)
      access.note(request.raw, { name }, { what: 'node.enrol', target: name, detail: { host: machine.host } })
      return {
        status: outcome.status,
        ...address,
        username: name,
        password,
        mqtt_url: brokerUrl(options, request.host),
        ca: readAuthority(options) ?? null,
        config: {},
      }
    },
  )
  app.post<{ Body: ApiMachine }>(
    '/api/enrol/request',
    {
      config: open,
      schema: {
        ...schema,
        summary: 'Request enrolment without a token',
        description:
          'The machine shows the code; an administrator compares it and accepts the request. Then `POST /api/enrol` with ' +
          'the returned token answers with the credential. At most 100 requests are pending, each for a day.',
        security: [],
        body: ApiMachine,
        response: { 202: ApiEnrolRequested, ...errors },
      },
    },
    (request, reply) => {
      const waitMs = requests.waitMs(request.ip)
      if (waitMs > 0) return sendRefusal(reply, tooMany(waitMs))
      requests.noteWrong(request.ip)
      return reply.code(202).send({ status: 'pending', ...store.request(request.body, request.ip, Date.now()) })
    },
  )
  app.get(
    '/api/enrol/ca',
    {
      config: open,
      schema: {
        ...schema,
        summary: 'The certificate authority of the centre in PEM',
        description: 'Compare its SHA-256 with the one in the token. 404 on a centre without TLS.',
        security: [],
        response: { 200: { type: 'string', examples: ['-----BEGIN CERTIFICATE-----'] }, 404: ApiError },
      },
    },
    (_request, reply) => {
      const authority = readAuthority(options)
      if (authority === undefined) {
        return reply.code(404).send({ statusCode: 404, error: 'Not Found', message: 'this centre has no TLS' })
      }
      return reply.type('application/x-pem-file').send(authority)
    },
  )
  app.get(
    '/api/enrol/pending',
    {
      config: admin,
      schema: { ...schema, summary: 'Requests that wait for an operator', response: { 200: ApiPending } },
    },
    () => ({ pending: store.pending(Date.now()) }),
  )
  app.post<{ Params: ApiEnrolId; Body: ApiGrant }>(
    '/api/enrol/pending/:id/accept',
    {
      config: admin,
      validatorCompiler: exactBody,
      schema: {
        ...schema,
        summary: 'Accept a request into a site',
        params: ApiEnrolId,
        body: ApiGrant,
        response: { 204: { type: 'null' }, ...errors, 404: ApiError },
      },
    },
    (request, reply) => {
      const { site } = request.body
      const { code, host } = store.accept(request.params.id, request.body, request.user.name, Date.now())
      access.note(request.raw, request.user, { what: 'enrolment.accept', target: site, detail: { code, host } })
      return reply.code(204).send()
    },
  )
  app.post<{ Params: ApiEnrolId }>(
    '/api/enrol/pending/:id/reject',
    {
      config: admin,
      schema: {
        ...schema,
        summary: 'Reject a request',
        params: ApiEnrolId,
        response: { 204: { type: 'null' }, ...errors, 404: ApiError },
      },
    },
    (request, reply) => {
      const { code, host } = store.reject(request.params.id, Date.now())
      access.note(request.raw, request.user, { what: 'enrolment.reject', target: code, detail: { host } })
      return reply.code(204).send()
    },
  )
  app.post<{ Body: ApiAddToken }>(
    '/api/enrol/tokens',
    {
      config: ofPlaces,
      validatorCompiler: exactBody,
      schema: {
        ...schema,
        summary: 'Create an enrolment token',
        description: 'The token is returned this once; the centre keeps only a hash of it.',
        body: ApiAddToken,
        response: { 201: ApiTokenAdded, ...errors },
      },
    },
    (request, reply) => {
      const { uses = 1, expires_s, ...grant } = request.body
      if (!isVisible(request.user, grant.site)) throw forbidden(`the site ${grant.site} is not of your places`)
      const validMs = expires_s === undefined ? defaultValidMs : expires_s * 1000
      const added = store.addToken({ ...grant, uses, validMs, by: request.user.name }, Date.now())
      const detail = { id: added.id, uses, expires: added.expires }
      access.note(request.raw, request.user, { what: 'enrolment.token', target: grant.site, detail })
      return reply.code(201).send(added)
    },
  )
  app.delete<{ Params: ApiEnrolId }>(
    '/api/enrol/tokens/:id',
    {
      config: ofPlaces,
      schema: {
        ...schema,
        summary: 'Revoke an enrolment token; nodes that it enrolled stay',
        params: ApiEnrolId,
        response: { 204: { type: 'null' }, ...errors },
      },
    },
    (request, reply) => {
      const token = store.tokens(Date.now()).find(({ id }) => id === request.params.id)
      if (token && !isVisible(request.user, token.site))
        throw new IocError('ENROL_TOKEN_INVALID', `no enrolment token has the id ${token.id}`)
      store.revokeToken(request.params.id)
      access.note(request.raw, request.user, { what: 'enrolment.revoke', target: request.params.id })
      return reply.code(204).send()
    },
  )
  app.get(
    '/api/nodes',
    {
      config: ofPlaces,
      schema: { ...schema, summary: 'Credentials of nodes, and enrolment tokens', response: { 200: ApiNodes } },
    },
    ({ user }) => {
      const ofUser = ({ site }: { readonly site: string }) => isVisible(user, site)
      const now = Date.now()
      return { nodes: listNodes(credentials, now).filter(ofUser), tokens: store.tokens(now).filter(ofUser) }
    },
  )
  app.delete<{ Params: ApiNodeParams }>(
    '/api/nodes/:site/:node',
    {
      config: { role: 'admin', places: 'site' },
      schema: {
        ...schema,
        summary: 'Revoke the credential of a node; its connections end at once',
        params: ApiNodeParams,
        response: { 204: { type: 'null' }, ...errors, 404: ApiError },
      },
    },
    (request, reply) => {
      const target = username(request.params)
      credentials.remove(target)
      desired.remove(request.params)
      access.note(request.raw, request.user, { what: 'node.remove', target })
      return reply.code(204).send()
    },
  )
}

/** Where the broker is, at the address by which the machine reached the wall. */
function brokerUrl(options: WallOptions, host: string): string {
  const { hostname } = new URL(`http://${host}`)
  return usesTls(options) ? `mqtts://${hostname}:${options.mqttsPort}` : `mqtt://${hostname}:${options.mqttPort}`
}
