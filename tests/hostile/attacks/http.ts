import { setTimeout as sleep } from 'node:timers/promises'
import WebSocket from 'ws'
import type { Attack } from '../attack.ts'
import { httpStatus, openSocket, portOf } from '../sockets.ts'

/** Requests that never end their headers, at wall and store. */
export const unfinishedHeaders: Attack = async ({ httpUrl, storeUrl }, random) => {
  const port = portOf(random.pick([httpUrl, storeUrl]))
  const sockets = Array.from({ length: 300 }, () => {
    const socket = openSocket(port)
    socket.write('GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: ')
    return socket
  })
  await sleep(1_000)
  for (const socket of sockets) socket.destroy()
  return []
}

/** What a page of another site can make an operator's browser send. */
export const foreignPages: Attack = async ({ httpUrl, storeUrl }) => {
  const findings: string[] = []
  for (const url of [httpUrl, storeUrl]) {
    const port = portOf(url)
    const [read, write] =
      url === httpUrl ? ['/api/devices', '/api/session'] : ['/query?db=ioc&q=SHOW+MEASUREMENTS', '/write?db=ioc']
    const body = url === httpUrl ? '{"token":"x"}' : 'evil v=1'
    const attempts: [string, readonly string[], string][] = [
      ['read under a foreign Host', [`GET ${read} HTTP/1.1`, `Host: evil.example:${port}`], ''],
      [
        'write with a foreign Origin',
        [
          `POST ${write} HTTP/1.1`,
          `Host: 127.0.0.1:${port}`,
          'Origin: http://evil.example',
          'Content-Type: text/plain',
          `Content-Length: ${body.length}`,
        ],
        body,
      ],
      [
        'write from a sandboxed page',
        [
          `POST ${write} HTTP/1.1`,
          `Host: 127.0.0.1:${port}`,
          'Origin: null',
          'Content-Type: text/plain',
          `Content-Length: ${body.length}`,
        ],
        body,
      ],
      [
        'read across sites',
        [`GET ${read} HTTP/1.1`, `Host: 127.0.0.1:${port}`, 'Sec-Fetch-Site: cross-site', 'Sec-Fetch-Mode: no-cors'],
        '',
      ],
    ]
    for (const [what, lines, sent] of attempts) {
      const status = await httpStatus(port, lines, sent)
      if (status >= 200 && status < 300) findings.push(`${what} was answered ${status} by ${url}`)
    }
  }
  return findings
}

/** Sockets of `/live` with as many subscriptions as they get. */
export const manyTopics: Attack = async ({ httpUrl }, random) => {
  const sockets = Array.from({ length: 10 }, () => {
    const socket = new WebSocket(`${httpUrl.replace('http', 'ws')}/live`)
    socket.on('error', () => undefined)
    socket.on('open', () => {
      for (let message = 0; message < 16; message++) {
        const subscribe = Array.from({ length: 1_000 }, () => `indicator/${random.integer(0, 1e6)}`)
        socket.send(JSON.stringify({ subscribe }))
      }
      socket.send(random.bytes(1_000))
      socket.send('{"subscribe":["'.repeat(100))
    })
    return socket
  })
  await sleep(2_000)
  for (const socket of sockets) socket.terminate()
  return []
}

/** Lines and statements that are wrong, large, or meant to break out of their quotes. */
export const storeInput: Attack = async ({ storeUrl }, random) => {
  const lines = [
    '\xef\xbb\xbfair v=1 1',
    'evil,=x v=1',
    'evil v=1i,v="x",v=t',
    `evil v=${'9'.repeat(400)}`,
    `evil v="${'x'.repeat(100_000)}"`,
    'evil\0 v=1',
    'evil"; DROP TABLE air; -- v=1',
    `evil v=1 ${'9'.repeat(30)}`,
    'evil,a=b,a=c v=1',
  ]
  const statements = [
    'SELECT',
    `SELECT ${'('.repeat(5_000)}`,
    `SELECT v FROM ${'(SELECT v FROM '.repeat(200)}evil${')'.repeat(200)}`,
    `SELECT v FROM evil WHERE v =~ /${'(a+)+'.repeat(20)}$/`,
    "SELECT v FROM evil WHERE a = '''; DROP TABLE evil; --'",
    `SELECT mean(v) FROM evil WHERE time > 0 GROUP BY time(1ns)`,
    `SELECT ${Array.from({ length: 2_000 }, (_, index) => `v AS v${index}`).join(',')} FROM evil`,
    'SELECT * FROM /.*/ WHERE time > now() - 100000w',
  ]
  const findings: string[] = []
  for (let round = 0; round < 10; round++) {
    const isWrite = random.pick([true, false])
    const body = isWrite
      ? Buffer.from(random.pick(lines), 'latin1')
      : new URLSearchParams({ q: random.pick(statements) })
    const path = isWrite ? '/write?db=ioc' : '/query?db=ioc'
    const answer = await fetch(`${storeUrl}${path}`, {
      method: 'POST',
      body,
      signal: AbortSignal.timeout(60_000),
    }).catch(() => undefined)
    await answer?.arrayBuffer().catch(() => undefined)
    if (!answer) findings.push(`no answer from the store to ${String(body).slice(0, 100)}`)
    else if (answer.status >= 500 && answer.status !== 503)
      findings.push(`${answer.status} from the store to ${String(body).slice(0, 100)}`)
  }
  return findings
}
