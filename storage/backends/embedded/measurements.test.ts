import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { createReader } from '../../reader/reader.ts'
import { startTestStore } from '../../testing/embedded.ts'
import { ask, post } from '../../testing/http.ts'
import { startStoreProcess } from '../../testing/process.ts'

const folder = mkdtempSync(join(tmpdir(), 'measurements-'))

afterAll(() => rmSync(folder, { recursive: true, force: true }))

const many = 3_000

/** A line of each measurement, of which every third has text in place of a number, and each a field of its own. */
function lines(time: number): string {
  const fields = (i: number) =>
    Array.from({ length: 8 }, (_, f) => `f${f}=${i % 3 === 0 ? `"t${i}"` : i + f}`).join(',')
  return Array.from({ length: many }, (_, i) => `m${i},d=x ${fields(i)},own${i}=${i}i ${time}`).join('\n')
}

it('keeps many measurements in little memory, through kill -9', async () => {
  const settings = { IOC_DATA_DIR: folder, IOC_STORAGE_MEMORY_MB: '64' }
  let store = await startStoreProcess(settings)
  for (const time of [1, 2]) expect(await post(store.target, lines(time), 'ms')).toEqual({ status: 204, text: '' })
  await store.kill('SIGKILL')
  store = await startStoreProcess(settings)
  // Some are newer than what there is, the others are written again.
  for (const time of [3, 1]) expect(await post(store.target, lines(time), 'ms')).toEqual({ status: 204, text: '' })
  await store.kill('SIGTERM')
  store = await startStoreProcess(settings)
  expect(await post(store.target, 'm7,d=y f0=1 3\nm8,d=x f0=1i 3', 'ms')).toMatchObject({ status: 400 })
  const reader = createReader(store)
  const [all] = await reader.query('SELECT sum(n) FROM (SELECT count(own7) + count(f0) AS n FROM m6, m7, m8)')
  expect(all?.values[0]?.[1]).toBe(3 + 4)
  const asked = [7, 9, 1_000, many - 1]
  for (const i of asked) {
    const [series] = await reader.query(`SELECT * FROM m${i} WHERE d = 'x'`)
    expect(series?.columns.toSorted()).toEqual(
      [
        'd',
        ...(lines(0)
          .split('\n')
          [i]?.match(/(f|own)\d+(?==)/g) ?? []),
        'time',
      ].toSorted(),
    )
    expect(series?.values.map((row) => row[0])).toEqual([1, 2, 3])
    expect(series?.values[0]).toContain(i % 3 === 0 ? `t${i}` : i)
  }
  expect((await reader.query('SHOW MEASUREMENTS'))[0]?.values).toHaveLength(many)
  // As many new ones in one write find room beside them.
  expect(await post(store.target, lines(4).replaceAll(/^m/gm, 'new'), 'ms')).toEqual({ status: 204, text: '' })
  expect((await reader.query('SHOW MEASUREMENTS'))[0]?.values).toHaveLength(2 * many)
  await store.kill('SIGTERM')
})

it('says how many fields a measurement may have, and takes the others', async () => {
  const store = await startTestStore({ storageMemoryMb: 64 })
  const wide = (name: string, count: number, time: number) =>
    `${name} ${Array.from({ length: count }, (_, f) => `f${f}=1`).join(',')} ${time}`
  expect((await post(store.target, wide('own', 64, 1))).status).toBe(204)
  const refused = await post(store.target, `${wide('own', 65, 2)}\n${wide('own', 64, 3)}`)
  expect(refused.status).toBe(400)
  expect(JSON.parse(refused.text)).toEqual({
    error: 'partial write: max-fields-per-measurement limit exceeded: (64) dropped=1',
  })
  expect((await post(store.target, wide('shared', 16, 1))).status).toBe(204)
  expect((await post(store.target, wide('shared', 17, 2))).text).toContain('limit exceeded: (16)')
  expect((await ask(store.target, 'SELECT count(f0) FROM own, shared', { epoch: 'ns' })).text).toContain(
    '"name":"own","columns":["time","count"],"values":[[0,2]]',
  )
  await store.stop()
})

it('gives measurements that share a table columns of their types', async () => {
  const store = await startTestStore({ storageMemoryMb: 64 })
  for (let i = 0; i < 10; i++) await post(store.target, `fill${i} v=1 1`)
  expect((await post(store.target, 'a x=1,y=2 1\nb x="t" 1\nb x=3 2\nc p=1,q="t",r=2 1')).status).toBe(400)
  expect((await post(store.target, 'b y=5 1\na z="u" 1')).status).toBe(204)
  expect(
    (await createReader(store).query('SELECT * FROM a; SELECT * FROM b; SELECT * FROM c')).map((one) => one.values),
  ).toEqual([[[0, 1, 2, 'u']], [[0, 't', 5]], [[0, 1, 't', 2]]])
  await store.stop()
})
