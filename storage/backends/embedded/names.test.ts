import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { startTestStore, type TestStore } from '../../testing/embedded.ts'
import { ask } from '../../testing/http.ts'
import { hasDebianInflux, type RealInflux, startDebianInflux } from '../../testing/real-influx.ts'

const mark = '\ufeff'

let store: TestStore
let real: RealInflux | undefined

beforeEach(async () => {
  store = await startTestStore()
  if (hasDebianInflux()) real = await startDebianInflux('ioc')
})

afterEach(async () => {
  await store.stop()
  await real?.stop()
})

const write = async (target: TestStore['target'], body: string | Buffer) => {
  const answer = await fetch(`${target.url}/write?db=${target.bucket}`, { method: 'POST', body })
  return { status: answer.status, text: await answer.text() }
}

const restart = async () => {
  await store.stop(true)
  store = await startTestStore({ folder: store.folder })
}

const bytes = (...parts: (string | number)[]) =>
  Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : Buffer.from([part]))))

test.each([
  ['the text', `${mark}air v=1 1\nair v=2 2`],
  ['a later line, as in files that were joined', `air v=1 1\n${mark}air v=2 2`],
  ['a comment', `${mark}# air\nair v=1 1\n ${mark} air v=2 2`],
  ['the text, twice', `${mark}${mark}air v=1 1\r\n${mark}\r\nair v=2 2`],
])('a byte order mark at the beginning of %s is no part of the measurement', async (_what, text) => {
  expect(await write(store.target, text)).toEqual({ status: 204, text: '' })
  await restart()
  const { text: answer } = await ask(store.target, 'SHOW MEASUREMENTS; SELECT v FROM air', { epoch: 'ns' })
  expect(answer).toContain('"values":[["air"]]')
  expect(answer).toContain('"values":[[1,1],[2,2]]')
})

test.each([
  ['a tag key', bytes(`air,${mark}site=a v=1 1`)],
  ['a field key', bytes(`air v=1,${mark}v=2 1`)],
  ['a measurement that is not UTF-8', bytes('b', 0xff, ' v=1 1')],
  ['a tag value that is not UTF-8', bytes('air,t=a', 0xfe, ' v=1 1')],
  ['a tag key that is half a character', bytes('air,t', 0xc3, '=a v=1 1')],
  ['a field key that is a surrogate', bytes('air ', 0xed, 0xa0, 0x80, 'v=1 1')],
])('refuses %s, and keeps the other lines', async (_what, line) => {
  const { status, text } = await write(
    store.target,
    Buffer.concat([bytes('good v=1 1\n'), line, bytes('\nlast v=1 1')]),
  )
  expect([status, text]).toEqual([400, expect.stringMatching(/byte order mark|UTF-8/)])
  expect((await ask(store.target, 'SHOW MEASUREMENTS')).text).toContain('"values":[["good"],["last"]]')
})

/** Everything in an answer, in one order: of keys with the character 0 the order differs. */
function unordered({ text }: { readonly text: string }): unknown {
  const sorted = (value: unknown): unknown =>
    Array.isArray(value) ? value.map((one) => JSON.stringify(one)).sort() : value
  return JSON.parse(text, (_key, value) => sorted(value))
}

const long = 'x'.repeat(30_000)

/** Names that another system, or the engine, might take for one. */
const twins: readonly string[][] = [
  ['Air', 'air', 'AIR'],
  ['ß', 'ss', 'ẞ'],
  ['İ', 'i', 'ı'],
  ['K', '\u212a'],
  ['\u00e9', 'e\u0301'],
  ['đ', 'Đ', 'd'],
  ['x', 'x\\ ', '\\ x'],
  ['n', 'n\0', 'n\0x'],
  ['m_1', 'M_1', 'f1'],
  ['"q"', 'q', "'q'"],
  [`${long}a`, `${long}b`],
  ['a\u200b', 'a', `a${mark}`],
  ['\ufffd', '\ufffe'],
]

describe('names that look alike stay apart', () => {
  test.each(twins)('as measurements, tags and fields, through a restart: %s', async (...names) => {
    const lines = names.flatMap((name, i) => [
      `${name} v=${i} 1`,
      `tags,${name}=${name} v=${i} ${i}`,
      `valued,t=${name} v=${i} 1`,
      `fields ${name.replaceAll('"', '\\"')}=${i} 1`,
    ])
    const questions = [
      'SHOW MEASUREMENTS; SHOW SERIES; SHOW FIELD KEYS; SHOW TAG VALUES FROM valued WITH KEY = t',
      'SELECT * FROM tags; SELECT * FROM fields; SELECT * FROM /./ GROUP BY *',
    ]
    for (const round of ['written', 'reopened']) {
      for (const target of [store.target, ...(real ? [real.target] : [])]) {
        // Again after the restart: no twin may be made of a name that is stored.
        expect(await write(target, lines.join('\n')), round).toEqual({ status: 204, text: '' })
      }
      for (const question of questions) {
        const given = await ask(store.target, question, { epoch: 'ns' })
        if (real) expect(unordered(given)).toEqual(unordered(await ask(real.target, question, { epoch: 'ns' })))
        else expect(given.text).not.toContain('"error"')
      }
      await restart()
    }
  })

  test('as text in fields and tag values, which may begin with a byte order mark', async () => {
    const lines = ['x', `${mark}x`, `${mark}${mark}x`, `${mark}${long}`, mark].flatMap((text, i) => [
      `text s="${text}" ${i}`,
      `tagged,t=${text} v=${i} ${i}`,
    ])
    const questions = [
      'SELECT s FROM text; SHOW TAG VALUES WITH KEY = t; SELECT last(s), first(s) FROM text; SELECT distinct(s) FROM text',
      `SELECT s FROM text WHERE s = '${mark}x'; SELECT v FROM tagged WHERE t = '${mark}x'; SELECT v FROM tagged GROUP BY t`,
      `SELECT s FROM text WHERE s =~ /^${mark}x/; SELECT v FROM tagged WHERE t =~ /^${mark}x/`,
      'SELECT x FROM (SELECT s AS x FROM text)',
    ]
    for (const target of [store.target, ...(real ? [real.target] : [])]) {
      expect(await write(target, lines.join('\n'))).toEqual({ status: 204, text: '' })
    }
    await restart()
    for (const question of questions) {
      const given = await ask(store.target, question, { epoch: 'ns' })
      if (real) expect(given).toEqual(await ask(real.target, question, { epoch: 'ns' }))
      expect(given.text).toContain(`"${mark}x"`)
    }
  })
})

describe('a file with two of one name', () => {
  test.each([
    ['measurement', `INSERT INTO measurements VALUES (9, 'air', NULL, 1)`, 'measurement air'],
    ['field', `INSERT INTO fields VALUES (1, 1, 'v', 'float')`, 'field v of air'],
    ['series', `INSERT INTO series VALUES (9, 1, 'air,site=a')`, 'series air,site=a'],
  ])('is not opened: %s', async (_what, sql, named) => {
    expect((await write(store.target, 'air,site=a v=1 1')).status).toBe(204)
    await store.stop(true)
    const path = join(store.folder, 'points.duckdb')
    const change = async (statement: string) => {
      const instance = await DuckDBInstance.create(path)
      const connection = await instance.connect()
      await connection.run(statement)
      connection.closeSync()
      instance.closeSync()
    }
    await change(sql)
    await expect(startTestStore({ folder: store.folder })).rejects.toMatchObject({
      code: 'STORE_DAMAGED',
      message: expect.stringContaining(`it contains the ${named} twice`),
    })
    store = await startTestStore()
  })
})
