import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createReader } from '../../reader/reader.ts'
import { startTestStore, type TestStore } from '../../testing/embedded.ts'
import { ask, post } from '../../testing/http.ts'
import { runStoreProcess } from '../../testing/process.ts'

describe('writes', () => {
  let store: TestStore

  beforeAll(async () => {
    store = await startTestStore({ storageBodyLimitMb: 1 })
  })

  afterAll(() => store.stop())

  const rows = async (q: string) => (await createReader(store).query(q))[0]?.values

  it('are upserts, field by field', async () => {
    const { target } = store
    await post(target, 'up,a=b x=1,y=1 100\nup,a=b x=1 300', 'ms')
    await post(target, 'up,a=b y=2,z="new" 100\nup,a=b x=5 200\nup,a=b x=6 200\nup,a=b x=7 400\nup,a=b y=8 400', 'ms')
    await post(target, 'up,a=b x=9 400', 'ms')
    expect(await rows('SELECT x, y, z FROM up')).toEqual([
      [100, 1, 2, 'new'],
      [200, 6, null, null],
      [300, 1, null, null],
      [400, 9, 8, null],
    ])
  })

  it('are upserts of values of any kind and size, in one request', async () => {
    const sizes = ['9007199254740993i', '-5i', '9223372036854775807i', '9007199254740993i', '0i']
    const texts = ['"a"', '""', '"é\\"b"', '"c"', '"d"']
    const lines = sizes.map((size, index) => `kinds i=${size},s=${texts[index]},b=${index % 2 === 1} ${index >> 1}`)
    await post(store.target, lines.toReversed().join('\n'), 'ms')
    await post(store.target, lines.join('\n'), 'ms')
    const text = (await ask(store.target, 'SELECT b, i, s FROM kinds', { epoch: 'ms' })).text
    expect(/"values":(.*?\]\])/.exec(text)?.[1]).toBe('[[0,true,-5,""],[1,true,9007199254740993,"c"],[2,false,0,"d"]]')
  })

  it('find the same series whatever the order of its tags', async () => {
    await post(store.target, 'order,a=1,b=2 x=1 1\norder,b=2,a=1 x=2 1', 'ms')
    expect(await rows('SELECT x FROM "order"')).toEqual([[1, 2]])
    expect((await rows('SHOW SERIES FROM "order"'))?.length).toBe(1)
  })

  it('may name and hold the character 0, which harms no question about other names', async () => {
    const { target } = store
    expect((await post(target, 'ze\0ro,t=a\0b v="c\0d",w\0=1 1')).status).toBe(204)
    const asked = [
      `SELECT v FROM /^ze/ WHERE t =~ /b$/ AND v =~ /d$/`,
      `SELECT v FROM /^ze/ WHERE t = $t AND v = $v`,
      `SELECT last(v) FROM (SELECT v FROM /^ze/ WHERE t =~ /^a/)`,
    ]
    for (const q of asked) {
      const params = JSON.stringify({ t: 'a\0b', v: 'c\0d' })
      expect(JSON.parse((await ask(target, q, { params })).text).results[0].series?.[0].values[0][1], q).toBe('c\0d')
    }
    expect((await ask(target, 'SHOW SERIES')).text).toContain('"ze\\u0000ro,t=a\\u0000b"')
  })

  it('survive a restart, series, fields and newest times included', async () => {
    let again = await startTestStore()
    const { folder } = again
    await post(again.target, 're,a=b x=1 100\nre,a=c x=1 100', 'ms')
    await again.stop(true)
    again = await startTestStore({ folder })
    await post(again.target, 're,a=b y=2 100\nre,a=b x=3 50', 'ms')
    expect((await createReader(again).query("SELECT x, y FROM re WHERE a = 'b'"))[0]?.values).toEqual([
      [50, 3, null],
      [100, 1, 2],
    ])
    await again.stop()
  })

  it('say which lines they do not take, and take the others', async () => {
    const { target } = store
    await post(target, 'conflict v=1 1')
    const conflict = await post(target, 'conflict v=2i 2\nconflict v=3 3\nconflict v="x" 4')
    expect(conflict.status).toBe(400)
    expect(JSON.parse(conflict.text)).toEqual({
      error:
        'partial write: field type conflict: input field "v" on measurement "conflict" is type integer, already exists as type float dropped=2',
    })
    const bad = await post(target, 'conflict v=5 5\nconflict v=NaN 6')
    expect(bad.status).toBe(400)
    expect(bad.text).toContain("unable to parse 'conflict v=NaN 6'")
    expect((await rows('SELECT v FROM conflict'))?.length).toBe(3)
    expect((await post(target, 'within v=1,v=2i 1')).text).toContain('field type conflict')
    expect(await rows('SELECT v FROM within')).toBeUndefined()
    expect((await post(target, 'timed,a=b time=1 1')).text).toContain('invalid field name: input field \\"time\\"')
    expect((await post(target, 'timed,time=b v=1 1')).text).toContain('invalid tag key: input tag \\"time\\"')
    expect(await rows('SHOW SERIES FROM timed')).toBeUndefined()
    // No client takes a header as long as a line may be.
    const long = 'x'.repeat(100_000)
    expect(JSON.parse((await post(target, `${long} v=1 1`)).text).error).toContain('max key length exceeded')
    const second = await fetch(`${target.url}/api/v2/write?org=o&bucket=ioc`, { method: 'POST', body: 'bad' })
    expect(second.status).toBe(400)
    expect(await second.json()).toMatchObject({ code: 'invalid' })
  })

  it('are grouped, though the numbers of their series lie far apart', async () => {
    const { target } = store
    const between = Array.from({ length: 500 }, (_, i) => `between,d=d${i} v=1 1`)
    for (const lines of ['sparse,d=x v=1 1', between.join('\n'), 'sparse,d=y v=2 1\nsparse,d=y v=4 2']) {
      await post(target, lines, 'ms')
    }
    const answer = await createReader(store).query(
      'SELECT sum(v) FROM sparse GROUP BY d; SELECT top(v, d, 2) FROM sparse; SELECT v, d FROM sparse',
    )
    expect(answer.map(({ values }) => values.map((row) => row.slice(1)))).toEqual([
      [[1]],
      [[6]],
      [
        [1, 'x'],
        [4, 'y'],
      ],
      [
        [1, 'x'],
        [2, 'y'],
        [4, 'y'],
      ],
    ])
  })

  it('take any name without harm', async () => {
    const names = [`x'; DROP TABLE series; --`, `"quoted"`, 'm_1', 'série é', '表', 'M_1', 'a\\b']
    for (const name of names) {
      const escaped = name.replace(/[ ,=]/g, '\\$&')
      const line = `${escaped},${escaped}=${escaped} ${escaped}=1,Other="${name.replace(/["\\]/g, '\\$&')}" 1`
      expect(await post(store.target, line, 'ms')).toEqual({ status: 204, text: '' })
      const quoted = `"${name.replace(/["\\]/g, '\\$&')}"`
      const text = `'${name.replace(/['\\]/g, '\\$&')}'`
      const where = `WHERE ${quoted}::tag = ${text} AND Other = ${text}`
      expect(await rows(`SELECT ${quoted}::field, Other FROM ${quoted} ${where}`)).toEqual([[1, 1, name]])
    }
    expect((await rows('SHOW MEASUREMENTS'))?.flat()).toEqual(expect.arrayContaining(names))
  })

  it('understand gzip, precision and both ways of InfluxDB', async () => {
    const { url } = store.target
    const send = (path: string, body: string | Buffer<ArrayBuffer>, headers = {}) =>
      fetch(url + path, { method: 'POST', body, headers })
    const zipped = gzipSync('zip v=1 7')
    expect((await send('/api/v2/write?bucket=ioc&precision=s', zipped, { 'Content-Encoding': 'gzip' })).status).toBe(
      204,
    )
    expect(await rows('SELECT v FROM zip')).toEqual([[7000, 1]])
    expect((await send('/write?db=ioc&precision=m', 'zip v=1 1')).status).toBe(204)
    expect((await send('/write?db=ioc', 'not gzip', { 'Content-Encoding': 'gzip' })).status).toBe(400)
    expect((await send('/write?db=ioc&precision=fortnight', 'zip v=1 1')).status).toBe(400)
    expect((await send('/write', 'zip v=1 1')).status).toBe(400)
    expect((await send('/write?db=other', 'zip v=1 1')).status).toBe(404)
    expect((await send('/api/v2/write?bucket=other', 'zip v=1 1')).status).toBe(404)
    const bomb = gzipSync(Buffer.alloc(5_000_000))
    expect((await send('/write?db=ioc', bomb, { 'Content-Encoding': 'gzip' })).status).toBe(413)
    expect((await send('/write?db=ioc', Buffer.alloc(1_500_000))).status).toBe(413)
  })

  it('take many requests at once, and lose none, while queries run', async () => {
    let writing = true
    const querying = (async () => {
      while (writing) for (const text of ['SELECT * FROM many', 'SHOW FIELD KEYS FROM many']) await rows(text)
    })()
    const answers = await Promise.all(
      Array.from({ length: 60 }, (_, i) => post(store.target, `many,w=${i % 5} v=${i},f${i}=true ${i}`)),
    )
    writing = false
    await querying
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([204]))
    expect((await rows('SELECT count(v), count(f7) FROM many'))?.[0]?.slice(1)).toEqual([60, 1])
  })
})

