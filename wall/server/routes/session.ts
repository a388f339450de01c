import { ApiError, ApiLogin, ApiPassword, ApiSession, type ApiUser } from '@ioc/contract/messages/api.ts'
import type { User } from '@ioc/contract/roles.ts'
import type { FastifyInstance } from 'fastify'
import type { Access } from '../access.ts'
import { tags } from '../api-docs.ts'
import { sendRefusal } from '../guard.ts'

/** `/api/session`: who is logged in, login, logout, and the own password. */
export function sessionRoutes(app: FastifyInstance, access: Access): void {
  const describe = (user: User | undefined): ApiSession => ({
    open: access.isOpen,
    user: user ? apiUser(user) : null,
  })
  const refusals = { 401: ApiError, 403: ApiError, 429: ApiError, 503: ApiError }

  app.get(
    '/api/session',
    {
      config: { role: 'public', places: 'free' },
      schema: {
        tags: [tags.access],
        summary: 'Who is logged in',
        description: '`open` is true on loopback while the centre has no accounts.',
        security: [],
        response: { 200: ApiSession },
      },
    },
    (request) => describe(request.knownUser),
  )
  app.post<{ Body: ApiLogin }>(
    '/api/session',
    {
      config: { role: 'public', places: 'free' },
      schema: {
        tags: [tags.access],
        summary: 'Log in',
        description:
          'Sets the cookie of a new session, which lasts for 30 days, and for 7 days without use. After ten wrong ' +
          'passwords, an address waits for a minute and an account for ten: 429 with `Retry-After`. Addresses from which ' +
          'an account has logged in are not locked out of it by others. Programs use a token of `ioc user token` instead.',
        security: [],
        body: ApiLogin,
        response: { 200: ApiSession, ...refusals },
      },
    },
    async (request, reply) => {
      const { name, password } = request.body
      const decision = await access.login(name.trim().toLowerCase(), password, request.raw)
      if (decision.status !== 200) return sendRefusal(reply, decision, 'wrong user name or password')
      return reply.header('set-cookie', decision.cookie).send(describe(decision.user))
    },
  )
  app.delete(
    '/api/session',
    {
      config: { role: 'public', places: 'free' },
      schema: {
        tags: [tags.access],
        summary: 'Log out',
        security: [],
        response: { 204: { type: 'null', description: 'The session is ended, and the cookie removed' } },
      },
    },
    (request, reply) => reply.code(204).header('set-cookie', access.logout(request.raw)).send(),
  )
  app.post<{ Body: ApiPassword }>(
    '/api/session/password',
    {
      config: { role: 'viewer', places: 'free' },
      schema: {
        tags: [tags.access],
        summary: 'Change the own password',
        description: 'All sessions of the user end; the request receives the cookie of a new one.',
        body: ApiPassword,
        response: { 200: ApiSession, 400: ApiError, 404: ApiError, ...refusals },
      },
    },
    async (request, reply) => {
      const { current, next } = request.body
      if (!access.accounts.find(request.user.name)) {
        return reply.code(404).send({ statusCode: 404, error: 'Not Found', message: 'this user has no account' })
      }
      const decision = await access.changePassword(request.user, current, next, request.raw)
      if (decision.status === 401)
        return reply.code(403).send({ statusCode: 403, error: 'Forbidden', message: 'wrong password' })
      if (decision.status !== 200) return sendRefusal(reply, decision)
      return reply.header('set-cookie', decision.cookie).send(describe(decision.user))
    },
  )
}

function apiUser({ areas, ...user }: User): ApiUser {
  return { ...user, ...(areas ? { areas: [...areas] } : {}) }
}
