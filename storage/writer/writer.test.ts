import { isIocError } from '@ioc/contract/errors.ts'
import { freePort } from '@ioc/runtime/testing/free-port.ts'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createReader } from '../reader/reader.ts'
import type { StoreTarget } from '../target.ts'
import { startTestStore, type TestStore } from '../testing/embedded.ts'
import { hasDebianInflux, startDebianInflux } from '../testing/real-influx.ts'
import { createWriter } from './writer.ts'

interface Backend {
  readonly target: StoreTarget
  stop(): Promise<void>
}

const backends: [name: string, present: boolean, start: () => Promise<Backend>][] = [
  ['the embedded store', true, () => startTestStore()],
  ['InfluxDB 1.x', hasDebianInflux(), () => startDebianInflux('ioc')],
]

describe.each(backends)('the writer towards %s', (_name, present, start) => {
  if (!present) return it.skip('is not there', () => undefined)
  let backend: Backend

  beforeEach(async () => {
    backend = await start()
  })

  afterEach(() => backend.stop())

  it('writes everything, in order, whatever comes at once', async () => {
    const writer = createWriter({ target: backend.target, maxLines: 100 })
    const calls = Array.from({ length: 40 }, (_, call) =>
      writer.write(Array.from({ length: 25 }, (_, i) => `m,call=c${call % 7} v=${call * 25 + i}i ${call * 25 + i}`)),
    )
    // The same point again: the later one wins, also when both share a request.
    const rewritten = [writer.write(['m,call=c0 v=-1i 0']), writer.write(['m,call=c0 v=-2i 0'])]
    await Promise.all([...calls, ...rewritten])
    await writer.stop()
    const reader = createReader({ target: backend.target })
    const [counted] = await reader.query('SELECT count(v), sum(v) FROM m')
    expect(counted?.values[0]?.slice(1)).toEqual([1000, (999 * 1000) / 2 - 2])
    expect((await reader.query('SELECT v FROM m WHERE time = 0'))[0]?.values).toEqual([[0, -2]])
  })

  it('finds the lines that the store refuses, and writes the others', async () => {
    const rejected: [string, string][] = []
    const writer = createWriter({ target: backend.target, onRejected: (...told) => rejected.push(told) })
    await writer.write(['m v=1 1'])
    const lines = Array.from({ length: 100 }, (_, i) => `m v=${i} ${i + 10}`)
    lines[17] = 'm v="text" 27'
    lines[60] = 'not line protocol'
    await writer.write(lines)
    await writer.stop()
    expect(rejected.map(([line]) => line)).toEqual([lines[17], lines[60]])
    expect(rejected[0]?.[1]).toContain('field type conflict')
    expect(rejected[1]?.[1]).toContain('unable to parse')
    const [counted] = await createReader({ target: backend.target }).query('SELECT count(v) FROM m')
    expect(counted?.values[0]?.[1]).toBe(99)
  })

  it('gathers lines for an hour, unless half of a request is full or it is stopped', async () => {
    const writer = createWriter({ target: backend.target, maxLines: 10, lingerMs: 3_600_000 })
    await Promise.all(Array.from({ length: 5 }, (_, index) => writer.write([`m v=${index} ${index}`])))
    const waiting = writer.write(['m v=9 9']).catch((error: unknown) => error)
    await writer.stop()
    expect(isIocError(await waiting, 'STORE_UNREACHABLE')).toBe(true)
    const [counted] = await createReader({ target: backend.target }).query('SELECT count(v) FROM m')
    expect(counted?.values[0]?.[1]).toBe(5)
  })

  it('waits for a store that does not take its lines, and gives up only when it is stopped', async () => {
    const waits: string[] = []
    const target = { ...backend.target, bucket: 'nosuch' }
    let told: () => void
    const waited = new Promise<void>((resolve) => {
      told = resolve
    })
    const writer = createWriter({
      target,
      onRejected: () => expect.unreachable(),
      onWaiting: (error) => {
        waits.push(error.code)
        if (waits.length === 2) told()
      },
    })
    const writing = writer.write(['m v=1 1']).catch((error: unknown) => error)
    await waited
    await writer.stop()
    expect(isIocError(await writing, 'STORE_UNREACHABLE')).toBe(true)
    expect(waits).toContain('STORE_UNREACHABLE')
    await expect(writer.write(['m v=1 1'])).rejects.toThrow('stopped')
  })
})

it('goes on when a store that was away comes back', async () => {
  const port = await freePort()
  const target = { url: `http://127.0.0.1:${port}`, token: '', org: 'ioc', bucket: 'ioc', version: 2 }
  let store: Promise<TestStore> | undefined
  const writer = createWriter({
    target,
    onWaiting: () => {
      store ??= startTestStore({ port })
    },
  })
  await writer.write(['m v=1 1'])
  expect((await createReader({ target }).query('SELECT v FROM m'))[0]?.values).toEqual([[1, 1]])
  await writer.stop()
  await (await store)?.stop()
})

it('tells a wrong token from a store that is away', async () => {
  const store = await startTestStore({ token: 'secret' })
  const target = { ...store.target, token: 'wrong' }
  await expect(createReader({ target }).query('SHOW DATABASES')).rejects.toMatchObject({ code: 'STORE_UNAUTHORIZED' })
  const code = await new Promise((resolve) => {
    const writer = createWriter({
      target,
      onWaiting: (error) => {
        resolve(error.code)
        writer.stop()
      },
    })
    writer.write(['m v=1 1']).catch(() => undefined)
  })
  expect(code).toBe('STORE_UNAUTHORIZED')
  await store.stop()
  await expect(createReader(store).query('SHOW DATABASES')).rejects.toMatchObject({ code: 'STORE_UNREACHABLE' })
})

it('gives parameters to a query, without letting them change it', async () => {
  const store = await startTestStore()
  const writer = createWriter(store)
  await writer.write(["m,site=it's v=1 1", 'm,site=b v=2 2'])
  const reader = createReader(store)
  const q = 'SELECT v FROM m WHERE site = $site'
  expect((await reader.query(q, { site: "it's" }))[0]?.values).toEqual([[1, 1]])
  expect(await reader.query(q, { site: "x' OR site = 'b" })).toEqual([])
  await expect(reader.query(q)).rejects.toThrow('missing parameter: site')
  expect(await reader.queryEach('SELECT v FROM none; SELECT v FROM m LIMIT 1')).toMatchObject([[], [{ name: 'm' }]])
  await writer.stop()
  await store.stop()
})