describe('functions that InfluxDB is not compared on', () => {
  let store: TestStore

  beforeAll(async () => {
    store = await startTestStore()
  })

  afterAll(() => store.stop())

  it('sample takes some of the points that are there, in order', async () => {
    const lines = Array.from({ length: 40 }, (_, i) => `many v=${i} ${i}`)
    await post(store.target, lines.join('\n'), 's')
    const { text } = await ask(store.target, 'SELECT sample(v, 5) FROM many', { epoch: 's' })
    const values = (JSON.parse(text) as { results: [{ series: [{ values: [number, number][] }] }] }).results[0]
      .series[0].values
    expect(values).toHaveLength(5)
    expect(values.every(([time, value]) => time === value)).toBe(true)
    expect(new Set(values.map(([time]) => time)).size).toBe(5)
    expect(values).toEqual(values.toSorted(([a], [b]) => a - b))
  })

  it('integral gives integers the area of floats', async () => {
    const lines = Array.from({ length: 30 }, (_, i) => `area i=${(i * i) % 17}i,f=${(i * i) % 17} ${i * 7}`)
    await post(store.target, lines.join('\n'), 's')
    const areas = async (field: string) =>
      (
        await ask(
          store.target,
          `SELECT integral(${field}) FROM area WHERE time >= 0 AND time < 210s GROUP BY time(20s)`,
        )
      ).text
    expect(await areas('i')).toContain('"values"')
    expect(await areas('i')).toBe(await areas('f'))
  })
})

