import { mkdtempSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it, onTestFinished, test } from 'vitest'
import { createReader } from '../../../reader/reader.ts'
import { startTestStore, type TestStore } from '../../../testing/embedded.ts'
import { post } from '../../../testing/http.ts'
import { startStoreProcess } from '../../../testing/process.ts'

/** Opens a connection, says something, and tells when the server ends it and what it answered. */
function raw(url: string, text: string): Promise<string> {
  const { hostname, port } = new URL(url)
  const socket = connect(Number(port), hostname)
  let answer = ''
  socket.on('data', (data) => {
    answer += data
  })
  socket.write(text)
  return new Promise((resolve) => {
    socket.on('error', () => undefined)
    socket.on('close', () => resolve(answer))
  })
}

test('unfinished and compressed bodies together are limited, and others write', async () => {
  const store = await startTestStore({ storageBodyLimitMb: 1 })
  onTestFinished(() => store.stop())
  const head = 'POST /write?db=ioc HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n\r\n'
  const silent = Array.from({ length: 20 }, () => raw(store.target.url, head + '#'.repeat(900_000)))
  // Eight bodies of the greatest size fit: the others take the place of the first.
  expect(await Promise.race(silent)).toBe('')
  const body = gzipSync(`m v=1 1\n${'#'.repeat(900_000)}`)
  const compressed = Array.from({ length: 20 }, () =>
    fetch(`${store.target.url}/write?db=ioc`, { method: 'POST', headers: { 'Content-Encoding': 'gzip' }, body }),
  )
  for (const { status } of await Promise.all(compressed)) expect([204, 503]).toContain(status)
  expect((await post(store.target, 'm v=1 1')).status).toBe(204)
})

test('answers that are not read are limited together, and others are answered', async () => {
  const store = await startTestStore({ storageQueryRows: 20_000 })
  onTestFinished(() => store.stop())
  const line = (time: number) => `m s="${'x'.repeat(1_000)}" ${time}`
  expect((await post(store.target, Array.from({ length: 20_000 }, (_, n) => line(n)).join('\n'))).status).toBe(204)
  const { hostname, port } = new URL(store.target.url)
  const ended = Array.from({ length: 3 }, () => {
    const socket = connect(Number(port), hostname).pause()
    onTestFinished(() => void socket.destroy())
    socket.write('GET /query?db=ioc&q=SELECT+s+FROM+m HTTP/1.1\r\nHost: localhost\r\n\r\n')
    // What is not read is not seen to end: a write to what has ended fails.
    return new Promise<void>((resolve) => {
      const probe = setInterval(() => socket.write('\r\n'), 50)
      socket.once('error', () => resolve())
      socket.once('close', () => clearInterval(probe))
    })
  })
  await Promise.race(ended)
  const [counted] = await createReader(store).query('SELECT count(s) FROM m')
  expect(counted?.values[0]?.[1]).toBe(20_000)
})

describe('a client that is frozen', () => {
  let store: TestStore

  beforeAll(async () => {
    store = await startTestStore({ storageRequestTimeoutMs: 1_000, storageQueryTimeoutMs: 100, storageBodyLimitMb: 1 })
  })

  afterAll(() => store.stop())

  it.each([
    ['in its headers', 'POST /write?db=ioc HTTP/1.1\r\nHost: localhost\r\n'],
    ['in its body', 'POST /write?db=ioc HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\nm v=1'],
    ['before the first byte', ''],
  ])('%s is let go, and keeps nobody from writing', async (_where, text) => {
    const ended = raw(store.target.url, text)
    expect((await post(store.target, 'm v=1 1')).status).toBe(204)
    expect(await ended).toMatch(/^(HTTP\/1\.1 408 |$)/)
  })

  it('sends more than it may, and is told at once', async () => {
    const huge = await raw(
      store.target.url,
      'POST /write?db=ioc HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: 900000000000\r\n\r\nm v=1',
    )
    expect(huge).toMatch(/^HTTP\/1\.1 413 /)
    const endless = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.enqueue(new Uint8Array(100_000)),
    })
    const init: RequestInit = { method: 'POST', body: endless, duplex: 'half' }
    const status = await fetch(`${store.target.url}/write?db=ioc`, init).then(
      (response) => response.status,
      () => 413,
    )
    expect(status).toBe(413)
  })
})

