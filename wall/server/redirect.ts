import type { FastifyInstance } from 'fastify'
import { isHttps } from './access.ts'
import { addressKey } from './guess-limit.ts'

/**
 * Redirects requests of other machines from HTTP to HTTPS. A proxy that adds TLS says so; programs of this machine, such
 * as `ioc doctor`, need none.
 */
export function redirectToHttps(app: FastifyInstance): void {
  app.addHook('onRequest', async ({ raw }, reply) => {
    const { remoteAddress = '', localAddress = '' } = raw.socket
    const isOwn =
      addressKey(remoteAddress).startsWith('127.') || remoteAddress === '::1' || remoteAddress === localAddress
    if (isHttps(raw) || isOwn) return undefined
    const { host } = raw.headers
    if (host === undefined) return reply.code(400).send()
    return reply.redirect(`https://${host}${raw.url ?? '/'}`, 308)
  })
}
