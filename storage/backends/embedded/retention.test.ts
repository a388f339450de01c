import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { createReader } from '../../reader/reader.ts'
import { startTestStore, type TestStore } from '../../testing/embedded.ts'
import { ask, post } from '../../testing/http.ts'
import { parseRetention } from './retention.ts'

const day = 86_400_000

it('reads spans, and says which it does not know', () => {
  expect([...parseRetention('system=90d, *=2y')]).toEqual([
    ['system', 90n * 86_400_000_000_000n],
    ['*', 730n * 86_400_000_000_000n],
  ])
  expect(parseRetention('').size).toBe(0)
  for (const bad of ['90d', 'system=', 'system=9', '=9d', 'a=0d', 'a=5x']) {
    expect(() => parseRetention(bad), bad).toThrow('IOC_STORAGE_RETENTION')
  }
})

const count = async (store: TestStore, measurement: string) =>
  (await createReader(store).query(`SELECT count(v) FROM ${measurement}`))[0]?.values[0]?.[1] ?? 0

async function until(store: TestStore, expired: number): Promise<void> {
  while ((store.store.gauges()['expired_total'] ?? 0) < expired) await new Promise((resolve) => setTimeout(resolve, 10))
}

it.each([
  ['its own', 0],
  ['a shared', 10],
])('deletes what is older than its measurement keeps, from %s table, and takes no more of it', async (_, others) => {
  let store = await startTestStore({ storageMemoryMb: 64 })
  const { folder } = store
  for (let i = 0; i < others; i++) await post(store.target, `before${i} v=1`)
  const now = Date.now()
  const old = (measurement: string) =>
    Array.from({ length: 120_000 }, (_, i) => `${measurement},d=d${i % 7} v=${i} ${now - 10 * day + i}`).join('\n')
  for (const measurement of ['short', 'long', 'other']) await post(store.target, old(measurement), 'ms')
  await post(store.target, `short,d=d1 v=1 ${now}\nother,d=d1 v=1 ${now - 3 * day}`, 'ms')
  await store.stop(true)
  store = await startTestStore({ folder, storageRetention: 'short=1d,long=1y,*=5d' })
  await until(store, 240_000)
  expect([await count(store, 'short'), await count(store, 'long'), await count(store, 'other')]).toEqual([
    1, 120_000, 1,
  ])
  const lines = `short,d=d1 v=1 ${now - 2 * day}\nshort,d=new v=1 ${now - 2 * day}\nshort,d=d1 v=2 ${now - 1000}`
  const refused = await post(store.target, lines, 'ms')
  expect(refused.status).toBe(400)
  expect(JSON.parse(refused.text)).toEqual({ error: 'partial write: points beyond retention policy dropped=2' })
  expect(await count(store, 'short')).toBe(2)
  expect((await createReader(store).query('SHOW SERIES FROM short'))[0]?.values).toEqual([['short,d=d1']])
  await store.stop()
})

it('gives the room of what is deleted to what is written next', async () => {
  const folders = ['keeping', 'deleting'].map((name) => mkdtempSync(join(tmpdir(), `${name}-`)))
  const sizes: number[] = []
  for (const [index, folder] of folders.entries()) {
    const store = await startTestStore({ folder, expiryMs: 50, storageRetention: index === 1 ? '*=3s' : '' })
    let written = 0
    let largest = 0
    for (let round = 0; round < 12; round++) {
      // Values that do not compress.
      const rows = Array.from({ length: 50_000 }, (_, i) => `m,d=d${i % 50} v=${Math.random()},w=${Math.random()}`)
      const start = BigInt(Date.now()) * 1_000_000n
      const text = rows.map((row, i) => `${row} ${start + BigInt(i)}`).join('\n')
      expect((await post(store.target, text)).status).toBe(204)
      written += rows.length
      if (index === 1 && round % 2 === 1) await until(store, written)
      largest = Math.max(largest, statSync(join(folder, 'points.duckdb')).size)
    }
    await store.stop(true)
    sizes.push(Math.max(largest, statSync(join(folder, 'points.duckdb')).size))
    rmSync(folder, { recursive: true })
  }
  const [keeping = 0, deleting = 0] = sizes
  expect(deleting).toBeLessThan(keeping / 2)
})

