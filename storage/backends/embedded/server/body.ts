import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import type { FastifyInstance, FastifyRequest } from 'fastify'

const inflate = promisify(gunzip)

/**
 * Takes bodies of any content type, or of none: what they are, their route says. InfluxDB's Go client and its shell send an
 * empty content type, which Fastify refuses.
 * @param bodyLimit bytes, before and after decompression
 */
export function readBodies(server: FastifyInstance, bodyLimit: number): void {
  server.removeAllContentTypeParsers()
  server.addHook('onRequest', async ({ raw }) => {
    delete raw.headers['content-type']
  })
  server.addContentTypeParser('*', { parseAs: 'buffer' }, ({ headers }: FastifyRequest, body: Buffer) =>
    decompress(body, headers['content-encoding'] ?? '', bodyLimit),
  )
}

async function decompress(body: Buffer, encoding: string, bodyLimit: number): Promise<Buffer> {
  switch (encoding.trim().toLowerCase()) {
    case '':
    case 'identity':
      return body
    case 'gzip':
    case 'x-gzip':
      try {
        return await inflate(body, { maxOutputLength: bodyLimit })
      } catch (error) {
        const tooLarge = (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE'
        throw tooLarge ? refusal(413, 'Request Entity Too Large') : refusal(400, 'invalid gzip body')
      }
    default:
      throw refusal(415, 'Content-Encoding must be gzip or identity')
  }
}

/** An error that is answered with a status of its own. */
function refusal(statusCode: number, message: string): Error {
  return Object.assign(new Error(message), { statusCode })
}
