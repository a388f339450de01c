import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { createReader } from '../../reader/reader.ts'
import { startTestStore, type TestStore } from '../../testing/embedded.ts'
import { post } from '../../testing/http.ts'
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
  expect((await createReader(store).query('SHOW SERIES FROM short'))[0]?.values).toHaveLength(7)
  await store.stop()
})

it('gives the room of what is deleted to what is written next', async () => {
  const folders = ['keeping', 'deleting'].map((name) => mkdtempSync(join(tmpdir(), `${name}-`)))
  const sizes: number[] = []
  for (const [index, folder] of folders.entries()) {
    const store = await startTestStore({ folder, sweepMs: 50, storageRetention: index === 1 ? '*=1s' : '' })
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