describe('a client that asks for too much', () => {
  let store: TestStore

  beforeAll(async () => {
    store = await startTestStore({ storageQueryRows: 1_000 })
    const lines = Array.from({ length: 900 }, (_, i) => `m,d=d${i} v=${i},w=${i}i ${i}`)
    expect((await post(store.target, lines.join('\n'))).status).toBe(204)
  })

  afterAll(() => store.stop())

  /** In a POST, which may be as long as a query may be. */
  async function asked(q: string): Promise<string> {
    const body = new URLSearchParams({ db: 'ioc', q })
    return (await fetch(`${store.target.url}/query`, { method: 'POST', body })).text()
  }

  it.each([
    ['values', `SELECT ${Array(20).fill('v').join()} FROM m`, 'too many values'],
    [
      'points',
      `SELECT ${[1, 2, 3].flatMap((n) => ['top', 'bottom', 'sample'].map((f) => `${f}(v, ${n}00)`))} FROM m`,
      '',
    ],
    ['transformations', `SELECT ${range(20, (n) => `elapsed(v, ${n + 1}ns)`)} FROM m`, 'too many values'],
    ['answers', 'SELECT v FROM m;'.repeat(20), 'too many values'],
    ['subqueries', `SELECT v FROM ${range(20, () => '(SELECT v FROM m)')}`, 'too many values'],
    ['statements', 'SHOW DATABASES;'.repeat(1_001), 'at most 1000 statements'],
    ['terms', `SELECT v FROM m WHERE d = 'd1'${" OR d = 'x'".repeat(20_000)}`, 'too long or nested too deeply'],
    ['signs', `SELECT ${'- '.repeat(20_000)} v FROM m`, 'too long or nested too deeply'],
    ['text', `SELECT v FROM m -- ${'x'.repeat(1_000_000)}`, 'longer than 1000000 characters'],
  ])('is told so: %s', async (_what, query, expected) => {
    expect(await asked(query)).toMatch(new RegExp(`"error":"[^"]*${expected}`))
  })

  it('is answered, where it is only long', async () => {
    expect(await asked(`SELECT v${'\n,v'.repeat(200_000)} FROM m WHERE d = 'none'`)).toContain('"statement_id":0}')
    expect(await asked(`SELECT ${'v,'.repeat(3_000)}v FROM m LIMIT 1`)).toContain('"v_3000"')
    // Each series has its own condition.
    expect(await asked(`SELECT v FROM m WHERE (d = 'd5' AND v > 4) OR v = 7 OR (d = 'd6' AND w = 5)`)).toContain(
      '"values":[["1970-01-01T00:00:00.000000005Z",5],["1970-01-01T00:00:00.000000007Z",7]]',
    )
  })

  it('and goes away, leaves nothing behind that others would wait for', async () => {
    const slow = `SELECT ${range(2_000, (n) => `percentile(v, ${n / 20})`)} FROM m`
    const url = `${store.target.url}/query?db=ioc`
    for (let round = 0; round < 20; round++) {
      const leaving = new AbortController()
      const answer = fetch(url, {
        method: 'POST',
        body: new URLSearchParams({ q: `${slow};`.repeat(100) }),
        signal: leaving.signal,
      })
      await asked('SHOW DATABASES')
      leaving.abort()
      await answer.catch(() => undefined)
    }
    expect(await asked('SELECT last(v) FROM m')).toContain('"values"')
  })

  it('in a write, of fields, bad lines or names, harms nobody', async () => {
    const { target } = store
    const fields = range(50_000, (n) => `f${n}=1`)
    expect((await post(target, `wide ${fields} 1`)).text).toContain('max-fields-per-measurement limit exceeded')
    const bad = await post(target, `${'x\n'.repeat(1_000_000)}good v=1 1`)
    expect(bad.text).toContain('dropped=1000000')
    expect(await asked('SELECT v FROM good')).toContain('"values"')
  })
})

describe('a statement that takes long', () => {
  let store: TestStore

  beforeAll(async () => {
    store = await startTestStore({ storageQueryTimeoutMs: 300 })
    for (const count of [0, 1, 2, 3]) {
      const lines = range(1_000, (n) => `m${count * 1_000 + n},d=a v=${n} 1`)
      expect((await post(store.target, lines.join('\n'))).status).toBe(204)
    }
  })

  afterAll(() => store.stop())

  it.each([
    ['over many measurements', `SELECT ${range(40, (n) => `percentile(v, ${n})`)} FROM /m/`],
    ['over many measurements, in a subquery', 'SELECT max(v) FROM (SELECT median(v) AS v FROM /m/ GROUP BY d)'],
  ])('%s ends in time, and the next one is answered', async (_what, query) => {
    const body = new URLSearchParams({ db: 'ioc', q: `${query}; SELECT v FROM m1` })
    const answer = await fetch(`${store.target.url}/query`, { method: 'POST', body })
    expect(((await answer.json()) as { results: unknown }).results).toEqual([
      { statement_id: 0, error: expect.stringMatching(/took longer than 300 ms.*IOC_STORAGE_QUERY_TIMEOUT_MS/) },
      { statement_id: 1, series: [expect.objectContaining({ name: 'm1' })] },
    ])
  })
})

