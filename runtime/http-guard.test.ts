import { once } from 'node:events'
import { createServer, request as httpRequest, type Server } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { createSiteCheck, limitConnections } from './http-guard.ts'

describe('site check', () => {
  const check = (headers: Record<string, string>, allowedHosts = '', url = '/write', method = 'POST') =>
    createSiteCheck({ bind: '127.0.0.1', allowedHosts, isPage: (path) => path === '/' })({ headers, method, url })

  test.each([
    [{}, 'no host, as HTTP/1.0'],
    [{ host: '127.0.0.1:8086' }, 'loopback'],
    [{ host: '192.168.1.20:8086' }, 'an IPv4 address'],
    [{ host: '[::1]:8086' }, 'an IPv6 address'],
    [{ host: 'LOCALHOST:8086' }, 'capitals'],
    [{ host: 'localhost.' }, 'a dot at the end'],
    [{ host: 'localhost:8080', origin: 'http://localhost:8080' }, 'its own page'],
    [{ host: 'localhost', origin: 'https://LocalHost:443' }, 'the port of the scheme'],
    [
      { host: 'localhost', origin: 'http://localhost', 'sec-fetch-site': 'same-origin' },
      'its own page, as browsers say',
    ],
    [{ host: 'localhost', 'sec-fetch-site': 'none' }, 'an address that was typed'],
  ])('lets pass %j: %s', (headers: object, _what) => {
    expect(check(headers as Record<string, string>)).toBeUndefined()
  })

  test.each([
    [{ host: 'evil.example' }],
    [{ host: '127.0.0.1.evil.example:8086' }],
    [{ host: 'localhost.evil.example' }],
    [{ host: 'localhost@evil.example' }],
    [{ host: 'evil.example', origin: 'http://evil.example' }],
    [{ host: '127.0.0.1', 'x-forwarded-host': 'evil.example' }],
    [{ host: '127.0.0.1:8086', origin: 'http://evil.example' }],
    [{ host: '127.0.0.1:8086', origin: 'http://127.0.0.1:3000' }],
    [{ host: '127.0.0.1:8086', origin: 'http://6.6.6.6:8086' }],
    [{ host: '127.0.0.1:8086', origin: 'null' }],
    [{ host: '127.0.0.1:8086', origin: '' }],
    [{ host: '127.0.0.1:8086', origin: 'file://' }],
    [{ host: '127.0.0.1:8086', 'sec-fetch-site': 'cross-site' }],
    [{ host: '127.0.0.1:8086', 'sec-fetch-site': 'same-site' }],
    [{ host: '127.0.0.1:8086', origin: 'http://127.0.0.1:8086', 'sec-fetch-site': 'cross-site' }],
  ])('refuses %j', (headers) => {
    expect(check(headers as unknown as Record<string, string>)).toMatch(/not allowed/)
  })

  test('a setting adds names, from whose pages requests may come', () => {
    const names = 'https://IOC.example.vn/, *.lan host.docker.internal:8086'
    for (const host of ['ioc.example.vn', 'centre.lan:8080', 'host.docker.internal:8086']) {
      expect(check({ host }, names)).toBeUndefined()
      expect(
        check({ host: '127.0.0.1', origin: `https://${host}`, 'sec-fetch-site': 'cross-site' }, names),
      ).toBeUndefined()
    }
    for (const host of ['lan', 'evil-lan', 'x.ioc.example.vn', 'ioc.example.vn.evil.example']) {
      expect(check({ host }, names)).toMatch(/IOC_ALLOWED_HOSTS/)
    }
    expect(
      check({ host: '127.0.0.1:8080', 'x-forwarded-host': 'ioc.example.vn', origin: 'https://ioc.example.vn' }, names),
    ).toBe(undefined)
    expect(() => check({}, 'a b@c')).toThrow(/IOC_ALLOWED_HOSTS/)
  })

  test('any name may be allowed, which allows no other origin', () => {
    expect(check({ host: 'anything.example' }, '*')).toBeUndefined()
    expect(check({ host: 'anything.example', origin: 'http://evil.example' }, '*')).toMatch(/origin/)
  })

  test('a link on another site opens pages, and nothing else', () => {
    const link = {
      host: 'localhost',
      'sec-fetch-site': 'cross-site',
      'sec-fetch-mode': 'navigate',
      'sec-fetch-dest': 'document',
    }
    expect(check(link, '', '/?kiosk=1', 'GET')).toBeUndefined()
    expect(check(link, '', '/query?q=x', 'GET')).toMatch(/other sites/)
    expect(check(link, '', '/', 'POST')).toMatch(/other sites/)
    expect(check({ ...link, 'sec-fetch-dest': 'iframe' }, '', '/', 'GET')).toMatch(/other sites/)
    expect(check({ ...link, 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'image' }, '', '/', 'GET')).toMatch(
      /other sites/,
    )
  })
})

