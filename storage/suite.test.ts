import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { suiteLines, suiteQueries, suiteRefusals } from './suite.ts'
import { rounded } from './testing/compare.ts'
import { startTestStore, type TestStore } from './testing/embedded.ts'
import { ask, post } from './testing/http.ts'
import { hasRealInflux, type RealInflux, startRealInflux } from './testing/real-influx.ts'

describe.skipIf(!hasRealInflux())('the embedded store answers as InfluxDB does', () => {
  let embedded: TestStore
  let real: RealInflux

  beforeAll(async () => {
    embedded = await startTestStore()
    real = await startRealInflux('ioc')
    for (const { target } of [embedded, real]) {
      expect(await post(target, suiteLines.join('\n'))).toEqual({ status: 204, text: '' })
    }
  })

  afterAll(async () => {
    await embedded?.stop()
    await real?.stop()
  })

  // Times are formatted after everything else: every other query has them as numbers.
  it.each(suiteQueries.map((query, index) => ({ query, epoch: index % 2 === 0 ? '' : 'ms' })))(
    '$query',
    async ({ query, epoch }) => {
      const expected = await ask(real.target, query, { epoch })
      const given = await ask(embedded.target, query, { epoch })
      expect(given.status).toBe(expected.status)
      expect(rounded(given.text)).toEqual(rounded(expected.text))
    },
  )

  it.each(suiteRefusals)('refuses %s', async (query) => {
    const [expected, given] = [await ask(real.target, query), await ask(embedded.target, query)]
    for (const { text } of [expected, given]) {
      expect(text).toContain('"error":"')
      expect(text).not.toContain('"series"')
    }
    // Windows that cannot be are an error of the text here, by which all of the request is refused.
    const early = /multiple time|time\(\)|time dimension/.test(expected.text)
    expect(refusal(given)).toEqual(early ? refusal({ status: 400, text: 'error parsing query: ' }) : refusal(expected))
  })

  it.each([
    'SELECT n FROM air WHERE site =~ /(/',
    'SELECT n FROM nothing WHERE note =~ /a{2,1}/',
    'SELECT n FROM air LIMIT 1; SELECT n FROM /[/',
    'SELECT mean(/s**/) FROM air',
    'SELECT n FROM (SELECT n FROM air GROUP BY /a(?=b)/)',
    'SHOW MEASUREMENTS WITH MEASUREMENT =~ /\\Z/',
    'SHOW TAG VALUES WITH KEY !~ /[z-a]/',
    'SELECT n FROM air WHERE site =~ $r',
  ])('refuses all of %s for what is no regular expression', async (query) => {
    for (const { target } of [real, embedded]) {
      const { status, text } = await ask(target, query, { params: '{"r": {"regex": "("}}' })
      expect(status).toBe(400)
      expect(text).toContain('error parsing regexp: ')
      expect(text).toMatch(/at line 1, char \d+/)
    }
  })

  it.each([
    ['SELECT pm25 FROM air GROUP BY site', '7'],
    ['SELECT pm25 FROM air GROUP BY site; SELECT n FROM air LIMIT 3; SHOW FIELD KEYS', ''],
    ['SELECT n FROM nothing; SHOW TAG KEYS; SELECT n FROM air LIMIT 3', '3'],
    ['SELECT n FROM air LIMIT 3', 'no number'],
    ['SHOW SERIES; SHOW FIELD KEYS; SHOW MEASUREMENTS; SHOW TAG VALUES WITH KEY IN (site, host)', '2'],
  ])('answers %s in chunks of %s alike', async (query, size) => {
    const more = { epoch: 'ns', chunked: 'true', chunk_size: size }
    for (const pretty of ['', 'true']) {
      const expected = await ask(real.target, query, { ...more, pretty })
      const given = await ask(embedded.target, query, { ...more, pretty })
      expect(given).toEqual(expected)
    }
  })

  it.each(['SELECT n FROM air', 'SHOW SERIES'])('asks %s of no other retention policy', async (query) => {
    for (const { target } of [embedded, real]) {
      const { text } = await ask(target, query, { rp: 'other' })
      expect(text).toBe('{"results":[{"statement_id":0,"error":"retention policy not found: other"}]}\n')
      expect(await ask(target, query, { rp: 'autogen' })).toEqual(await ask(target, query))
    }
  })

  it.each([
    ['SELECT pm25 FROM air WHERE site = $s AND pm25 > $v LIMIT $n', { s: 's0', v: 10, n: 2 }],
    [
      'SELECT pm25 FROM air WHERE site = $"s" AND pm25 > $v OFFSET $1',
      { s: { string: 's0' }, v: { float: 9.5 }, 1: 3 },
    ],
    [
      'SELECT $f, n AS $alias FROM $m WHERE site =~ $r AND ok = $ok',
      {
        ...{
          f: { ident: 'pm25' },
          alias: { identifier: 'the n' },
          m: { ident: 'air' },
          r: { regex: 's[89]' },
          ok: true,
        },
      },
    ],
    [
      'SELECT mean(pm25) FROM $m WHERE time >= $from AND time < $to GROUP BY time($w) fill($x) tz($z)',
      {
        ...{
          m: { regex: '^air$' },
          from: '2023-11-14T22:13:20Z',
          to: 1_700_000_600_000_000_000,
          w: { duration: '2m' },
        },
        ...{ x: { ident: 'none' }, z: 'Asia/Ho_Chi_Minh' },
      },
    ],
    ['SELECT derivative(pm25, $u), pm25 FROM air', { u: { duration: 60_000_000_000 } }],
    ['SELECT derivative(pm25, $u) FROM air', { u: { duration: 60_000_000_000 } }],
    ['SHOW TAG VALUES FROM air WITH KEY = $k', { k: { ident: 'site' } }],
    ['SHOW MEASUREMENTS WITH MEASUREMENT =~ $r', { r: { regex: '^[ab]' } }],
    ['SELECT v FROM big WHERE v = $v', '{"v": 9007199254740993}'],
    ['SELECT v FROM big WHERE v > -$v', { v: -5 }],
    ['SELECT pm25 FROM air LIMIT $n', { n: -1 }],
    ['SELECT pm25 FROM air LIMIT $n', { n: '1' }],
    ['SELECT pm25 FROM air WHERE site = $s', { s: null }],
    ['SELECT pm25 FROM air WHERE site = $s', { s: { string: 's0', regex: 's0' } }],
    ['SELECT pm25 FROM air WHERE site = $s', { s: { nothing: 's0' } }],
    ['SELECT pm25 FROM air WHERE site = $s', {}],
    ['SELECT pm25 FROM air LIMIT 1', [1]],
    ['SELECT pm25 FROM air LIMIT 1', '{'],
  ])('binds the parameters of %s alike: %j', async (query, values) => {
    const params = typeof values === 'string' ? values : JSON.stringify(values)
    const expected = await ask(real.target, query, { params })
    const given = await ask(embedded.target, query, { params })
    expect(given.status).toBe(expected.status)
    if (expected.text.includes('"error"')) expect(given.text).toContain('"error"')
    else expect(rounded(given.text)).toEqual(rounded(expected.text))
  })

  it('takes what a form carries before what the URL says, and in parts after it', async () => {
    const q = 'SELECT n FROM air LIMIT 2'
    const file = new FormData()
    file.set('q', new Blob([`${q};\nSHOW TAG KEYS`]), 'queries.txt')
    file.set('epoch', 'h')
    const asked: [string, FormData | URLSearchParams][] = [
      ['db=other&q=SHOW SERIES', new URLSearchParams({ q, db: 'ioc', epoch: 's' })],
      ['db=ioc&db=other', new URLSearchParams(`q=${q}&q=SHOW DATABASES`)],
      ['db=ioc&epoch=s', file],
      ['db=ioc&q=SHOW SERIES', file],
    ]
    for (const [parameters, body] of asked) {
      const answers = [real, embedded].map(async ({ target }) => {
        const response = await fetch(`${target.url}/query?${parameters}`, { method: 'POST', body })
        return [response.status, await response.text()]
      })
      const [expected, given] = await Promise.all(answers)
      expect(given).toEqual(expected)
      expect(given?.[1]).toContain('"values"')
    }
  })

  it.each(['', ' ', ';', ' ; ', '-- nothing', 'SHOW DATABASES;;'])('answers %j alike', async (query) => {
    const [expected, given] = [await ask(real.target, query), await ask(embedded.target, query)]
    expect([given.status, given.text.trim()]).toEqual([expected.status, expected.text.trim()])
  })

  it.each(['rfc3339', 'n', 'u', 'm', 'h', 'days', 'MS', ' ms '])('answers in the unit %j alike', async (epoch) => {
    const query = 'SELECT v FROM tick'
    expect(await ask(embedded.target, query, { epoch })).toEqual(await ask(real.target, query, { epoch }))
  })

  it.each(['text/csv', 'application/json, text/csv', '*/*'])('answers who accepts %s alike', async (Accept) => {
    const query = 'SELECT v FROM solo; SELECT v FROM old'
    expect(await ask(embedded.target, query, {}, { Accept })).toEqual(await ask(real.target, query, {}, { Accept }))
  })

  it.each([
    'SELECT max(pm25), last(note) FROM air GROUP BY site; SHOW TAG KEYS',
    'SELECT * FROM "case file" GROUP BY *; SELECT v FROM solo; SELECT v FROM old',
    'SELECT v, w, x, y, z FROM big; SELECT -y, x * 1000 FROM big; SELECT v FROM nothing; SELECT word FROM tick',
  ])('answers %s in CSV alike', async (query) => {
    const headers = { Accept: 'application/csv' }
    const expected = await ask(real.target, query, {}, headers)
    expect((await ask(embedded.target, query, {}, headers)).text).toEqual(expected.text)
  })
})

/** Whether all of a request is refused, and whether because its text cannot be parsed. */
function refusal({ status, text }: { readonly status: number; readonly text: string }) {
  return { status, parsed: !text.includes('error parsing query: ') }
}