function range<T>(count: number, of: (n: number) => T): T[] {
  return Array.from({ length: count }, (_, n) => of(n))
}

it('answers every write that it took, and refuses the others, while it closes', async () => {
  const store = await startTestStore()
  const lines = Array.from({ length: 3_000 }, (_, i) => `m,d=d${i} v=1i`)
  let closing = false
  let acknowledged = 0
  const statuses = new Set<number>()
  const writers = Array.from({ length: 4 }, async (_, writer) => {
    for (let batch = 0; ; batch++) {
      const text = lines.map((line) => `${line} ${writer * 1_000_000 + batch}`).join('\n')
      const answer = await post(store.target, text).catch(() => undefined)
      if (!answer) {
        // Only a store that closes may leave a request without an answer, before it took it.
        expect(closing).toBe(true)
        return
      }
      statuses.add(answer.status)
      if (answer.status === 204) acknowledged++
      else if (answer.status === 503) return
    }
  })
  while (acknowledged < 6) await new Promise(setImmediate)
  closing = true
  await store.stop(true)
  await Promise.all(writers)
  expect([...statuses].every((status) => status === 204 || status === 503)).toBe(true)
  const again = await startTestStore({ folder: store.folder })
  const counted = await createReader(again).query('SELECT count(v) FROM m')
  expect(counted[0]?.values[0]?.[1]).toBe(acknowledged * lines.length)
  await again.stop()
})

it('says that it opens until it has read what it holds, and that it is ready then', async () => {
  const filled = await startTestStore()
  for (let part = 0; part < 4; part++) {
    const lines = Array.from({ length: 20_000 }, (_, i) => `m,d=d${part * 20_000 + i},e=${'x'.repeat(20)} v=1i 1`)
    expect((await post(filled.target, lines.join('\n'))).status).toBe(204)
  }
  await filled.stop(true)
  const port = Number(new URL(filled.target.url).port)
  const starting = startTestStore({ folder: filled.folder, port })
  const seen = new Set<string>()
  const look = async () => {
    const health = await fetch(`${filled.target.url}/health`).catch(() => undefined)
    if (!health) return
    const { status, message } = (await health.json()) as { status: string; message: string }
    seen.add(`${health.status} ${status} ${message}`)
    if (health.status === 503) {
      const refused = await post(filled.target, 'm v=2i 1')
      expect([204, 503]).toContain(refused.status)
    }
  }
  let opened = false
  const opening = starting.then(() => {
    opened = true
  })
  while (!opened) await look()
  await opening
  await look()
  expect([...seen]).toEqual(['503 fail opening', '200 pass ready'])
  await (await starting).stop()
})

it('writes while as many queries as may run take long', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'long-'))
  const store = await startStoreProcess({ IOC_DATA_DIR: folder, IOC_STORAGE_QUERY_TIMEOUT_MS: '20000' })
  onTestFinished(async () => {
    await store.kill('SIGKILL')
    rmSync(folder, { recursive: true })
  })
  for (let part = 0; part < 8; part++) {
    const lines = Array.from({ length: 50_000 }, (_, i) => `m,d=d${i % 100} v=${Math.random()} ${part * 50_000 + i}`)
    await post(store.target, lines.join('\n'))
  }
  const reader = createReader(store)
  let running = 8
  const queries = Array.from({ length: running }, () =>
    reader
      .query(
        'SELECT percentile(v, 50), percentile(v, 90), percentile(v, 95), median(v), stddev(v) FROM m GROUP BY time(100ns)',
      )
      .catch(() => undefined)
      .finally(() => {
        running--
      }),
  )
  expect((await post(store.target, 'other v=1 1')).status).toBe(204)
  // With fewer threads than queries the write would have waited for most of them.
  expect(running, 'queries that still run').toBeGreaterThan(4)
  store.child.kill('SIGKILL')
  await Promise.all(queries)
})