describe('queries', () => {
  let store: TestStore

  beforeAll(async () => {
    store = await startTestStore({ storageQueryRows: 1000 })
    await post(store.target, 'm,site=a v=1,n=9007199254740993i 1700000000000\nm,site=b v=2 1700000060000', 'ms')
  })

  afterAll(() => store.stop())

  it.each([
    ['SELECT v FROM', 400, 'found EOF, expected identifier at line 1, char 14'],
    ['SELECT v\nFROM m WHERE v >', 400, 'at line 2, char 17'],
    [`SELECT v FROM ${'(SELECT v FROM '.repeat(20)}m`, 400, 'subqueries are nested too deeply'],
    [
      `SELECT difference(a) FROM ${'(SELECT difference(mean(v)) AS a FROM '.repeat(8)}m${') GROUP BY time(1m)'.repeat(8)}`,
      200,
      'too many nested subqueries',
    ],
    ['SELECT v INTO x FROM m', 400, 'SELECT ... INTO is not supported by the embedded store: '],
    [
      'DROP MEASUREMENT m',
      400,
      'DROP MEASUREMENT is not supported by the embedded store: set the retention with IOC_STORAGE_RETENTION at line 1, char 1',
    ],
    ['DELETE FROM m', 400, 'DELETE is not supported by the embedded store: '],
    ['SHOW SERIES CARDINALITY', 400, 'SHOW SERIES CARDINALITY is not supported by the embedded store: '],
    ['SELECT holt_winters(mean(v), 1, 1) FROM m', 200, 'holt_winters() is not supported at line 1, char 8'],
    ['SELECT f(v) FROM m', 200, 'undefined function: f() at line 1, char 8'],
    ['SELECT sum(x) FROM (SELECT v AS x FROM m) WHERE f(v) > 1', 200, 'invalid function call in condition: f()'],
    ['SELECT v FROM m WHERE site =~ /(/', 400, 'error parsing regexp: missing ): ( at line 1, char 31'],
    ['SELECT sum(v) FROM m WHERE time > 0 AND time < 1d GROUP BY time(1ms)', 200, ''],
    ['SELECT sum(v) FROM m WHERE time > 0 GROUP BY time(1ms)', 200, 'more than 1000 rows'],
    [`SELECT ${'('.repeat(5000)}v FROM m`, 400, 'nested too deeply'],
  ])('%.60s', async (query, status, message) => {
    const answer = await ask(store.target, query)
    expect(answer.status).toBe(status)
    if (message) expect(answer.text).toContain(message)
    else expect(answer.text).not.toContain('error')
  })

  it('find the last value, also of a field that the newest rows lack, and of a series that is silent', async () => {
    const lines = [
      ...['a', 'b', 'c'].map((d) => `newest,d=${d} v=1,w=1 1000000000000`),
      ...['a', 'b'].map((d) => `newest,d=${d} v=2 1800000000000`),
      'newest,d=a,e=x v=9 1700000000000',
    ]
    await post(store.target, lines.join('\n'), 'ms')
    const last = async (q: string) =>
      (await createReader(store).query(q)).map(({ tags, values }) => [...Object.values(tags), ...(values[0] ?? [])])
    expect(await last('SELECT last(v) FROM newest GROUP BY d')).toEqual([
      ['a', 1800000000000, 2],
      ['b', 1800000000000, 2],
      ['c', 1000000000000, 1],
    ])
    expect(await last("SELECT last(v) FROM newest WHERE d = 'a' GROUP BY d, e")).toEqual([
      ['a', '', 1800000000000, 2],
      ['a', 'x', 1700000000000, 9],
    ])
    expect(await last('SELECT last(w) FROM newest GROUP BY d')).toEqual(
      ['a', 'b', 'c'].map((d) => [d, 1000000000000, 1]),
    )
    expect(await last('SELECT last(v) FROM newest')).toEqual([[1800000000000, 2]])
    expect(await last('SELECT last(v) FROM newest WHERE time < 1750000000000ms GROUP BY d')).toEqual([
      ['a', 1700000000000, 9],
      ['b', 1000000000000, 1],
      ['c', 1000000000000, 1],
    ])
    expect(await last('SELECT last(v) FROM newest WHERE v < 2')).toEqual([[1000000000000, 1]])
  })

  it('run many subqueries side by side', async () => {
    const query = 'SELECT sum(x) FROM (SELECT max(v) AS x FROM (SELECT v FROM m GROUP BY site) GROUP BY site)'
    const answers = await Promise.all(Array.from({ length: 30 }, () => ask(store.target, query)))
    for (const { text } of answers) expect(text).toContain('[["1970-01-01T00:00:00Z",3]]')
  })

  it('keep integers whole and print prettily', async () => {
    const { text } = await ask(store.target, 'SELECT n FROM m', { pretty: 'true', epoch: 's' })
    expect(text).toContain('9007199254740993')
    expect(text).toContain('"statement_id": 0')
  })

  it('answer for one database only', async () => {
    expect((await ask({ ...store.target, bucket: 'other' }, 'SELECT v FROM m')).text).toContain(
      'database not found: other',
    )
    const made = await fetch(`${store.target.url}/query`, {
      method: 'POST',
      body: new URLSearchParams({ q: 'CREATE DATABASE ioc' }),
    })
    expect(await made.json()).toEqual({ results: [{ statement_id: 0 }] })
  })

  it('say that the store is well, and how much it did', async () => {
    const ping = await fetch(`${store.target.url}/ping`)
    expect([ping.status, ping.headers.get('X-Influxdb-Version')]).toEqual([204, '1.8.10'])
    expect(await (await fetch(`${store.target.url}/health`)).json()).toMatchObject({ status: 'pass' })
    expect(await (await fetch(`${store.target.url}/metrics`)).text()).toContain('ioc_storage_points_total 8')
    expect(store.store.gauges()).toMatchObject({ points_total: 8, series: 6 })
  })
})

