import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { zstdDecompressSync } from 'node:zlib'
import { nodeTopic } from '@ioc/contract/topics.ts'
import mqtt from 'mqtt'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Centre, startCentre, until } from '../harness/centre.ts'

/** A data folder as version 0.1.0 left it: three nodes with 200 numbered messages each, one bare, one rejected. */
const golden = new URL('../golden/data-0.1.0.tar.zst', import.meta.url)

const nodes = [
  { site: 'truong-1', node: 'kk-01' },
  { site: 'truong-1', node: 'cam-01' },
  { site: 'mot-cua', node: 'bridge' },
]

describe('a data folder of an older version', () => {
  let centre: Centre

  beforeAll(async () => {
    const folder = mkdtempSync(join(tmpdir(), 'ioc-older-'))
    execFileSync('tar', ['-x', '-C', folder], { input: zstdDecompressSync(readFileSync(golden)) })
    centre = await startCentre({
      IOC_DATA_DIR: join(folder, 'olddata'),
      IOC_PROCESSES: 'storage,broker,stream-processor,wall',
      IOC_LOG_MAX_GB: '0.05',
    })
  })
  afterAll(async () => {
    await centre.stop()
    rmSync(centre.dataDir, { recursive: true, force: true })
  })

  test('ledgers go on where they were', async () => {
    const ledgers = await until(
      'ledgers are published',
      () => centre.ledger(),
      (rows) => rows.length > nodes.length,
    )
    for (const address of nodes) {
      const expected = { ...address, sent: 202, stored: 201, rejected: 1, queued: 0, lost: 0, duplicates: 0 }
      expect(ledgers.find(({ site, node }) => site === address.site && node === address.node)).toMatchObject(expected)
    }
  })

  test('points and devices are all there', async () => {
    expect(await centre.query('SELECT count(pm25) AS n, sum(pm25) AS sum FROM air_quality')).toMatchObject([
      { n: 200, sum: Array.from({ length: 200 }, (_, index) => (index + 1) % 60).reduce((sum, value) => sum + value) },
    ])
    expect(await centre.query('SELECT count(value) FROM indicator')).toMatchObject([{ count: expect.any(Number) }])
    const devices = await centre.devices()
    const named = devices.find(({ site, type }) => site === 'truong-1' && type === 'air_quality')
    expect(named).toMatchObject({ device: 'a', name: 'Thiết bị A', area: '24931' })
  })

  test('a message that had been stored is a duplicate, and the next one is stored', async () => {
    const { site, node } = { site: 'phong-may', node: 'moi' }
    const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${centre.mqttPort}`, await centre.addNode(site, node))
    const record = { device: 'a', type: 'system', ts: Date.now(), values: { cpu_percent: 12.5 } }
    const message = JSON.stringify({ epoch: 'e1', seq: 1, sent: Date.now(), records: [record] })
    await client.publishAsync(nodeTopic({ site, node }, 'telemetry'), message, { qos: 1 })
    await client.publishAsync(nodeTopic({ site, node }, 'telemetry'), message, { qos: 1 })
    await client.endAsync()
    const ledger = await centre.ledgerOf(site, ({ duplicates }) => duplicates === 1)
    expect(ledger).toMatchObject({ sent: 1, stored: 1 })
    await until(
      'the point is stored',
      () => centre.query(`SELECT cpu_percent FROM system WHERE site = '${site}'`),
      ([row]) => row?.['cpu_percent'] === 12.5,
    )
  })
})
