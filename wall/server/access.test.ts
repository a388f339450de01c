import { mkdtempSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readOptions } from '@ioc/contract/options.ts'
import { createLogger } from '@ioc/runtime/logger.ts'
import Fastify from 'fastify'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Access } from './access.ts'
import { guardRoutes } from './guard.ts'
import { addressKey, GuessLimit } from './guess-limit.ts'
import { wallOptions } from './options.ts'
import { startWall } from './start.ts'
import { type Centre, LiveTestClient, startCentre } from './testing/centre.ts'
import { logIn } from './testing/log-in.ts'
import { rawRequest } from './testing/raw-request.ts'
import { device } from './testing/samples.ts'

const token = 'a-token'
const secret = 'secret-device'

const onWriteError = (error: unknown): never => {
  throw error
}

let centre: Centre
beforeAll(async () => {
  centre = await startCentre({ IOC_API_TOKEN: token })
  await centre.publish(`device/site-1/${secret}/system`, device(secret))
})
afterAll(() => centre?.stop())

const newFolder = () => mkdtempSync(join(tmpdir(), 'ioc-access-'))

const start = (environment: Record<string, string>) => {
  const options = readOptions(wallOptions, { IOC_LOG_LEVEL: 'silent', IOC_DATA_DIR: newFolder(), ...environment })
  return startWall(options, createLogger('wall', options))
}
const bearer = { authorization: `Bearer ${token}` }

it('asks for the token', async () => {
  expect((await centre.get('/api/health')).status).toBe(401)
  expect((await centre.get('/metrics')).status).toBe(401)
  expect((await centre.get('/api/docs/json')).status).toBe(401)
  expect((await centre.get('/api/health', { authorization: 'Bearer wrong' })).status).toBe(401)
  expect((await centre.get('/api/health', { authorization: `Bearer ${token}` })).status).toBe(200)
  const live = await new LiveTestClient(centre.url, bearer).open()
  live.socket.terminate()
})

it('refuses a WebSocket without the token, of another origin, or at another path', async () => {
  await expect(new LiveTestClient(centre.url).open()).rejects.toThrow('401')
  await expect(new LiveTestClient(centre.url, { origin: 'http://elsewhere.example' }).open()).rejects.toThrow('403')
  await expect(new LiveTestClient(`${centre.url}/other`).open()).rejects.toThrow('404')
})

