import type { IncomingMessage } from 'node:http'
import type { FastifyInstance, FastifyReply, RouteOptions } from 'fastify'
import type { Access, AccessDecision } from './access.ts'

/** Who may use a route: everyone who reaches the port, or who has the token. */
export type RouteAccess = 'open' | 'token'

declare module 'fastify' {
  interface FastifyContextConfig {
    access?: RouteAccess
  }
}

/** A route as it was registered. */
export interface GuardedRoute {
  readonly methods: readonly string[]
  readonly url: string
  readonly access: RouteAccess
}

/**
 * Decides access by the route that matched, after the router decoded the path: a test of the URL's text is passed by
 * `%61pi`, or by an absolute URL. What declares no access, as no route at all, needs the token; a registered route
 * that declares none fails the start. Returns the routes, complete once the app is ready.
 */
export function guardRoutes(
  app: FastifyInstance,
  access: Access,
  siteRefusal: (request: IncomingMessage) => string | undefined,
): readonly GuardedRoute[] {
  const registered: RouteOptions[] = []
  const routes: GuardedRoute[] = []
  app.addHook('onRoute', (route) => {
    registered.push(route)
  })
  app.addHook('onReady', async () => {
    for (const { method, url, config } of registered) {
      if (config?.access === undefined)
        throw new Error(`the route ${String(method)} ${url} does not declare its access`)
      routes.push({ methods: [method].flat(), url, access: config.access })
    }
  })
  app.addHook('onRequest', async (request, reply) => {
    if (request.routeOptions.config.access !== 'open') {
      const decision = access.decide(request.raw)
      if (decision.status !== 200) return sendRefusal(reply, decision)
    }
    const refusal = siteRefusal(request.raw)
    if (refusal === undefined) return undefined
    return reply.code(403).send({ statusCode: 403, error: 'Forbidden', message: refusal })
  })
  return routes
}

/** Declares the access of every route that a plugin registers in `scope`. */
export function declareAccess(scope: FastifyInstance, access: RouteAccess): void {
  scope.addHook('onRoute', (route) => {
    route.config = { ...route.config, access }
  })
}

/** Answers 401, or 429 with the time to wait. */
export function sendRefusal(reply: FastifyReply, decision: AccessDecision): FastifyReply {
  if (decision.status === 429) {
    reply.header('retry-after', decision.retryAfter_s)
    return reply.code(429).send({ statusCode: 429, error: 'Too Many Requests', message: 'too many wrong tokens' })
  }
  return reply.code(401).send({ statusCode: 401, error: 'Unauthorized', message: 'missing or wrong bearer token' })
}
