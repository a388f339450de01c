import { once } from 'node:events'
import { request } from 'node:http'
import { connect, type Socket } from 'node:net'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { startTestStore, type TestStore } from '../../../testing/embedded.ts'
import { post } from '../../../testing/http.ts'

let store: TestStore

beforeEach(async () => {
  store = await startTestStore({ allowedHosts: 'host.docker.internal' })
  expect((await post(store.target, 'm v=1 1')).status).toBe(204)
})

afterEach(() => store.stop())

/** Not with `fetch`, which sets no such headers. */
function send(method: string, path: string, headers: Record<string, string>, body = ''): Promise<[number, string]> {
  return new Promise((resolve, reject) => {
    const sent = request(store.target.url + path, { method, headers, agent: false }, async (answer) => {
      const pieces = await answer.toArray()
      resolve([answer.statusCode ?? 0, Buffer.concat(pieces).toString()])
    })
    sent.once('error', reject)
    sent.end(body)
  })
}

const routes: readonly [string, string][] = [
  ['GET', '/query?db=ioc&q=SELECT+v+FROM+m'],
  ['POST', '/query?db=ioc&q=SELECT+v+FROM+m'],
  ['POST', '/write?db=ioc'],
  ['POST', '/api/v2/write?bucket=ioc'],
  ['POST', '/%77rite?db=ioc'],
  ['POST', '/backup'],
  ['GET', '/export?db=ioc&measurement=m&format=csv'],
  ['GET', '/metrics'],
  ['GET', '/health'],
  ['GET', '/ping'],
  ['OPTIONS', '/write?db=ioc'],
  ['GET', '/nothing'],
]

describe('a page of another site', () => {
  test.each(routes)('is refused: %s %s', async (method, path) => {
    const { host } = new URL(store.target.url)
    for (const headers of [
      { host: 'evil.example' },
      { host: 'evil.example:8086', origin: 'http://evil.example:8086', 'sec-fetch-site': 'same-origin' },
      { host, origin: 'http://evil.example' },
      { host, origin: 'null', 'content-type': 'text/plain' },
      { host, 'sec-fetch-site': 'cross-site' },
      { host, 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'image' },
      { host, 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' },
      { host, 'sec-fetch-site': 'same-site' },
    ]) {
      const [status, text] = await send(
        method,
        path,
        headers as Record<string, string>,
        method === 'POST' ? 'evil v=1 1' : '',
      )
      expect([status, text], JSON.stringify(headers)).toEqual([403, expect.stringContaining('not allowed')])
    }
    expect((await send('GET', '/query?db=ioc&q=SHOW+MEASUREMENTS', {}))[1]).not.toContain('evil')
  })
})

describe('other clients', () => {
  test.each([
    ['an address', { host: '192.168.1.20:8086' }],
    ['localhost', { host: 'localhost:8086' }],
    ['a name of the setting', { host: 'host.docker.internal:8086' }],
    ['the address bar', { 'sec-fetch-site': 'none', 'sec-fetch-mode': 'navigate' }],
  ])('write and read: %s', async (_what, headers) => {
    expect((await send('POST', '/write?db=ioc', headers as Record<string, string>, 'm v=2 2'))[0]).toBe(204)
    expect((await send('GET', '/query?db=ioc&q=SELECT+v+FROM+m', headers as Record<string, string>))[0]).toBe(200)
  })

  test.each([
    ['unfinished headers', 'GET /ping HTTP/1.1\r\nHost: localhost\r\n'],
    ['unfinished bodies', 'POST /write?db=ioc HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99\r\n\r\nm v=1'],
    ['answers that are not read', 'GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n'.repeat(20)],
    ['nothing', ''],
  ])('get in beside 1,200 connections with %s', async (_what, text) => {
    const { hostname, port } = new URL(store.target.url)
    const sockets: Socket[] = []
    try {
      for (let count = 0; count < 1_200; count++) {
        const socket = connect(Number(port), hostname).on('error', () => undefined)
        sockets.push(socket)
        await once(socket, 'connect')
        if (text !== '') socket.write(text)
      }
      expect((await send('POST', '/write?db=ioc', {}, 'm v=3 3'))[0]).toBe(204)
      expect((await send('GET', '/query?db=ioc&q=SELECT+v+FROM+m', {}))[1]).toContain('00003Z",3]')
    } finally {
      for (const socket of sockets) socket.destroy()
    }
  })
})