describe('the token', () => {
  it('is asked for in each of the ways that clients have', async () => {
    const store = await startTestStore({ token: 'secret' })
    const url = `${store.target.url}/query?q=SHOW+DATABASES`
    const status = async (more: string, authorization?: string) =>
      (await fetch(url + more, authorization ? { headers: { Authorization: authorization } } : {})).status
    const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`
    expect(await status('')).toBe(401)
    expect(await status('', 'Token wrong')).toBe(401)
    expect(await status('', 'Token secret')).toBe(200)
    expect(await status('', 'Bearer secret')).toBe(200)
    expect(await status('', basic('any:secret'))).toBe(200)
    expect(await status('', basic('any:wrong'))).toBe(401)
    expect(await status('&u=any&p=secret')).toBe(200)
    expect(await status('&u=any&p=wrong')).toBe(401)
    expect((await fetch(`${store.target.url}/ping`)).status).toBe(204)
    expect((await post({ ...store.target, token: '' }, 'm v=1')).status).toBe(401)
    await store.stop()
  })
})

describe('the process ends with one clear line', () => {
  const folder = mkdtempSync(join(tmpdir(), 'ends-'))

  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  it('when it is bound beyond loopback without a token', async () => {
    const { code, errors } = await runStoreProcess({ IOC_DATA_DIR: folder, IOC_BIND: '0.0.0.0' })
    expect(code).toBe(1)
    expect(errors).toMatch(/^storage: .*IOC_INFLUX_TOKEN.*\[TOKEN_REQUIRED\]\n$/)
  })

  it('when its port is in use', async () => {
    const store = await startTestStore()
    const port = new URL(store.target.url).port
    const { code, errors } = await runStoreProcess({ IOC_DATA_DIR: folder, IOC_STORAGE_PORT: port })
    expect(code).toBe(1)
    expect(errors).toMatch(/^storage: port \d+ .*IOC_STORAGE_PORT.*\[PORT_IN_USE\]\n$/)
    await store.stop()
  })

  it('when its folder cannot be used', async () => {
    const file = join(folder, 'file')
    writeFileSync(file, '')
    chmodSync(file, 0o600)
    const { code, errors } = await runStoreProcess({ IOC_DATA_DIR: file })
    expect(code).toBe(1)
    expect(errors).toMatch(/^storage: cannot use the folder .*\[FOLDER_UNUSABLE\]\n$/)
  })

  it('when another store has its folder', async () => {
    const store = await startTestStore({ folder: join(folder, 'storage') })
    const { code, errors } = await runStoreProcess({ IOC_DATA_DIR: folder })
    expect(code).toBe(1)
    expect(errors).toMatch(/^storage: .*\[FOLDER_UNUSABLE\]\n$/)
    await store.stop()
  })
})
