import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { afterAll, expect, it } from 'vitest'
import { createReader } from '../../reader/reader.ts'
import { startTestStore, type TestStore } from '../../testing/embedded.ts'
import { post } from '../../testing/http.ts'
import { startStoreProcess } from '../../testing/process.ts'

const folders: string[] = []

function folderFor(name: string): string {
  const folder = mkdtempSync(join(tmpdir(), `${name}-`))
  folders.push(folder)
  return folder
}

afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
})

const devices = 20
const hour = 3_600_000
/** A day ago, in ms. */
const start = Date.now() - 24 * hour

/** Rows of all devices, one time after the other, as they come. */
function rows(from: number, to: number, fields = (i: number) => `v=${i}`): string {
  return Array.from({ length: to - from }, (_, index) => {
    const i = from + index
    return `m,d=d${i % devices} ${fields(i)} ${start + Math.floor(i / devices) * 1000}`
  }).join('\n')
}

const newest = `m,d=d0 v=0 ${Date.now()}`

async function compacted(store: TestStore, rows: number): Promise<void> {
  const done = () => store.store.gauges()['compacted_total'] ?? 0
  while (done() < rows) await new Promise((resolve) => setTimeout(resolve, 10))
}

async function totals(store: Pick<TestStore, 'target'>) {
  const [series] = await createReader(store).query('SELECT count(v), sum(v), count(w) FROM m')
  return series?.values[0]?.slice(1)
}

/** How often the series changes from one row to the next, and the number of rows. */
async function changes(folder: string): Promise<[number, number]> {
  const instance = await DuckDBInstance.create(join(folder, 'points.duckdb'))
  const connection = await instance.connect()
  const result = await connection.runAndReadAll(
    `SELECT count(*) FILTER (sid <> before)::INTEGER, count(*)::INTEGER
     FROM (SELECT sid, lag(sid) OVER (ORDER BY rowid) AS before FROM m_1)`,
  )
  connection.closeSync()
  instance.closeSync()
  return result.getRows()[0] as [number, number]
}

it('puts the settled rows of a device together, and what comes into them later too', async () => {
  const folder = folderFor('compaction')
  let store = await startTestStore({ folder, compactMs: 20, storageCompactRows: 5_000 })
  const count = 60_000
  const sum = (count * (count - 1)) / 2
  await post(store.target, rows(0, count), 'ms')
  await post(store.target, newest, 'ms')
  // The last part, which is less than a step, stays as it came.
  await compacted(store, count - 6_000)
  expect(await totals(store)).toEqual([count + 1, sum, null])
  await post(
    store.target,
    rows(0, 10_000, (i) => `v=${i},w=1`),
    'ms',
  )
  expect(await totals(store)).toEqual([count + 1, sum, 10_000])
  await compacted(store, 2 * count - 12_000)
  expect(await totals(store)).toEqual([count + 1, sum, 10_000])
  await store.stop(true)
  const [turns, stored] = await changes(folder)
  expect(stored).toBe(count + 1)
  expect(turns).toBeLessThan(count / 5)
  store = await startTestStore({ folder, compactMs: 20, storageCompactRows: 5_000 })
  await post(store.target, rows(0, 10), 'ms')
  expect(await totals(store)).toEqual([count + 1, sum, 10_000])
  // What is compacted is known after a start, too.
  expect(store.store.gauges()['compacted_total']).toBeLessThan(count / 2)
  await store.stop()
})

