import { createHash, timingSafeEqual } from 'node:crypto'
import type { FastifyRequest } from 'fastify'

/**
 * Whether a request shows the token, in any of the ways of InfluxDB's clients: `Authorization: Token …`, `Bearer …`,
 * `Basic` with the token as password, or the parameter `p`.
 */
export function showsToken(request: FastifyRequest, token: string): boolean {
  const header = request.headers.authorization
  if (header !== undefined) {
    const [scheme = '', value = ''] = header.split(/\s+/, 2)
    if (/^(token|bearer)$/i.test(scheme)) return same(value, token)
    if (/^basic$/i.test(scheme)) {
      const text = Buffer.from(value, 'base64').toString()
      return same(text.slice(text.indexOf(':') + 1), token)
    }
    return false
  }
  const { p } = request.query as Readonly<Record<string, unknown>>
  return typeof p === 'string' && same(p, token)
}

function same(given: string, token: string): boolean {
  // Digests have one length, so that the comparison tells nothing by the time that it takes.
  const digest = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(given), digest(token))
}
