import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest'
import { createReader } from '../reader/reader.ts'
import type { StoreTarget } from '../target.ts'
import { startTestStore, type TestStore } from '../testing/embedded.ts'
import { ask, post } from '../testing/http.ts'
import { hasDebianInflux, startDebianInflux } from '../testing/real-influx.ts'
import { backup, restore } from './backup.ts'
import { type ExportOrder, exportToFiles } from './export.ts'
import { queryText } from './query.ts'

const backends: [
  name: string,
  present: boolean,
  start: () => Promise<{ target: StoreTarget; stop(): Promise<void> }>,
][] = [
  ['the embedded store', true, () => startTestStore()],
  ['InfluxDB 1.x', hasDebianInflux(), () => startDebianInflux('ioc')],
]

const second = 1_000_000_000n
const lines = [
  'air,site=a,node=n1 pm25=1.5,count=9007199254740993i,ok=true,note="he said ""x"", y" 1700000000000000001'.replaceAll(
    '""',
    '\\"',
  ),
  'air,site=b pm25=2.5,note="" 1700000000000000001',
  'air,site=b pm25=-3,Site="field",ok=false 1700000060000000000',
  'other,site=á v=1i 1700000000000000000',
]
const everything: Omit<ExportOrder, 'out' | 'format'> = { measurements: ['air'], from: undefined, to: undefined }

