import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ApiHistory, ApiSite } from '@ioc/contract/messages/api.ts'
import type { Birth } from '@ioc/contract/messages/status.ts'
import { nodeTopic } from '@ioc/contract/topics.ts'
import mqtt, { type MqttClient } from 'mqtt'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Centre, pidOf, startCentre, tryIoc, until } from '../harness/centre.ts'

/** A district folder with the areas of this one, and these sites. */
function districtOf(sites: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'ioc-district-'))
  copyFileSync(join(import.meta.dirname, '../../district/areas.yaml'), join(folder, 'areas.yaml'))
  writeFileSync(join(folder, 'sites.yaml'), sites)
  return folder
}

describe('areas, the whole way', () => {
  const district = districtOf('sites: [{ site: listed, area: "24943", name: Trạm thử, lat: 11.7, lon: 108.6 }]')
  const processes = 'broker,storage,stream-processor,wall'
  const start = Math.floor(Date.now() / 10_000) * 10_000 - 300_000
  let centre: Centre
  let born: MqttClient
  let listed: MqttClient

  const read = async (path: string) => (await fetch(`${centre.httpUrl}${path}`)).json()
  const history = async (area: string) => {
    const query = `scope=area&key=${area}&from=${start}&to=${start + 300_000}`
    return ((await read(`/api/indicators/system_cpu_1m?${query}`)) as ApiHistory).points
  }
  const node = async (site: string, area: string) => {
    const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${centre.mqttPort}`, await centre.addNode(site, 'node'))
    const agent = { version: '1', host: 'h' }
    const birth: Birth = { online: true, session: start, agent, area, devices: [{ id: site, type: 'system' }] }
    await client.publishAsync(nodeTopic({ site, node: 'node' }, 'status'), JSON.stringify(birth), { qos: 1 })
    return client
  }
  /** Measures every ten seconds for a minute, from `minute` minutes after the start on. */
  const measure = async (client: MqttClient, site: string, cpu_percent: number, minute: number) => {
    const topic = nodeTopic({ site, node: 'node' }, 'telemetry')
    for (let step = 0; step < 6; step++) {
      const record = { device: site, ts: start + minute * 60_000 + step * 10_000, values: { cpu_percent } }
      const message = { epoch: 'e', seq: minute * 6 + step + 1, sent: Date.now(), records: [record] }
      await client.publishAsync(topic, JSON.stringify(message), { qos: 1 })
    }
  }

  beforeAll(async () => {
    centre = await startCentre({
      IOC_DISTRICT: district,
      IOC_PROCESSES: processes,
      IOC_IDLE_MS: '100',
      IOC_CHECKPOINT_MS: '10',
    })
    // A township until June 2025, and part of the commune 24931 since.
    born = await node('born', '24937')
    listed = await node('listed', '24931')
  })
  afterAll(async () => {
    await born?.endAsync()
    await listed?.endAsync()
    await centre?.stop()
    for (const folder of [centre?.dataDir, district]) if (folder) rmSync(folder, { recursive: true, force: true })
  })

  test('a measurement carries the area that the district lists, else the one that the birth says', async () => {
    await measure(born, 'born', 40, 0)
    await measure(listed, 'listed', 80, 0)
    const rows = await until(
      'the points',
      () => centre.query('SELECT count(cpu_percent) AS points FROM system GROUP BY site, area'),
      (found) => found.reduce((sum, { points }) => sum + Number(points), 0) === 12,
    )
    expect(rows.map(({ site, area, points }) => [site, area, points]).sort()).toEqual([
      ['born', '24931', 6],
      ['listed', '24943', 6],
    ])
  })

  test('it counts for its area, and for no other', async () => {
    for (const [area, value] of [
      ['24931', 40],
      ['24943', 80],
    ] as const) {
      const points = await until(
        `values of ${area}`,
        () => history(area),
        (found) => found.some(({ samples }) => samples === 6),
      )
      expect(new Set(points.map((point) => point.value))).toEqual(new Set([value]))
    }
  })

  test('the API says the areas of devices and sites', async () => {
    const sites = await until(
      'the sites',
      async () => ((await read('/api/sites')) as { sites: ApiSite[] }).sites,
      (found) => found.some(({ site, area }) => site === 'born' && area !== null),
    )
    expect(sites).toMatchObject([
      { site: 'born', area: '24931', area_name: 'Đơn Dương', name: null, lat: null },
      { site: 'listed', area: '24943', area_name: 'Ka Đô', name: 'Trạm thử', lat: 11.7 },
    ])
    expect((await centre.devices()).map(({ site, area }) => [site, area])).toEqual([
      ['born', '24931'],
      ['listed', '24943'],
    ])
  })

  test('a restart keeps it, without another birth', async () => {
    const pid = async () => (await centre.health()).processes.find((one) => one.process === 'stream-processor')?.pid
    const before = await pidOf(centre, 'stream-processor')
    process.kill(before, 'SIGKILL')
    await until('it is back', pid, (now) => now !== undefined && now !== before)
    await measure(born, 'born', 60, 2)
    const rows = await until(
      'the points',
      () => centre.query(`SELECT count(cpu_percent) AS points FROM system WHERE site = 'born' GROUP BY area`),
      (found) => found.reduce((sum, { points }) => sum + Number(points), 0) === 12,
    )
    expect(rows).toMatchObject([{ area: '24931', points: 12 }])
    const points = await until(
      'values of the area',
      () => history('24931'),
      (found) => found.some(({ ts, samples }) => ts > start + 120_000 && samples === 6),
    )
    expect(points.find(({ ts, samples }) => ts > start + 120_000 && samples === 6)?.value).toBe(60)
    expect((await centre.devices()).find(({ site }) => site === 'born')?.area).toBe('24931')
  })
})

test('a fault in the district folder is one clear line, and exit code 1', async () => {
  const district = districtOf('sites:\n  - site: a\n    area: "99999"\n')
  const dataDir = mkdtempSync(join(tmpdir(), 'ioc-fault-'))
  const { code, printed } = await tryIoc(['start'], {
    IOC_DATA_DIR: dataDir,
    IOC_DISTRICT: district,
    IOC_PROCESSES: 'stream-processor',
  })
  for (const folder of [dataDir, district]) rmSync(folder, { recursive: true, force: true })
  expect(code).toBe(1)
  expect(printed).toContain(
    `${join(district, 'sites.yaml')}, line 3: sites[0].area: neither area 99999 nor a successor of it is in force`,
  )
  expect(printed).toContain('DISTRICT_INVALID')
  expect(printed).not.toContain('    at ')
})
