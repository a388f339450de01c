import { createHash } from 'node:crypto'
import { open } from 'node:fs/promises'
import { request as httpRequest, type IncomingMessage } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { Transform, type Writable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'
import { refused, unreachable } from '../reader/request.ts'
import type { StoreTarget } from '../target.ts'

/**
 * Downloads a file that the embedded store makes, and compares its sum. Not with `fetch`, which gives an answer five
 * minutes to begin: the more there is to copy, the longer the store takes.
 * @throws IocError STORE_UNREACHABLE, STORE_UNAUTHORIZED, QUERY_INVALID
 */
export async function download(target: StoreTarget, path: string, method: string, to: string): Promise<void> {
  // First, so that the store makes nothing for a path that cannot be written.
  const file = (await open(to, 'w', 0o640)).createWriteStream()
  try {
    await receive(target, await ask(target, path, method), file)
  } finally {
    file.destroy()
  }
}

async function receive(target: StoreTarget, response: IncomingMessage, file: Writable): Promise<void> {
  if (response.statusCode !== 200) throw refused(response.statusCode ?? 0, await text(response))
  const hash = createHash('sha256')
  const summed = new Transform({
    transform(piece: Buffer, _encoding, done) {
      hash.update(piece)
      done(null, piece)
    },
  })
  // Each side is destroyed with the other: the one that failed first is the cause.
  let failed: 'response' | 'file' | undefined
  response.once('error', () => {
    failed ??= 'response'
  })
  file.once('error', () => {
    failed ??= 'file'
  })
  try {
    await pipeline(response, summed, file)
  } catch (error) {
    throw failed === 'response' ? unreachable(target, error) : error
  }
  if (hash.digest('hex') !== response.headers['x-ioc-sha256']) throw unreachable(target, 'checksum mismatch')
}

function ask(target: StoreTarget, path: string, method: string): Promise<IncomingMessage> {
  const url = new URL(target.url + path)
  const headers = target.token === '' ? {} : { Authorization: `Token ${target.token}` }
  const request = url.protocol === 'https:' ? httpsRequest : httpRequest
  return new Promise((resolve, reject) => {
    request(url, { method, headers, agent: false }, resolve)
      .once('error', (error) => reject(unreachable(target, error)))
      .end()
  })
}