it('keeps what is changed in what it rewrites meanwhile, and what is deleted', async () => {
  const folder = folderFor('compaction-beside')
  const options = { folder, compactMs: 1, storageCompactRows: 2_000, storageRetention: 'm=47h', expiryMs: 1 }
  let store = await startTestStore(options)
  const count = 40_000
  const text = rows(0, count)
  await post(store.target, text, 'ms')
  await post(store.target, newest, 'ms')
  let fields = 0
  for (let turn = 0; (store.store.gauges()['compacted_total'] ?? 0) < count - 4_000; turn++) {
    // Every row of a part of the time, once more, and now and then a column that was not there before.
    const from = (turn * 7_001) % (count - 500)
    if (turn % 10 === 0) fields++
    const answer = await post(
      store.target,
      rows(from, from + 500, (i) => `v=${i},w${fields}=${i}`),
      'ms',
    )
    expect(answer).toEqual({ status: 204, text: '' })
    expect((await totals(store))?.slice(0, 2)).toEqual([count + 1, (count * (count - 1)) / 2])
  }
  await post(
    store.target,
    rows(0, count, (i) => `w=${i}`),
    'ms',
  )
  expect(await totals(store)).toEqual([count + 1, (count * (count - 1)) / 2, count])
  await store.stop(true)
  store = await startTestStore({ ...options, storageRetention: 'm=1h' })
  while ((await totals(store))?.[0] !== 1) await new Promise((resolve) => setTimeout(resolve, 20))
  await store.stop()
})

it('takes the file of a version that did not compact', async () => {
  const folder = folderFor('compaction-before')
  let store = await startTestStore({ folder })
  await post(store.target, rows(0, 20_000), 'ms')
  await post(store.target, newest, 'ms')
  await store.stop(true)
  const instance = await DuckDBInstance.create(join(folder, 'points.duckdb'))
  const connection = await instance.connect()
  await connection.run('ALTER TABLE measurements DROP COLUMN compacted')
  connection.closeSync()
  instance.closeSync()
  store = await startTestStore({ folder, compactMs: 20, storageCompactRows: 5_000 })
  await compacted(store, 14_000)
  expect((await totals(store))?.[0]).toBe(20_001)
  expect((await post(store.target, 'other v=1 1')).status).toBe(204)
  await store.stop()
})

it('deletes what is too old from what is compacted', async () => {
  const folder = folderFor('compaction-retention')
  let store = await startTestStore({ folder, compactMs: 20, storageCompactRows: 5_000 })
  await post(store.target, rows(0, 40_000), 'ms')
  await post(store.target, newest, 'ms')
  await compacted(store, 34_000)
  await store.stop(true)
  store = await startTestStore({ folder, compactMs: 20, expiryMs: 20, storageRetention: 'm=12h' })
  while ((await totals(store))?.[0] !== 1) await new Promise((resolve) => setTimeout(resolve, 20))
  await store.stop()
})

/** `npm run test:crashes` asks for more. */
const kills = Number(process.env['IOC_CRASH_RUNS'] ?? 5)

it('loses and doubles nothing when it is killed at any moment', async () => {
  const folder = folderFor('compaction-kill')
  const settings = { IOC_DATA_DIR: folder, IOC_STORAGE_COMPACT_ROWS: '1000' }
  const batch = 4_000
  let written = 0
  let steps = 0
  for (let kill = 0; kill < kills; kill++) {
    const store = await startStoreProcess(settings)
    const stop = { asked: false }
    const writing = (async () => {
      try {
        while (!stop.asked) {
          const { status } = await post(store.target, `${rows(written, written + batch)}\n${newest}`, 'ms')
          if (status === 204) written += batch
        }
      } catch {
        // It was killed in the middle of this batch, which is sent again.
      }
    })()
    const before = written
    // Compaction begins at the start, and what is written then is compacted after the next one.
    while (
      written === before ||
      (kill > 0 && (await metric(store.target.url, 'compacted_total')) < 1000 * (kill % 4))
    ) {
      await new Promise(setImmediate)
    }
    steps += kill > 0 ? await metric(store.target.url, 'compacted_total') : 0
    await store.kill('SIGKILL')
    stop.asked = true
    await writing
  }
  const store = await startStoreProcess(settings)
  await post(store.target, rows(written, written + batch), 'ms')
  written += batch
  expect(await totals(store)).toEqual([written + 1, (written * (written - 1)) / 2, null])
  await store.kill('SIGTERM')
  expect((await changes(join(folder, 'storage')))[1]).toBe(written + 1)
  expect(steps).toBeGreaterThan(5_000)
})

async function metric(url: string, name: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text()
  return Number(new RegExp(`^ioc_storage_${name} (.+)$`, 'm').exec(text)?.[1])
}