describe.each(backends)('with %s', (_name, present, start) => {
  if (!present) return it.skip('is not there', () => undefined)
  let target: StoreTarget
  let stop: () => Promise<void>
  const folder = mkdtempSync(join(tmpdir(), 'tools-'))

  beforeAll(async () => {
    const backend = await start()
    target = backend.target
    stop = () => backend.stop()
    expect(await post(target, lines.join('\n'))).toEqual({ status: 204, text: '' })
  })

  afterAll(async () => {
    await stop()
    rmSync(folder, { recursive: true, force: true })
  })

  const text = (q: string, more: Partial<Parameters<typeof queryText>[1]> = {}) =>
    queryText(target, { q, format: 'table', precision: undefined, zone: 'Asia/Ho_Chi_Minh', ...more })

  it('prints a table with a heading for each series and local times', async () => {
    expect(await text('SELECT pm25, count, note FROM air GROUP BY site; SHOW TAG KEYS FROM other')).toBe(
      `air  site=a
time                                 pm25             count  note
-----------------------------------  ----  ----------------  --------------
2023-11-15T05:13:20.000000001+07:00   1.5  9007199254740993  he said "x", y

air  site=b
time                                 pm25  count  note
-----------------------------------  ----  -----  ----
2023-11-15T05:13:20.000000001+07:00   2.5
2023-11-15T05:14:20+07:00              -3

other
tagKey
------
site
`,
    )
    expect(await text('SELECT v FROM nothing')).toBe('')
  })

  it('prints no time for aggregates without one', async () => {
    expect(await text('SELECT mean(pm25) FROM air GROUP BY site')).toBe(
      `air  site=a
time  mean
----  ----
       1.5

air  site=b
time   mean
----  -----
      -0.25
`,
    )
    const csv = { format: 'csv', zone: 'UTC' } as const
    expect(await text('SELECT count(pm25), max(pm25) FROM air WHERE time < now()', csv)).toBe(
      'name,time,count,max\nair,,3,2.5\n',
    )
    expect(await text('SELECT distinct(pm25) FROM air', csv)).toBe('name,time,distinct\nair,,1.5\nair,,2.5\nair,,-3\n')
    // A time that the query sets, that of a point, or the unit that is asked for stay as they are.
    expect(await text("SELECT mean(pm25) FROM air WHERE time >= '2023-01-01T00:00:00Z'", csv)).toContain('2023-01-01')
    expect(await text('SELECT max(pm25) FROM air', csv)).toContain('2023-11-14')
    expect(await text('SELECT mean(pm25) FROM air', { ...csv, precision: 's' })).toContain('air,0,')
  })

  it('prints CSV and JSON, in the unit that is asked for', async () => {
    expect(await text('SELECT pm25, note FROM air GROUP BY site', { format: 'csv', precision: 's' })).toBe(
      `name,site,time,pm25,note
air,a,1700000000,1.5,"he said ""x"", y"
air,b,1700000000,2.5,""
air,b,1700000060,-3,
`,
    )
    for (const precision of ['ns', 'us', 'ms', 'm', 'h'] as const) {
      expect(JSON.parse(await text('SELECT v FROM other', { format: 'json', precision }))).toEqual(
        JSON.parse((await ask(target, 'SELECT v FROM other', { epoch: precision === 'us' ? 'u' : precision })).text),
      )
    }
    expect(await text('SELECT v FROM other', { format: 'json' })).toContain('"2023-11-14T22:13:20Z"')
  })

  it('says what is wrong with a query', async () => {
    await expect(text('SELECT')).rejects.toMatchObject({ code: 'QUERY_INVALID' })
    await expect(text('SELECT f(x) FROM air')).rejects.toMatchObject({ code: 'QUERY_INVALID' })
    await expect(
      queryText({ ...target, bucket: 'none' }, { q: 'SELECT v FROM m', format: 'csv', precision: 's', zone: 'UTC' }),
    ).rejects.toThrow('none')
  })

  it('exports to CSV', async () => {
    const [path = ''] = await exportToFiles(target, { ...everything, format: 'csv', out: join(folder, 'air.csv') })
    const [head, ...rows] = readFileSync(path, 'utf8').trimEnd().split('\n')
    // The names of columns know no difference of case, so that every tool can read them.
    expect(head?.split(',').sort()).toEqual(['Site_1', 'count', 'node', 'note', 'ok', 'pm25', 'site', 'time'])
    expect(rows).toHaveLength(3)
    expect(rows.join('\n')).toContain('"he said ""x"", y"')
    expect(rows.join('\n')).toContain('9007199254740993')
    expect(rows.map((row) => row.slice(0, row.indexOf(',')))).toEqual([
      '2023-11-14T22:13:20.000000001Z',
      '2023-11-14T22:13:20.000000001Z',
      '2023-11-14T22:14:20Z',
    ])
    await expect(
      exportToFiles(target, { ...everything, format: 'csv', out: join(folder, 'air.csv') }),
    ).rejects.toMatchObject({ code: 'FILE_EXISTS' })
  })

  it('exports a span to Parquet, values and types whole', async () => {
    const order = { ...everything, from: 1_700_000_000n * second, to: 1_700_000_060n * second }
    const [path = ''] = await exportToFiles(target, { ...order, format: 'parquet', out: join(folder, 'air.parquet') })
    expect(
      await sql(`SELECT epoch_ns(time), site, node, pm25, count, ok, note, site_1 FROM '${path}' ORDER BY site`),
    ).toEqual([
      [1700000000000000001n, 'a', 'n1', 1.5, 9007199254740993n, true, 'he said "x", y', null],
      [1700000000000000001n, 'b', null, 2.5, null, null, '', null],
    ])
  })

  it('exports all measurements to a folder, and names what is not there', async () => {
    const out = join(folder, 'all/')
    const paths = await exportToFiles(target, { ...everything, measurements: [], format: 'parquet', out })
    expect(readdirSync(out).sort()).toEqual(['air.parquet', 'other.parquet'])
    expect(await sql(`SELECT site, v FROM '${paths[1]}'`)).toEqual([['á', 1n]])
    const one = join(folder, 'one.csv')
    await expect(exportToFiles(target, { ...everything, measurements: [], format: 'csv', out: one })).rejects.toThrow(
      'name a folder',
    )
    await expect(
      exportToFiles(target, { ...everything, measurements: ['no'], format: 'csv', out: one }),
    ).rejects.toThrow('not found')
    expect(existsSync(one) || existsSync(`${one}.part`)).toBe(false)
  })

  it('goes on page by page where many points share a time', async () => {
    const many = Array.from({ length: 60_000 }, (_, i) => `many,d=d${i % 52_000} v=${i}i ${i < 52_000 ? 5 : i}`)
    for (let from = 0; from < many.length; from += 20_000)
      await post(target, many.slice(from, from + 20_000).join('\n'))
    const [path = ''] = await exportToFiles(target, {
      ...everything,
      measurements: ['many'],
      format: 'csv',
      out: join(folder, 'many.csv'),
    })
    expect(await sql(`SELECT count(*), count(DISTINCT v), sum(v)::BIGINT FROM '${path}'`)).toEqual([
      [60_000n, 60_000n, (60_000n * 59_999n) / 2n],
    ])
    expect(
      await sql(`SELECT count(*) FROM (SELECT time < lag(time) OVER () AS back FROM '${path}') WHERE back`),
    ).toEqual([[0n]])
  })
})

async function sql(text: string) {
  const instance = await DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  const rows = (await connection.runAndReadAll(text)).getRows()
  connection.closeSync()
  instance.closeSync()
  return rows
}

