import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { nodeTopic } from '@ioc/contract/topics.ts'
import { openDeadLetters } from '@ioc/ingest-log/dead-letters.ts'
import mqtt from 'mqtt'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Centre, runIoc, startCentre, until } from '../harness/centre.ts'

interface Letter {
  readonly site: string
  readonly node: string
  readonly code: string
  readonly reason: string
}

describe('a centre that is sent what devices and bad neighbours send', () => {
  let centre: Centre

  beforeAll(async () => {
    centre = await startCentre()
  })
  afterAll(async () => {
    await centre.stop()
    rmSync(centre.dataDir, { recursive: true, force: true })
  })

  /** Publishes as a node of its own site; resolves when all is acknowledged. */
  async function send(site: string, payloads: readonly string[], channel: 'telemetry' | 'cases' = 'telemetry') {
    const credential = await centre.addNode(site, 'node')
    const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${centre.mqttPort}`, credential)
    for (const payload of payloads) {
      await client.publishAsync(nodeTopic({ site, node: 'node' }, channel), payload, { qos: 1 })
    }
    await client.endAsync()
  }

  async function lettersOf(site: string): Promise<Letter[]> {
    const printed = await runIoc(['dead-letters', '1000', '--json'], centre.environment)
    const letters = printed
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Letter)
    return letters.filter((letter) => letter.site === site)
  }

  const rowsOf = (site: string, fields: string, from = 'undeclared') =>
    centre.query(`SELECT ${fields} FROM ${from} WHERE site = '${site}'`)

  test('goes on after numbers that nothing can express, and no process is restarted', async () => {
    const now = Date.now()
    const envelope = (head: string, record: string) => `{"epoch":"e",${head},"records":[{"device":"d",${record}}]}`
    await send('numbers', [
      envelope('"seq":1,"sent":-1e19', `"ts":${now},"type":"air_quality","values":{"pm25":11}`),
      envelope(`"seq":2,"sent":${now}`, `"ts":${now + 1},"type":"air_quality","values":{"pm25":1e308}`),
      envelope(`"seq":3,"sent":${now}`, `"ts":${now + 2},"type":"air_quality","values":{"pm25":1e308,"pm10":12}`),
      envelope(`"seq":1e300,"sent":${now}`, '"ts":1,"values":{"x":1}'),
      envelope(`"seq":4,"sent":1e400`, `"ts":${now + 3},"values":{"x":5e-324,"y":-0}`),
      envelope(`"seq":5,"sent":${now},"lost":1e308`, `"ts":${now + 4},"type":"air_quality","values":{"pm25":13}`),
    ])
    const rows = await until(
      'the values',
      () => rowsOf('numbers', 'pm25, pm10', 'air_quality'),
      (found) => found.length === 3,
    )
    expect(rows.map(({ pm25, pm10 }) => pm25 ?? pm10)).toEqual([11, 12, 13])
    const letters = await until(
      'the letters',
      () => lettersOf('numbers'),
      (found) => found.length >= 6,
    )
    expect(letters.every(({ node, reason }) => node === 'node' && reason.includes('expected'))).toBe(true)
    const { processes } = await centre.health()
    expect(processes.map(({ restarts }) => restarts)).toEqual(processes.map(() => 0))
    const ledger = await centre.ledgerOf('numbers', ({ stored }) => stored === 5)
    expect(ledger).toMatchObject({ rejected: 1, sent: 6, problem: { reason: expect.stringContaining('expected') } })
  })

  test('stores what can be used of names, of words that are no JSON, and of a hundred records', async () => {
    const now = Date.now()
    const records = Array.from({ length: 100 }, (_, index) => ({
      device: 'd',
      ts: now - index,
      values: { many: 1 },
    }))
    const bad = { device: 'd', ts: 'yesterday', values: { many: 1 } }
    await send('names', [
      '{"pm25":18,"PM2.5":19,"nhiệt_độ":24,"temp-c":25,"1h":3,"list":[1,2],"in":{"out":4},"x":NaN}\0',
      JSON.stringify({ epoch: 'e', seq: 1, sent: Date.now(), records: [...records, bad] }),
      '{"area":120.5,"site":3,"device":7}',
    ])
    const [row] = await until(
      'the names',
      () => rowsOf('names', 'pm25, PM2_5, nhiet_do, temp_c, n_1h, list_1, in_out'),
      (found) => found.length === 1,
    )
    expect(row).toMatchObject({ pm25: 18, PM2_5: 19, nhiet_do: 24, temp_c: 25, n_1h: 3, list_1: 2, in_out: 4 })
    await until(
      'the records',
      () => rowsOf('names', 'count(many)'),
      ([found]) => found?.['count'] === 100,
    )
    const reserved = await rowsOf('names', 'area_value, site_value, device_value')
    expect(reserved).toMatchObject([{ area_value: 120.5, site_value: 3, device_value: 7 }])
    const reasons = (await lettersOf('names')).map(({ reason }) => reason)
    expect(reasons).toEqual([expect.stringContaining('d: ts: got "yesterday"'), expect.stringContaining('x: got NaN')])
  })

  test('what was set aside is replayed at its own time, once', async () => {
    await send('again', ['{"first":1}'])
    const letters = openDeadLetters(join(centre.dataDir, 'dead-letters'), Number.MAX_SAFE_INTEGER)
    const ts = Date.now() - 3_600_000
    const put = (channel: string, payload: string, id: string) =>
      letters.add(
        {
          arrival: ts,
          site: 'again',
          node: 'node',
          channel,
          code: 'RECORD_FAILED',
          reason: 'x',
          payload: Buffer.from(payload),
        },
        id,
      )
    await put(
      'telemetry',
      `{"epoch":"e","seq":1,"sent":${ts},"records":[{"device":"d","ts":${ts - 5},"values":{"a":1}}]}`,
      '1',
    )
    await put('telemetry', `{"device":"d","ts":${ts - 4},"type":"air_quality","values":{"pm25":2}}`, '2')
    await put('telemetry', '{"b":3}', '3')
    await put('telemetry', '{"cut', '4')
    await put('status', '{"online":true}', '5')
    await letters.stop()
    expect(JSON.parse(await runIoc(['dead-letters', 'replay', '--json'], centre.environment))).toMatchObject({
      replayed: 3,
      kept: 2,
    })
    expect(JSON.parse(await runIoc(['dead-letters', 'replay', '--json'], centre.environment))).toMatchObject({
      replayed: 0,
      kept: 2,
    })
    const rows = await until(
      'what was replayed',
      () => rowsOf('again', 'a, b'),
      (found) => found.length === 2,
    )
    expect(rows).toEqual([
      { time: ts - 5, a: 1, b: null },
      { time: ts, a: null, b: 3 },
    ])
    expect(await rowsOf('again', 'pm25', 'air_quality')).toEqual([{ time: ts - 4, pm25: 2 }])
    expect((await lettersOf('again')).map(({ code }) => code)).toEqual(['RECORD_FAILED', 'RECORD_FAILED'])
    const ledger = await centre.ledgerOf('again', ({ stored }) => stored === 4)
    expect(ledger).toMatchObject({ sent: 4, rejected: 0, corrected: 0 })
  })

  test('a line that the store refuses is in the ledger of its node, and in a letter that names it', async () => {
    const url = `${centre.storeUrl}/write?db=ioc&precision=ms`
    const body = `undeclared,site=other,device=d conflict="a text" ${Date.now()}`
    expect((await fetch(url, { method: 'POST', body })).status).toBe(204)
    await send('refused', ['{"conflict":1}'])
    const ledger = await centre.ledgerOf('refused', ({ refused }) => refused === 1)
    expect(ledger).toMatchObject({ sent: 1, problem: { code: 'STORE_REFUSED' } })
    const letters = await lettersOf('refused')
    expect(letters).toMatchObject([
      { node: 'node', code: 'STORE_REFUSED', reason: expect.stringContaining('conflict') },
    ])
  })
})