const shown = async (store: TestStore, question: string) =>
  ((await createReader(store).query(question))[0]?.values ?? []).map((row) => row.join(' '))

async function untilShown(store: TestStore, question: string, values: readonly string[]): Promise<void> {
  while ((await shown(store, question)).join() !== values.join())
    await new Promise((resolve) => setTimeout(resolve, 10))
}

it.each([
  ['its own', 0],
  ['a shared', 10],
])('drops series whose points are gone from %s table, and takes them again', async (_, others) => {
  const limit = { storageMaxSeries: 1_000, storageMemoryMb: 64, expiryMs: 20 }
  let store = await startTestStore(limit)
  const { folder } = store
  for (let i = 0; i < others; i++) await post(store.target, `before${i} v=1`)
  const now = Date.now()
  const lines = (measurement: string, count: number, time: number) =>
    Array.from({ length: count }, (_, i) => `${measurement},d=d${i} v=${i} ${time}`).join('\n')
  const full = [lines('gone', 400, now - 10 * day), lines('partly', 600 - others, now - 10 * day)].join('\n')
  expect((await post(store.target, full, 'ms')).status).toBe(204)
  expect((await post(store.target, `partly,d=d3 v=1 ${now}`, 'ms')).status).toBe(204)
  expect((await post(store.target, `new v=1 ${now}`, 'ms')).text).toContain('max-series-per-database limit exceeded')
  await store.stop(true)
  const keeping = { ...limit, folder, storageRetention: 'gone=1d,partly=1d' }
  store = await startTestStore(keeping)
  await untilShown(store, 'SHOW SERIES FROM gone, partly', ['partly,d=d3'])
  expect(await shown(store, 'SHOW TAG VALUES FROM partly WITH KEY = d')).toEqual(['d d3'])
  expect(await shown(store, 'SHOW MEASUREMENTS')).not.toContain('gone')
  expect(await shown(store, 'SHOW FIELD KEYS FROM gone')).toEqual([])
  expect((await post(store.target, lines('gone', 350, now), 'ms')).status).toBe(204)
  await store.stop(true)
  store = await startTestStore(keeping)
  expect(await count(store, 'gone')).toBe(350)
  expect(await shown(store, "SELECT v FROM gone WHERE d = 'd349'")).toEqual([`${now} 349`])
  expect(await shown(store, 'SELECT last(v) FROM partly')).toEqual([`${now} 1`])
  await store.stop()
})

it('keeps every acknowledged point while series come and go beside writes', async () => {
  const store = await startTestStore({ expiryMs: 1, storageRetention: '*=1s' })
  const { folder } = store
  for (let round = 0; round < 40; round++) {
    const at = Date.now()
    const lines = Array.from({ length: 200 }, (_, i) => `m,d=d${i},r=${round % 7} v=${round} ${at - (i % 2) * 995}`)
    const { status, text } = await post(store.target, lines.join('\n'), 'ms')
    if (status !== 204) expect(text).toContain('points beyond retention policy')
    // Series are looked up by their tags while they come and go.
    expect((await ask(store.target, `SELECT count(v) FROM m WHERE d = 'd1' OR d = 'd2'`)).text).not.toContain('"error"')
  }
  const at = Date.now() + 3_600_000
  expect((await post(store.target, `m,d=d1,r=1 v=1 ${at}\nm,d=last v=2 ${at}`, 'ms')).status).toBe(204)
  await untilShown(store, 'SHOW SERIES', ['m,d=d1,r=1', 'm,d=last'])
  expect(await shown(store, `SELECT v FROM m WHERE d = 'd1'`)).toEqual([`${at} 1`])
  expect(await shown(store, `SELECT v FROM m WHERE d = 'd2' OR d = 'last'`)).toEqual([`${at} 2`])
  await store.stop(true)
  const again = await startTestStore({ folder })
  expect(await shown(again, 'SELECT v FROM m')).toEqual([`${at} 1`, `${at} 2`])
  await again.stop()
})
