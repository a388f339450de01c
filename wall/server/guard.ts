import type { IncomingMessage } from 'node:http'
import { includesRole, isLimited, type Role, type User } from '@ioc/contract/roles.ts'
import type { FastifyInstance, FastifyReply, RouteOptions } from 'fastify'
import type { Access, AccessDecision } from './access.ts'
import type { PlacesOf } from './visible-places.ts'

/** Who may use a route: everyone who reaches the port, or users of a role and of those above it. */
export type RouteRole = 'public' | Role

/**
 * What a route does for users who are limited to areas or a unit: it returns only what they may read (`filtered`), is all of
 * the site in its address (`site`), which is unknown to others, or has nothing of single places (`free`). A route that
 * declares none of them is refused to them.
 */
export type RoutePlaces = 'filtered' | 'site' | 'free'

declare module 'fastify' {
  interface FastifyContextConfig {
    role?: RouteRole
    places?: RoutePlaces
  }
  interface FastifyRequest {
    /** Who makes the request; undefined on public routes without a valid session. */
    knownUser: User | undefined
    /** Who makes the request. @throws Error on a public route without a valid session */
    readonly user: User
  }
}

/** A route as it was registered. */
export interface GuardedRoute {
  readonly methods: readonly string[]
  readonly url: string
  readonly role: RouteRole
  readonly places: RoutePlaces | undefined
}

/**
 * Decides access by the route that matched, after the router decoded the path: a test of the URL's text is passed by
 * `%61pi`, or by an absolute URL. What declares no role, as no route at all, needs a viewer; a registered route
 * that declares none fails the start. Returns the routes, complete once the app is ready.
 */
export function guardRoutes(
  app: FastifyInstance,
  access: Access,
  siteRefusal: (request: IncomingMessage) => string | undefined,
  placesOf: PlacesOf,
): readonly GuardedRoute[] {
  const registered: RouteOptions[] = []
  const routes: GuardedRoute[] = []
  app.decorateRequest('knownUser', undefined)
  app.decorateRequest('user', {
    getter() {
      if (this.knownUser) return this.knownUser
      throw new Error(`the route ${this.routeOptions.url} has no user`)
    },
  })
  app.addHook('onRoute', (route) => {
    registered.push(route)
  })
  app.addHook('onReady', async () => {
    for (const { method, url, config } of registered) {
      if (config?.role === undefined) throw new Error(`the route ${String(method)} ${url} does not declare its role`)
      routes.push({ methods: [method].flat(), url, role: config.role, places: config.places })
    }
  })
  app.addHook('onRequest', async (request, reply) => {
    const { role = 'viewer', places } = request.routeOptions.config
    const decision = access.decide(request.raw)
    if (decision.status === 200) request.knownUser = decision.user
    if (role !== 'public') {
      if (decision.status !== 200) return sendRefusal(reply, decision)
      if (!includesRole(decision.user.role, role)) return forbid(reply, `this requires the role ${role}`)
    }
    const refusal = siteRefusal(request.raw)
    if (refusal !== undefined) return forbid(reply, refusal)
    const { knownUser } = request
    if (role === 'public' || !knownUser || !isLimited(knownUser) || request.is404) return undefined
    if (places === undefined) {
      return forbid(reply, 'this is not available to users who are limited to areas or a unit')
    }
    const { site = '' } = request.params as { readonly site?: string }
    if (places === 'site' && !placesOf(knownUser)?.hasSite(site)) {
      return reply.code(404).send({ statusCode: 404, error: 'Not Found', message: `no site ${site}` })
    }
    return undefined
  })
  return routes
}

/** Declares the role of every route that a plugin registers in `scope`; none of them has anything of single places. */
export function declareRole(scope: FastifyInstance, role: RouteRole): void {
  scope.addHook('onRoute', (route) => {
    route.config = { ...route.config, role, places: 'free' }
  })
}

function forbid(reply: FastifyReply, message: string): FastifyReply {
  return reply.code(403).send({ statusCode: 403, error: 'Forbidden', message })
}

/** Answers 401, or 429 with the time to wait. */
export function sendRefusal(
  reply: FastifyReply,
  decision: Exclude<AccessDecision, { readonly status: 200 }>,
  message = 'log in, or send a bearer token',
): FastifyReply {
  if (decision.status === 429) {
    reply.header('retry-after', decision.retryAfter_s)
    return reply.code(429).send({ statusCode: 429, error: 'Too Many Requests', message: 'too many wrong attempts' })
  }
  return reply.code(401).send({ statusCode: 401, error: 'Unauthorized', message })
}
