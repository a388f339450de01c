import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { promisify } from 'node:util'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startTestStore, type TestStore } from '../../../testing/embedded.ts'
import { ask, post } from '../../../testing/http.ts'
import { hasDebianInflux, type RealInflux, startDebianInflux } from '../../../testing/real-influx.ts'

const run = promisify(execFile)

const shell = '/usr/bin/influx'

function hasShell(): boolean {
  if (existsSync(shell)) return true
  if (process.env['IOC_REQUIRE_REAL'] === '1') throw new Error(`${shell} is missing: install Debian's influxdb-client`)
  return false
}

let store: TestStore

beforeAll(async () => {
  store = await startTestStore({ storageBodyLimitMb: 1 })
})

afterAll(() => store.stop())

test.skipIf(!hasShell())("InfluxDB's shell writes, and reads it again", async () => {
  const { hostname, port } = new URL(store.target.url)
  const type = async (...statements: string[]) => {
    const connection = ['-host', hostname, '-port', port, '-database', 'ioc', '-format', 'csv']
    return (await run(shell, [...connection, ...statements.flatMap((statement) => ['-execute', statement])])).stdout
  }
  expect(await type('INSERT shell,site=a v=1,s="x y" 1000')).toBe('')
  expect(await type('INSERT INTO autogen shell,site=b v=2 2000')).toBe('')
  expect(await type('SELECT * FROM shell')).toBe('name,time,s,site,v\nshell,1000,x y,a,1\nshell,2000,,b,2\n')
  expect(await type('SHOW DATABASES')).toContain('ioc')
  expect(await type('SHOW RETENTION POLICIES')).toContain('autogen')
})

describe('a body of any content type', () => {
  const types = [
    '',
    ';',
    ';;;',
    'nonsense',
    'text/plain',
    'application/json; charset',
    'multipart/form-data',
    'a/b/c',
    ' ',
  ]

  /** `fetch` sends no header that is empty or malformed. */
  async function send(path: string, body: string, headers: readonly string[]): Promise<string> {
    const options = headers.flatMap((header) => ['-H', header])
    const marked = ['-s', '-w', ' %{http_code}', '--data-binary', body]
    return (await run('curl', [...marked, ...options, `${store.target.url}${path}`])).stdout
  }

  test.each(types)('%j is written', async (type) => {
    const header = type === '' ? 'Content-Type;' : `Content-Type: ${type}`
    for (const path of ['/write?db=ioc', '/api/v2/write?bucket=ioc']) {
      expect(await send(path, `typed,type=${types.indexOf(type)} v=1 1`, [header])).toBe(' 204')
    }
    const asked = await send('/query?db=ioc', 'q=SELECT count(v) FROM typed', [header])
    if (!type.startsWith('multipart')) expect(asked).toMatch(/"count".* 200$/s)
    expect(await send('/query?db=ioc&q=SELECT+count(v)+FROM+typed', '', [header])).toMatch(/"count".* 200$/s)
  })

  test.each(['gzip', 'GZIP', 'GZip', 'x-gzip', '  gzip  '])('is decompressed: %j', async (encoding) => {
    const sent = await fetch(`${store.target.url}/write?db=ioc`, {
      method: 'POST',
      headers: { 'Content-Encoding': encoding },
      body: gzipSync('zipped v=1 1'),
    })
    expect(sent.status).toBe(204)
  })

  test.each([
    ['br', 'x v=1', 415],
    ['gzip', 'x v=1', 400],
    ['gzip', gzipSync(Buffer.alloc(2_000_000)), 413],
    ['identity', 'x v=1', 204],
  ])('encoded as %s is answered as it should: %#', async (encoding, body, status) => {
    const headers = { 'Content-Encoding': encoding }
    const sent = await fetch(`${store.target.url}/write?db=ioc`, { method: 'POST', headers, body })
    expect(sent.status).toBe(status)
    if (status >= 400) expect(await sent.json()).toHaveProperty('error')
  })
})

describe('lines without a time', () => {
  let real: RealInflux | undefined

  beforeAll(async () => {
    if (hasDebianInflux()) real = await startDebianInflux('ioc')
  })

  afterAll(() => real?.stop())

  test('of one series keep every point, however many clients write at once', async () => {
    const clients = Array.from({ length: 8 }, async () => {
      for (let count = 0; count < 50; count++) {
        for (const target of [store.target, ...(real ? [real.target] : [])]) {
          expect((await post(target, 'stamped,site=a v=1')).status).toBe(204)
        }
      }
    })
    await Promise.all(clients)
    for (const target of [store.target, ...(real ? [real.target] : [])]) {
      expect((await ask(target, 'SELECT count(v) FROM stamped')).text).toContain('400]')
    }
  })

  test.each(['ns', 'u', 'ms', 's', 'm', 'h'])('have the time of arrival in %s', async (precision) => {
    for (const target of [store.target, ...(real ? [real.target] : [])]) {
      const name = `cut_${precision}`
      await post(target, `${name} v=1\n${name} w=2`, precision)
      const { text } = await ask(target, `SELECT v, w FROM ${name}`, { epoch: 'ns' })
      const [[time, ...values]] = JSON.parse(text).results[0].series[0].values
      expect(values, 'lines of one request have one time').toEqual([1, 2])
      const unit = { ns: 1, u: 1e3, ms: 1e6, s: 1e9, m: 60e9, h: 3600e9 }[precision] as number
      expect(BigInt(/\[(\d+),1,2\]/.exec(text)?.[1] ?? 1) % BigInt(unit)).toBe(0n)
      expect(Math.abs(Date.now() - time / 1e6)).toBeLessThan(4_000_000)
    }
  })
})

describe('what clients of other versions ask for', () => {
  test.each([
    ['POST', '/api/v2/query', /Flux is not supported.*\/query/],
    ['GET', '/api/v2/query?org=ioc', /Flux is not supported.*\/query/],
    ['POST', '/api/v2/query/analyze', /Flux is not supported.*\/query/],
    ['GET', '/api/v2/buckets', /not supported.*\/query/],
    ['POST', '/api/v2/delete', /not supported.*\/query/],
    ['POST', '/api/v3/write_lp', /not supported.*\/api\/v2\/write/],
  ])('%s %s is answered in the form of the API', async (method, path, message) => {
    const answer = await fetch(store.target.url + path, { method })
    expect(answer.status).toBe(404)
    expect(await answer.json()).toEqual({ code: 'not found', message: expect.stringMatching(message) })
  })

  test('/ready says since when', async () => {
    const answer = await fetch(`${store.target.url}/ready`)
    expect(answer.status).toBe(200)
    expect(await answer.json()).toEqual({
      status: 'ready',
      started: expect.stringMatching(/^\d{4}-/),
      up: expect.stringMatching(/s$/),
    })
  })
})
