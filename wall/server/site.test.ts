import { request } from 'node:http'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Centre, LiveTestClient, startCentre } from './testing/centre.ts'
import { rawRequest } from './testing/raw-request.ts'

let centre: Centre
let host: string
beforeAll(async () => {
  centre = await startCentre({ IOC_ALLOWED_HOSTS: 'ioc.example.vn' })
  host = new URL(centre.url).host
})
afterAll(() => centre?.stop())

const status = async (headers: Record<string, string>, path = '/api/devices', method = 'GET') =>
  (await rawRequest(centre.url, path, { headers, method })).status

describe('a page of another site', () => {
  it.each<[string, Record<string, string>]>([
    ['a name that leads here (DNS rebinding)', { host: 'evil.example' }],
    ['such a name with the port', { host: 'evil.example:8080' }],
    ['a foreign origin', { origin: 'http://evil.example' }],
    ['an opaque origin', { origin: 'null' }],
    ['another port of this machine', { origin: 'http://127.0.0.1:1' }],
    ['an image or script of another site', { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' }],
    ['a sibling name', { 'sec-fetch-site': 'same-site', 'sec-fetch-mode': 'cors' }],
    ['a link to data', { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' }],
  ])('reads nothing: %s', async (_name, headers) => {
    for (const path of ['/api/devices', '/api/health', '/metrics', '/live', '/api/docs/json']) {
      expect(await status(headers, path)).toBe(403)
    }
    expect(await status({ ...headers, 'content-type': 'text/plain' }, '/api/session', 'POST')).toBe(403)
    await expect(new LiveTestClient(centre.url, headers).open()).rejects.toThrow('403')
  })

  it.each([
    '/',
    '/d/ioc-home',
    '/d/ioc-traffic/giao-thong?var-area=24943&kiosk',
    '/sites/ka-do',
    '/devices/ka-do/air-1',
  ])('may link to the page %s, and frame it nowhere else', async (path) => {
    const link = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' }
    expect([200, 503]).toContain(await status(link, path))
    expect(await status({ ...link, 'sec-fetch-dest': 'iframe' }, path)).toBe(403)
  })

  it.each(['/d', '/d/', '/d/a/b/c', '/sites', '/devices/ka-do', '/assets/x', '/d/../api/devices'])(
    'may not link to %s, which is no page',
    async (path) => {
      const link = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' }
      expect(await status(link, path)).not.toBe(200)
    },
  )
})

describe('the page itself', () => {
  it.each<[string, Record<string, string>]>([
    ['directly', { host: '127.0.0.1:8080', origin: 'http://127.0.0.1:8080', 'sec-fetch-site': 'same-origin' }],
    ['behind a proxy that adds the port', { host: 'ioc.example.vn:443', origin: 'https://ioc.example.vn' }],
    ['with capitals', { host: 'IOC.Example.VN', origin: 'https://ioc.example.vn' }],
    [
      'behind a proxy that changes the host',
      { host: 'localhost:8080', 'x-forwarded-host': 'ioc.example.vn', origin: 'https://ioc.example.vn' },
    ],
  ])('opens /live and reads the API %s', async (_name, headers) => {
    expect(await status(headers)).toBe(200)
    const client = await new LiveTestClient(centre.url, headers).open()
    client.socket.terminate()
  })

  it('may come by no other name, and the answer says which setting to change', async () => {
    const refused = await rawRequest(centre.url, '/api/devices', { headers: { host: 'wall.lan' } })
    expect(refused.status).toBe(403)
    expect(refused.body).toContain('IOC_ALLOWED_HOSTS')
  })
})

it('logs a refused origin once, with what to do', async () => {
  const lines: string[] = []
  const logged = await startCentre({ IOC_LOG_LEVEL: 'warn' }, {}, (line) => lines.push(line))
  for (let count = 0; count < 5; count++) {
    await expect(new LiveTestClient(logged.url, { origin: 'https://wall.example.vn' }).open()).rejects.toThrow('403')
  }
  expect(lines).toHaveLength(1)
  expect(lines[0]).toContain('IOC_ALLOWED_HOSTS')
  await logged.stop()
})

it('answers clients while others send unfinished headers', async () => {
  const open = Array.from({ length: 1_100 }, () => {
    const started = request({ host: '127.0.0.1', port: new URL(centre.url).port, method: 'POST', agent: false })
    started.setHeader('content-length', '10')
    started.on('error', () => {})
    started.flushHeaders()
    return started
  })
  expect(await status({ host })).toBe(200)
  for (const started of open) started.destroy()
})