describe('connection limits', () => {
  let server: Server
  const sockets: Socket[] = []

  afterEach(() => {
    for (const socket of sockets.splice(0)) socket.destroy()
    server.closeAllConnections()
    server.close()
  })

  async function start(limits: Parameters<typeof limitConnections>[1]): Promise<number> {
    server = createServer((request, response) => {
      if (request.url === '/never') return
      request.resume()
      request.once('end', () => response.end('answer'))
    })
    limitConnections(server, limits)
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    return (server.address() as AddressInfo).port
  }

  async function open(port: number, text: string, localAddress = '127.0.0.1'): Promise<Socket> {
    const socket = connect({ port, host: '127.0.0.1', localAddress })
    socket.on('error', () => undefined)
    socket.resume()
    sockets.push(socket)
    await once(socket, 'connect')
    if (text !== '') socket.write(text)
    return socket
  }

  const get = (port: number, localAddress = '127.0.0.1') =>
    new Promise<number | undefined>((resolve, reject) => {
      const asked = httpRequest({ port, host: '127.0.0.1', localAddress, agent: false }, (response) => {
        response.resume()
        resolve(response.statusCode)
      })
      asked.on('error', reject).end()
    })

  test.each([
    ['nothing', ''],
    ['half of the headers', 'GET / HTTP/1.1\r\nHost: x\r\n'],
    ['half of a body', 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n12345'],
    ['half of a chunked body', 'POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n12345\r\n'],
    ['one request, and keep the connection', 'GET / HTTP/1.1\r\nHost: x\r\n\r\n'],
  ])('clients that send %s do not shut out others', async (_what, text) => {
    const port = await start({ maxConnections: 20, maxConnectionsPerAddress: 10 })
    for (let count = 0; count < 60; count++) await open(port, text)
    expect(await get(port)).toBe(200)
    expect(await get(port, '127.0.0.2')).toBe(200)
  })

  test('another address is not evicted by one that opens many', async () => {
    const port = await start({ maxConnections: 10, maxConnectionsPerAddress: 8 })
    const quiet = await open(port, '', '127.0.0.2')
    for (let count = 0; count < 50; count++) await open(port, '')
    quiet.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n')
    expect(String((await once(quiet, 'data'))[0])).toMatch(/^HTTP\/1.1 200/)
  })

  test('what is being answered is never evicted', async () => {
    const port = await start({ maxConnections: 4, maxConnectionsPerAddress: 4 })
    const busy: Socket[] = []
    for (let count = 0; count < 4; count++) {
      const asked = once(server, 'request')
      busy.push(await open(port, 'GET /never HTTP/1.1\r\nHost: x\r\n\r\n'))
      await asked
    }
    await expect(get(port)).rejects.toThrow()
    expect(busy.some(({ closed }) => closed)).toBe(false)
  })

  test('a connection that pipelines too many requests is closed', async () => {
    const port = await start({ maxPipelined: 3 })
    const socket = await open(port, 'GET /never HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(4))
    await once(socket, 'close')
    expect(await get(port)).toBe(200)
  })
})