describe('without the token', () => {
  /** Texts of one path that a router, a proxy or a guard may read in different ways. */
  const spellings = (path: string): string[] => {
    const encoded = (at: number) => `${path.slice(0, at)}%${path.charCodeAt(at).toString(16)}${path.slice(at + 1)}`
    return [
      path,
      ...Array.from({ length: path.length - 1 }, (_, index) => encoded(index + 1)),
      `/${path}`,
      `/.${path}`,
      `/x/..${path}`,
      path.replace(/(.)\//, '$1//'),
      `${path}/`,
      `${path}//`,
      `${path};x=1`,
      `${path}?x=1`,
      `${path}#x`,
      `${path}%00`,
      `${path}%2f`,
      path.toUpperCase(),
      path.replace('a', 'A'),
      `http://x${path}`,
      `http://127.0.0.1${path}`,
      `HTTPS://user:pass@x:1${path}`,
      `x${path}`,
      `\\${path}`,
    ]
  }

  it('no route gives data, however its path is written', async () => {
    const closed = centre.wall.routes.filter(({ role }) => role !== 'public')
    expect(closed.map(({ url }) => url)).toEqual(
      expect.arrayContaining(['/api/devices', '/api/health', '/api/docs/json', '/metrics', '/live']),
    )
    const failures: string[] = []
    for (const { url, methods } of closed) {
      for (const path of spellings(url.replace(':id', 'system_cpu_1m').replace('*', 'index.html'))) {
        for (const method of new Set([...methods, 'GET', 'HEAD', 'OPTIONS', 'POST'])) {
          // Some of these are refused by Node's own parser, which then closes the connection.
          const answer = await rawRequest(centre.url, path, { method }).catch(() => undefined)
          if (!answer || [400, 401, 403, 404].includes(answer.status)) continue
          if (answer.status === 200 && answer.body.includes('<div id="app">')) continue
          failures.push(`${method} ${path}: ${answer.status}`)
        }
      }
    }
    expect(failures).toEqual([])
  })

  it.each([
    ['GET', '/%61pi/devices'],
    ['GET', 'http://x/api/health'],
    ['GET', '/api/devices?x=/open'],
    ['GET', '/api/%64evices'],
    ['GET', '/%6detrics'],
    ['HEAD', '/api/devices'],
    ['GET', '/api/docs/static/index.html'],
    ['OPTIONS', '/api/devices'],
    ['GET', '/api/devices/'],
    ['GET', '/api//devices'],
    ['GET', '/api/devices;x'],
    ['GET', '/API/devices'],
    ['GET', '/nowhere'],
    ['DELETE', '/'],
  ])('answers 401 to %s %s', async (method, path) => {
    const answer = await rawRequest(centre.url, path, { method })
    expect(answer.status).toBe(401)
    expect(answer.body).not.toContain(secret)
  })

  it.each(['/live', '/%6cive', '//live', '/live/', '/LIVE', 'http://x/live', '/api/devices', '/'])(
    'opens no WebSocket at %s',
    async (path) => {
      const headers = {
        connection: 'Upgrade',
        upgrade: 'websocket',
        'sec-websocket-version': '13',
        'sec-websocket-key': Buffer.from('0123456789abcdef').toString('base64'),
      }
      expect([401, 403, 404]).toContain((await rawRequest(centre.url, path, { headers })).status)
    },
  )

  it('the page and what it loads are open', async () => {
    expect((await rawRequest(centre.url, '/')).status).not.toBe(401)
    expect(centre.wall.routes.filter(({ role }) => role === 'public').map(({ url }) => url)).toEqual(
      expect.arrayContaining(['/api/session']),
    )
  })
})

it('does not start with a route that does not declare its role', async () => {
  const app = Fastify()
  const access = new Access({ dataDir: newFolder(), bind: '127.0.0.1', apiToken: '' }, onWriteError)
  guardRoutes(
    app,
    access,
    () => undefined,
    () => undefined,
  )
  app.get('/forgotten', () => 'x')
  await expect(app.ready()).rejects.toThrow('GET /forgotten does not declare its role')
})

describe('guesses', () => {
  it('are limited for an address, whichever way they come; its session goes on', async () => {
    const guarded = await startCentre({ IOC_API_TOKEN: token })
    await guarded.addUser('lan', { role: 'viewer' })
    const { cookie } = await logIn(guarded.url, 'lan')
    for (let guess = 0; guess < 5; guess++) expect((await logIn(guarded.url, 'lan', `wrong${guess}`)).status).toBe(401)
    for (let guess = 0; guess < 5; guess++) {
      expect((await guarded.get('/api/health', { authorization: `Bearer wrong${guess}` })).status).toBe(401)
    }
    const refused = await logIn(guarded.url, 'lan')
    expect(refused.status).toBe(429)
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
    expect((await guarded.get('/api/health', bearer)).status).toBe(429)
    await expect(new LiveTestClient(guarded.url, bearer).open()).rejects.toThrow('429')
    expect((await guarded.get('/api/health', { cookie })).status).toBe(200)
    expect((await guarded.get('/api/health')).status).toBe(401)
    await guarded.stop()
  })

  it('of all addresses together are limited too, and lock out nobody who has shown the token', () => {
    const limit = new GuessLimit({ maxPerAddress: 2, maxInAll: 4 })
    limit.noteRight('10.0.0.1')
    for (const address of ['10.0.1.1', '10.0.1.2', '10.0.1.3', '10.0.1.4']) limit.noteWrong(address)
    expect(limit.waitMs('10.0.1.5')).toBeGreaterThan(0)
    expect(limit.waitMs('10.0.0.1')).toBe(0)
  })

  it('of one IPv6 network count as one, and of IPv4 written as IPv6 as that', () => {
    expect(addressKey('2001:db8:1:2:aaaa::1')).toBe(addressKey('2001:db8:1:2::9'))
    expect(addressKey('2001:db8::1')).not.toBe(addressKey('2001:db8:0:1::1'))
    expect(addressKey('::ffff:10.0.0.1')).toBe('10.0.0.1')
  })
})

it('does not start beyond loopback without an account', async () => {
  await expect(start({ IOC_BIND: '0.0.0.0' })).rejects.toMatchObject({ code: 'ACCOUNT_REQUIRED' })
})

it('says which setting to change when its port is in use', async () => {
  const other = createServer()
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
  const address = other.address()
  const port = typeof address === 'object' && address ? address.port : 0
  const started = start({ IOC_HTTP_PORT: String(port) })
  await expect(started).rejects.toMatchObject({ code: 'PORT_IN_USE' })
  await expect(started).rejects.toThrow('IOC_HTTP_PORT')
  other.close()
})
