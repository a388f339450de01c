import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gzipSync } from 'node:zlib'
import { expect, onTestFinished, test } from 'vitest'
import { configErrors, testCollector } from '../../testing/context.ts'

async function serve(answer: RequestListener): Promise<string> {
  const server = createServer(answer).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
}

const map = { type: 'weather', device: { from: '/station' }, time: '/at', values: { temperature_c: '/air/0/t' } }
const station = (id: string, t: unknown) => ({ station: id, at: '2026-11-15T08:30:00+07:00', air: [{ t }] })
const ts = Date.parse('2026-11-15T08:30:00+07:00')

test('a list of records becomes measurements; one of them may be unusable', async () => {
  const url = await serve((_, response) =>
    response.end(
      JSON.stringify({ data: { list: [station('a', 21.5), station('b', 'broken'), station('c', '19.25')] } }),
    ),
  )
  const { collect, collector } = await testCollector({ type: 'http-json', url, records: '/data/list', map })
  const { measurements, problems } = await collect()
  expect(measurements).toEqual([
    { device: 'a', ts, type: 'weather', values: { temperature_c: 21.5 } },
    { device: 'c', ts, type: 'weather', values: { temperature_c: 19.25 } },
  ])
  expect(problems).toEqual(['record 2: /air/0/t: "broken" is not a number'])
  expect(collector.devices().map(({ id }) => id)).toEqual(['a', 'b', 'c'])
})

test.each([
  ['etag', '"v1"', 'if-none-match'],
  ['last-modified', 'Sun, 15 Nov 2026 01:30:00 GMT', 'if-modified-since'],
] as const)('with %s an unchanged answer is no new measurement', async (header, value, condition) => {
  const url = await serve((request, response) => {
    if (request.headers[condition] === value) response.writeHead(304).end()
    else response.writeHead(200, { [header]: value }).end(JSON.stringify(station('a', 1)))
  })
  const { collect } = await testCollector({ type: 'http-json', url, map })
  await collect()
  // It was not marked as read: the outbox had no room.
  const { measurements, commit } = await collect()
  expect(measurements).toHaveLength(1)
  await commit?.()
  expect(await collect()).toEqual({})
})

test('headers are sent, and not to where the server redirects', async () => {
  const other = await serve((_, response) => response.end('{}'))
  const seen: (string | undefined)[] = []
  const url = await serve((request, response) => {
    seen.push(request.headers.authorization)
    response.writeHead(302, { location: other }).end()
  })
  const { collect } = await testCollector({ type: 'http-json', url, headers: { Authorization: 'Bearer x' }, map })
  await expect(collect()).rejects.toThrow(`answered 302 Found to ${other}; configure that URL`)
  expect(seen).toEqual(['Bearer x'])
})

const huge = gzipSync(Buffer.alloc(50_000_000, ' '))

test.each<[string, RequestListener, string]>([
  ['an error', (_, response) => response.writeHead(429).end('slow down'), 'the server answered 429'],
  ['no JSON', (_, response) => response.end('<html>'), 'the answer is not JSON'],
  ['another document', (_, response) => response.end('{"x":1}'), '/station: has no value'],
  ['a null', (_, response) => response.end('null'), '/station: has no value'],
  ['too much', (_, response) => response.end(Buffer.alloc(1_100_000, ' ')), 'larger than 1048576 bytes'],
  [
    'a compressed bomb',
    (_, response) => response.setHeader('content-encoding', 'gzip').end(huge),
    'larger than 1048576',
  ],
  [
    'half an answer',
    (_, response) => response.writeHead(200, { 'content-length': 9 }).write('{"a"', () => response.destroy()),
    'terminated',
  ],
])('%s fails with its reason', async (_title, answer, reason) => {
  const { collect } = await testCollector({ type: 'http-json', url: await serve(answer), map })
  await expect(collect()).rejects.toThrow(reason)
})

test('a server that does not answer is left at the timeout', async () => {
  const url = await serve(() => undefined)
  const { collect } = await testCollector({ type: 'http-json', url, map })
  await expect(collect(20)).rejects.toThrow('timeout')
})

test('a configuration with a wrong URL or mapping is refused', async () => {
  expect(await configErrors({ type: 'http-json', url: 'ftp://x', map: { ...map, values: { heat: '/x' } } })).toEqual([
    'collectors[0].url: expected a text like ^https?://, got "ftp://x"',
  ])
  expect(await configErrors({ type: 'http-json', url: 'http://x', map: { ...map, values: { heat: '/x' } } })).toEqual([
    expect.stringContaining('collectors[0].map.values.heat: type weather has no metric heat'),
  ])
})