describe('backups', () => {
  const folder = mkdtempSync(join(tmpdir(), 'backup-'))
  let store: TestStore

  beforeAll(async () => {
    store = await startTestStore({ folder: join(folder, 'store'), token: 'secret' })
    store = { ...store, target: { ...store.target } }
  })

  afterAll(async () => {
    await store.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  const write = (text: string) =>
    fetch(`${store.target.url}/write?db=ioc`, {
      method: 'POST',
      body: text,
      headers: { Authorization: 'Token secret' },
    })

  it('are of one moment while writes go on, and can be a store again', async () => {
    let writing = true
    let written = 0
    // Each batch puts one point into each of two measurements: no copy may have the one without the other.
    const writer = (async () => {
      for (; writing; written++) await write(`left,d=x v=${written}i ${written}\nright,d=x v=${written}i ${written}`)
    })()
    while (written < 20) await new Promise(setImmediate)
    const copies = [
      await backup(store.target, join(folder, 'copies/'), new Date(1)),
      await backup(store.target, join(folder, 'copies/'), new Date(2)),
    ]
    writing = false
    await writer
    expect(copies[1]?.manifest).toMatchObject({ format: 3, series: 2 })
    expect(copies[1]?.manifest.rows['m_1']).toBe(copies[1]?.manifest.rows['m_2'])
    const place = join(folder, 'second')
    const { path } = await restore(join(folder, 'copies/'), place, false)
    expect(path).toBe(copies[1]?.path)
    const again = await startTestStore({ folder: place })
    const reader = createReader(again)
    const [left, right] = await reader.queryEach('SELECT v FROM left; SELECT v FROM right')
    expect(left?.[0]?.values.length).toBe(copies[1]?.manifest.rows['m_1'])
    expect(left?.[0]?.values).toEqual(right?.[0]?.values)
    expect((await post(again.target, 'left,d=x v=-1i 0\nleft,d=x w=1 900000')).status).toBe(204)
    await again.stop(true)
    await expect(restore(path, place, false)).rejects.toMatchObject({ code: 'FILE_EXISTS' })
    await restore(path, place, true)
    const forced = await startTestStore({ folder: place })
    expect((await createReader(forced).query('SELECT v FROM left'))[0]?.values).toEqual(left?.[0]?.values)
    await forced.stop()
  })

  it('are refused where they would do harm', async () => {
    await write('m v=1 1')
    const file = join(folder, 'one.duckdb')
    const { path } = await backup(store.target, file, new Date())
    expect(path).toBe(file)
    await expect(backup(store.target, file, new Date())).rejects.toMatchObject({ code: 'FILE_EXISTS' })
    await expect(backup({ ...store.target, token: 'x' }, join(folder, 'y'), new Date())).rejects.toMatchObject({
      code: 'STORE_UNAUTHORIZED',
    })
    await expect(restore(join(folder, 'none'), join(folder, 'new'), false)).rejects.toMatchObject({
      code: 'BACKUP_INVALID',
    })
    for (const [from, to] of [
      [0, 4096],
      [12_288, undefined],
    ] as const) {
      const bad = readFileSync(file)
      bad.fill(3, from, to)
      writeFileSync(join(folder, 'bad.duckdb'), bad)
      await expect(restore(join(folder, 'bad.duckdb'), join(folder, 'new'), true)).rejects.toMatchObject({
        code: 'BACKUP_INVALID',
      })
    }
    expect(existsSync(join(folder, 'new'))).toBe(false)
    await store.store.stop()
    await expect(restore(join(folder, 'store', 'points.duckdb'), join(folder, 'new'), true)).rejects.toMatchObject({
      code: 'BACKUP_INVALID',
    })
    await expect(backup(store.target, join(folder, 'z'), new Date())).rejects.toMatchObject({
      code: 'STORE_UNREACHABLE',
    })
  })

  it.skipIf(!hasDebianInflux())('are not of an InfluxDB', async () => {
    const real = await startDebianInflux('ioc')
    await expect(backup(real.target, join(folder, 'real'), new Date())).rejects.toThrow('influxd backup')
    await real.stop()
  })
})

test.each([
  ['below /proc', '/proc/x/'],
  ['below a device', '/dev/null/x/'],
  ['below a file', `${import.meta.filename}/x/`],
  ['too long', `/tmp/${'x'.repeat(300)}/`],
])('a place that is %s is one clear error, for export and backup', async (_what, place) => {
  const store = await startTestStore()
  await post(store.target, 'm v=1 1')
  const clear = {
    code: 'FOLDER_UNUSABLE',
    message: expect.stringMatching(/^cannot write [^\n]+ that this user can write to$/),
  }
  const order = { measurements: [], format: 'csv', from: undefined, to: undefined } as const
  await expect(exportToFiles(store.target, { ...order, out: place })).rejects.toMatchObject(clear)
  await expect(backup(store.target, place, new Date())).rejects.toMatchObject(clear)
  await expect(backup(store.target, `${place}file`, new Date())).rejects.toMatchObject(clear)
  await store.stop()
})
