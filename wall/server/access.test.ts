import { createServer } from 'node:net'
import { readOptions } from '@ioc/contract/options.ts'
import { createLogger } from '@ioc/runtime/logger.ts'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { wallOptions } from './options.ts'
import { startWall } from './start.ts'
import { type Centre, LiveTestClient, startCentre } from './testing/centre.ts'

let centre: Centre
beforeAll(async () => {
  centre = await startCentre({ IOC_API_TOKEN: 'đúng' })
})
afterAll(() => centre?.stop())

const start = (environment: Record<string, string>) => {
  const options = readOptions(wallOptions, { IOC_LOG_LEVEL: 'silent', ...environment })
  return startWall(options, createLogger('wall', options))
}

it('asks for the token, as a bearer or as the cookie it gives for it', async () => {
  expect((await centre.get('/api/health')).status).toBe(401)
  expect((await centre.get('/metrics')).status).toBe(401)
  expect((await centre.get('/api/docs/json')).status).toBe(401)
  expect((await centre.get('/api/health', { authorization: 'Bearer wrong' })).status).toBe(401)
  const session = (token: string) =>
    fetch(`${centre.url}/api/session`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ token }),
    })
  expect((await session('wrong')).status).toBe(401)
  const granted = await session('đúng')
  expect(granted.status).toBe(204)
  const cookie = granted.headers.get('set-cookie')?.split(';')[0] ?? ''
  expect(cookie).not.toContain('đúng')
  expect((await centre.get('/api/health', { cookie })).status).toBe(200)
  const live = await new LiveTestClient(centre.url, { cookie }).open()
  live.socket.terminate()
})

it('refuses a WebSocket without the token, of another origin, or at another path', async () => {
  await expect(new LiveTestClient(centre.url).open()).rejects.toThrow('401')
  await expect(new LiveTestClient(centre.url, { origin: 'http://elsewhere.example' }).open()).rejects.toThrow('403')
  await expect(new LiveTestClient(`${centre.url}/other`).open()).rejects.toThrow('404')
})

it('does not start beyond loopback without a token', async () => {
  await expect(start({ IOC_BIND: '0.0.0.0' })).rejects.toMatchObject({ code: 'TOKEN_REQUIRED' })
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
