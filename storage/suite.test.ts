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

  it.each(suiteQueries)('%s', async (query) => {
    for (const epoch of ['', 'ms']) {
      const expected = await ask(real.target, query, { epoch })
      const given = await ask(embedded.target, query, { epoch })
      expect(given.status).toBe(expected.status)
      expect(rounded(given.text)).toEqual(rounded(expected.text))
    }
  })

  it.each(suiteRefusals)('refuses %s', async (query) => {
    for (const { target } of [real, embedded]) {
      const { status, text } = await ask(target, query)
      expect(text).toContain('"error"')
      expect(status === 400 || status === 200).toBe(true)
    }
    const [expected, given] = [await ask(real.target, query), await ask(embedded.target, query)]
    expect(given.text.includes('error parsing query') || given.status === 200).toBe(true)
    expect([expected.status, given.status]).toContain(given.status)
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

  it('answers in CSV alike', async () => {
    const query = 'SELECT max(pm25), last(note) FROM air GROUP BY site; SHOW TAG KEYS'
    const headers = { Accept: 'application/csv' }
    const expected = await ask(real.target, query, {}, headers)
    expect((await ask(embedded.target, query, {}, headers)).text).toEqual(expected.text)
  })
})
