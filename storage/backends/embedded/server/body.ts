import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import type { FastifyInstance, FastifyRequest } from 'fastify'

const inflate = promisify(gunzip)

/** How many bodies of the greatest size may be in memory at once. */
const maxBodies = 8

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
  const budget = new BodyBudget(maxBodies * bodyLimit)
  server.addHook('preParsing', async (request, reply, payload) => {
    if (budget.isFull) throw tooManyBodies()
    reply.raw.once('close', () => budget.release(request))
    budget.began(request)
    payload.on('data', (chunk: Buffer) => {
      if (!budget.hold(request, chunk.length)) request.raw.destroy()
    })
    return payload
  })
  server.addContentTypeParser('*', { parseAs: 'buffer' }, async (request: FastifyRequest, body: Buffer) => {
    budget.ended(request)
    const whole = await decompress(body, request.headers['content-encoding'] ?? '', bodyLimit)
    if (whole !== body && !budget.hold(request, whole.length)) throw tooManyBodies()
    return whole
  })
}

/** Limits the bytes of all requests that are not answered: clients that send slowly must not use up the memory. */
class BodyBudget {
  readonly #maxBytes: number
  #bytes = 0
  readonly #held = new Map<FastifyRequest, number>()
  /** Requests whose body is not complete, the one that has been silent for the longest time first. */
  readonly #arriving = new Set<FastifyRequest>()

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  /** Whether there is no room, and no incomplete body to end for some. */
  get isFull(): boolean {
    return this.#bytes >= this.#maxBytes && this.#arriving.size === 0
  }

  began(request: FastifyRequest): void {
    this.#arriving.add(request)
  }

  ended(request: FastifyRequest): void {
    this.#arriving.delete(request)
  }

  /** Adds bytes to what a request holds. At the limit, it ends others that are incomplete; false where that is not enough. */
  hold(request: FastifyRequest, bytes: number): boolean {
    if (this.#arriving.delete(request)) this.#arriving.add(request)
    this.#held.set(request, (this.#held.get(request) ?? 0) + bytes)
    this.#bytes += bytes
    for (const other of this.#arriving) {
      if (this.#bytes <= this.#maxBytes) break
      if (other === request) continue
      this.release(other)
      other.raw.destroy()
    }
    return this.#bytes <= this.#maxBytes
  }

  release(request: FastifyRequest): void {
    this.#arriving.delete(request)
    this.#bytes -= this.#held.get(request) ?? 0
    this.#held.delete(request)
  }
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

function tooManyBodies(): Error {
  return refusal(503, 'too many bodies at once: try again later')
}

/** An error that is answered with a status of its own. */
function refusal(statusCode: number, message: string): Error {
  return Object.assign(new Error(message), { statusCode })
}
