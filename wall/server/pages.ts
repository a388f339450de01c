import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import fastifyStatic from '@fastify/static'
import type { FastifyInstance } from 'fastify'
import { declareRole } from './guard.ts'

/** Where the browser app is bundled to. */
export const appDist = join(import.meta.dirname, '../app/dist')

/**
 * All that the pages load is their own; `data:` for the images that a style sheet holds, `blob:` for those that a page
 * draws and exports. No
 * `upgrade-insecure-requests`: over plain HTTP it turns every script and style into a request that nobody answers.
 */
const contentSecurityPolicy = policy({})

/** The documentation page styles its elements from its script. */
export const docsContentSecurityPolicy = policy({ 'style-src': "'self' 'unsafe-inline'" })

export function policy(changes: Readonly<Record<string, string>>): string {
  const directives = {
    'default-src': "'none'",
    'script-src': "'self'",
    'style-src': "'self'",
    'img-src': "'self' data: blob:",
    'font-src': "'self'",
    'worker-src': "'self'",
    'connect-src': "'self'",
    'manifest-src': "'self'",
    'base-uri': "'none'",
    'form-action': "'self'",
    'frame-ancestors': "'self'",
    ...changes,
  }
  return Object.entries(directives)
    .map(([name, value]) => `${name} ${value}`)
    .join('; ')
}

/** Headers of every answer. */
export function securityHeaders(app: FastifyInstance): void {
  app.addHook('onSend', async (request, reply) => {
    reply.header('x-content-type-options', 'nosniff')
    if (!reply.hasHeader('referrer-policy')) reply.header('referrer-policy', 'no-referrer')
    reply.header('x-frame-options', 'SAMEORIGIN')
    reply.header('cross-origin-opener-policy', 'same-origin')
    reply.header('cross-origin-resource-policy', 'same-origin')
    if (!reply.hasHeader('content-security-policy')) reply.header('content-security-policy', contentSecurityPolicy)
    const isPublic = request.routeOptions.config.role === 'public'
    if (!reply.hasHeader('cache-control') && !isPublic) reply.header('cache-control', 'no-store')
  })
}

/** Names the page that `servePages` hands out; empty while it is not built. The bundler writes it into the page. */
export function readBuild(folder = appDist): string {
  const file = join(folder, 'index.html')
  if (!existsSync(file)) return ''
  return /<meta name="build" content="([^"]*)"/.exec(readFileSync(file, 'utf8'))?.[1] ?? ''
}

/** Addresses of the app, which finds out itself what they are of; those of boards are Grafana's. */
const pagePaths = [
  ...(['/', '/index.html', '/d/:uid', '/d/:uid/:name', '/sites/:site', '/devices/:site/:device'] as const),
  ...(['/incidents', '/incidents/:id', '/my', '/maintenance', '/rota', '/reports/availability', '/nodes'] as const),
  '/nodes/:site/:node',
] as const

/** Of the links in messages, see `routes/link.ts`. */
export const linkPath = '/a/:token'

/** Whether a path is that of a page, which a link on another site may open. */
export const isPagePath = (path: string): boolean =>
  [...pagePaths, linkPath].some((one) => {
    const [wanted, given] = [one.split('/'), path.split('/')]
    return (
      wanted.length === given.length &&
      wanted.every((part, at) => (part.startsWith(':') ? given[at] !== '' : part === given[at]))
    )
  })

/** Serves the bundled app, open to all, and nothing besides: its hashed assets for a year, the page always validated. */
export async function servePages(app: FastifyInstance, folder = appDist): Promise<void> {
  if (!existsSync(join(folder, 'index.html'))) {
    for (const path of pagePaths) {
      app.get(path, { config: { role: 'public' }, schema: { hide: true } }, (_request, reply) =>
        reply.code(503).type('text/plain; charset=utf-8').send('The page is not built yet: run "npm run build".\n'),
      )
    }
    return
  }
  await app.register(async (scope) => {
    declareRole(scope, 'public')
    await scope.register(fastifyStatic, {
      root: join(folder, 'assets'),
      prefix: '/assets/',
      cacheControl: false,
      setHeaders: (reply, path) => {
        const isPage = path.endsWith('.html')
        reply.header('cache-control', isPage ? 'no-cache' : 'public, max-age=31536000, immutable')
      },
    })
    for (const path of pagePaths) {
      scope.get(path, { schema: { hide: true } }, (_request, reply) => reply.sendFile('index.html', folder))
    }
  })
}
