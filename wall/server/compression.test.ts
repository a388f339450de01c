import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { get as httpGet, type IncomingMessage } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { brotliDecompressSync, gunzipSync, gzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Centre, startCentre } from './testing/centre.ts'

/** Reads a path as it comes over the wire. */
async function raw(url: string, headers: Record<string, string> = {}) {
  const response = await new Promise<IncomingMessage>((resolve, reject) =>
    httpGet(url, { headers }, resolve).on('error', reject),
  )
  const chunks: Buffer[] = []
  for await (const chunk of response) chunks.push(chunk as Buffer)
  return { status: response.statusCode, headers: response.headers, body: Buffer.concat(chunks) }
}

const folder = mkdtempSync(join(tmpdir(), 'ioc-map-'))
const mapFile = join(folder, 'base.pmtiles')
let centre: Centre

beforeAll(async () => {
  writeFileSync(mapFile, Buffer.alloc(100_000, 'tile'))
  centre = await startCentre({ IOC_MAP_FILE: mapFile })
})
afterAll(async () => {
  await centre?.stop()
  rmSync(folder, { recursive: true, force: true })
})

const decoders = { br: brotliDecompressSync, gzip: gunzipSync } as const

test.each(['br', 'gzip'] as const)('answers are compressed with %s where the client accepts it', async (encoding) => {
  for (const path of ['/api/boards', '/api/boards/ioc-home', '/api/docs/json']) {
    const plain = await raw(centre.url + path)
    const small = await raw(centre.url + path, { 'accept-encoding': encoding })
    expect(plain.headers['content-encoding']).toBeUndefined()
    expect(small.headers['content-encoding']).toBe(encoding)
    expect(small.headers.vary).toContain('accept-encoding')
    expect(small.headers['content-security-policy']).toBe(plain.headers['content-security-policy'])
    expect(small.body.length).toBeLessThan(plain.body.length / 2)
    expect(decoders[encoding](small.body).equals(plain.body)).toBe(true)
  }
})

test('a browser gets brotli, and a short answer as it is', async () => {
  const headers = { 'accept-encoding': 'gzip, deflate, br, zstd' }
  expect((await raw(`${centre.url}/api/boards`, headers)).headers['content-encoding']).toBe('br')
  expect((await raw(`${centre.url}/map/sources`, headers)).headers['content-encoding']).toBeUndefined()
})

test('a board that is known is not sent again, whatever the encoding', async () => {
  const headers = { 'accept-encoding': 'br' }
  const { etag } = (await raw(`${centre.url}/api/boards/ioc-home`, headers)).headers
  expect(etag).toMatch(/^W\/"/)
  for (const known of [etag ?? '', '*-other', `"x", ${etag}`]) {
    const again = await raw(`${centre.url}/api/boards/ioc-home`, { ...headers, 'if-none-match': known })
    expect([again.status, again.body.length === 0]).toEqual(known === '*-other' ? [200, false] : [304, true])
  }
})

test('the base map is sent as it is, whole or in ranges', async () => {
  const headers = { 'accept-encoding': 'gzip, br' }
  const part = await raw(`${centre.url}/map/base.pmtiles`, { ...headers, range: 'bytes=0-9' })
  expect([part.status, part.headers['content-encoding'], String(part.body)]).toEqual([206, undefined, 'tiletileti'])
  const whole = await raw(`${centre.url}/map/base.pmtiles`, headers)
  expect([whole.headers['content-encoding'], whole.body.length]).toEqual([undefined, 100_000])
})

test('a compressed request is refused', async () => {
  const response = await fetch(`${centre.url}/api/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'content-encoding': 'gzip' },
    body: gzipSync(JSON.stringify({ token: 'x' })),
  })
  expect(response.status).toBeGreaterThanOrEqual(400)
})
