import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { ApiDistrict, ApiIndicators } from '@ioc/contract/messages/api.ts'
import type { ApiCompare, ApiTrend, ApiUnusual } from '@ioc/contract/messages/api-analysis.ts'
import type { Birth } from '@ioc/contract/messages/status.ts'
import { nodeTopic } from '@ioc/contract/topics.ts'
import { tinyDistrict, writeTinyDistrict } from '@ioc/runtime/district/testing/tiny.ts'
import mqtt, { type MqttClient } from 'mqtt'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Centre, runIoc, startCentre, tryIoc, until } from '../harness/centre.ts'

/** A district of two islands: what holds here cannot be tied to the district that is shipped. */
describe('a district that is edited while telemetry flows', () => {
  const district = writeTinyDistrict()
  let centre: Centre
  let client: MqttClient
  let pid: number | undefined
  let sent = 0
  let isFlowing = true
  let flowing: Promise<void>
  const first = Math.floor(Date.now() / 60_000) * 60_000 - 3_600_000

  const get = async (path: string) => (await fetch(`${centre.httpUrl}${path}`)).json()
  const described = () => get('/api/district') as Promise<ApiDistrict>
  const indicator = async (id: string) =>
    ((await get('/api/indicators')) as ApiIndicators).indicators.find((one) => one.id === id)
  const latest = async (scope: string, key: string) => (await indicator('system_cpu_1m'))?.latest[scope]?.[key]
  const write = (name: keyof typeof tinyDistrict, text: string) => writeFileSync(join(district, name), text)
  const processorPid = async () =>
    (await centre.health()).processes.find(({ process }) => process === 'stream-processor')?.pid

  /** One measurement after the other, a second apart by their own clock, until the test is over. */
  async function flow(): Promise<void> {
    while (isFlowing) {
      const record = { device: 'may', ts: first + sent * 1_000, values: { cpu_percent: 25 } }
      const message = { epoch: 'e', seq: sent + 1, sent: Date.now(), records: [record] }
      const topic = nodeTopic({ site: 'cang', node: 'n' }, 'telemetry')
      await client.publishAsync(topic, JSON.stringify(message), { qos: 1 })
      sent++
      await sleep(5)
    }
  }

  beforeAll(async () => {
    centre = await startCentre({
      IOC_DISTRICT: district,
      IOC_DISTRICT_POLL_MS: '50',
      IOC_PROCESSES: 'broker,storage,stream-processor,wall',
      IOC_IDLE_MS: '100',
      IOC_CHECKPOINT_MS: '50',
    })
    client = await mqtt.connectAsync(`mqtt://127.0.0.1:${centre.mqttPort}`, await centre.addNode('cang', 'n'))
    const birth: Birth = {
      online: true,
      session: first,
      agent: { version: '1', host: 'h' },
      devices: [{ id: 'may', type: 'system' }],
    }
    await client.publishAsync(nodeTopic({ site: 'cang', node: 'n' }, 'status'), JSON.stringify(birth), { qos: 1 })
    flowing = flow()
    pid = await until('the processor', processorPid, (found) => found !== undefined)
  })
  afterAll(async () => {
    isFlowing = false
    await flowing
    await client?.endAsync()
    await centre?.stop()
    for (const folder of [centre?.dataDir, district]) if (folder) rmSync(folder, { recursive: true, force: true })
  })

  test('has its own areas, units, targets and thresholds, and none of another district', async () => {
    const { areas, units, problem } = await until('the district', described, ({ areas }) => areas.length > 0)
    expect(areas.map(({ code }) => code)).toEqual(['N1', 'S1'])
    expect(units).toMatchObject([{ id: 'ubnd', area: 'N1' }])
    expect(problem).toBeNull()
    expect(
      await until(
        'the level',
        () => latest('site', 'cang'),
        (found) => found?.level === 1,
      ),
    ).toMatchObject({
      value: 25,
      levels: { direction: 'above', attention: 20, warning: 30 },
    })
    expect(await latest('area', 'N1')).toMatchObject({ level: 0, target: 60 })
    expect(await indicator('system_cpu_1m')).toMatchObject({
      targets: [{ scope: 'area', key: 'N1', value: 60, direction: 'at_most', source: 'kế hoạch' }],
      thresholds: [{ scope: 'site', key: 'cang' }],
    })
  })

  test('takes a threshold, a target, a unit and a parameter up without a restart', async () => {
    write('thresholds.yaml', tinyDistrict['thresholds.yaml'].replace('warning: 30', 'warning: 24'))
    await until(
      'the other level',
      () => latest('site', 'cang'),
      (found) => found?.level === 2,
    )
    write('targets.yaml', tinyDistrict['targets.yaml'].replace('value: 60', 'value: 50'))
    await until(
      'the other target',
      () => latest('area', 'N1'),
      (found) => found?.target === 50,
    )
    write('units.yaml', 'units: []')
    await until('no units', described, ({ units }) => units.length === 0)
    write('parameters.yaml', 'forest_fire_reset_mm: { value: 7, source: số mới, unconfirmed: true }')
    await until(
      'the parameter',
      () => indicator('weather_fire_p'),
      (found) => found?.unconfirmed?.vi.includes('số mới') === true,
    )
    write('calendars.yaml', tinyDistrict['calendars.yaml'].replace('2026-09-02, name', '2026-09-03, name'))
    write('sites.yaml', tinyDistrict['sites.yaml'].replace('area: N1', 'area: S1'))
    await until(
      'the other area',
      () => latest('area', 'S1'),
      (found) => found !== undefined,
    )
  })

  test('refuses a bad edit, says so everywhere, and takes the repaired file up', async () => {
    const good = tinyDistrict['sites.yaml']
    write('sites.yaml', good.replace('area: S1', 'area: "99"'))
    const { problem, areas } = await until('the problem', described, (found) => found.problem !== null)
    expect(problem).toMatchObject({ file: 'sites.yaml', line: 3, since: expect.any(Number) })
    expect(areas).toHaveLength(2)
    const health = (await get('/api/health')) as { status: string; reasons: string[] }
    expect(health.status).toBe('degraded')
    expect(health.reasons.join()).toContain('sites.yaml, line 3: sites[1].area: neither area 99 nor a successor of it')
    expect(await (await fetch(`${centre.httpUrl}/metrics`)).text()).toContain('ioc_district_refused 1')
    const doctor = await tryIoc(['doctor'], centre.environment)
    expect(doctor.code).toBe(1)
    expect(doctor.printed).toContain('line 3: sites[1].area: neither area 99')
    expect(centre.output.filter((line) => line.includes('the district files are refused'))).toHaveLength(1)
    write('sites.yaml', good)
    await until('the repair', described, (found) => found.problem === null)
    expect(await (await fetch(`${centre.httpUrl}/metrics`)).text()).toContain('ioc_district_refused 0')
  })

  test('follows a folder that is replaced, and a file that is deleted', async () => {
    const other = writeTinyDistrict({ 'units.yaml': tinyDistrict['units.yaml'].replace('id: ubnd', 'id: moi') })
    const old = mkdtempSync(join(tmpdir(), 'ioc-old-'))
    renameSync(district, join(old, 'district'))
    renameSync(other, district)
    rmSync(old, { recursive: true })
    await until('the other folder', described, ({ units }) => units[0]?.id === 'moi')
    rmSync(join(district, 'thresholds.yaml'))
    await until(
      'the declared level',
      () => latest('site', 'cang'),
      (found) => found?.level === 0,
    )
  })

  test('explains a value with the levels that are in force', async () => {
    write('thresholds.yaml', tinyDistrict['thresholds.yaml'])
    await until(
      'the level',
      () => latest('site', 'cang'),
      (found) => found?.level === 1,
    )
    const at = new Date(first + 60_000).toISOString()
    const explained = await until(
      'a checkpoint',
      () => tryIoc(['explain', 'system_cpu_1m', '--at', at, '--key', 'cang', '--scope', 'site'], centre.environment),
      ({ code }) => code === 0,
    )
    expect(explained.printed).toContain('1 attention')
    expect(explained.printed).toContain('as in the thresholds of the district')
    const listed = JSON.parse(await runIoc(['indicators', '--json'], centre.environment)) as {
      id: string
      unconfirmed?: { vi: string; en: string }
    }[]
    expect(listed.find(({ id }) => id === 'weather_fire_p')?.unconfirmed?.vi ?? '').not.toContain('số mới')
  })

  test('is compared and analysed from the embedded store', async () => {
    const compared = (await get('/api/analysis/compare?indicator=system_cpu_1m')) as ApiCompare
    expect(compared.areas).toMatchObject([{ key: 'N1', rank: 1, value: 25, target: 60 }, { key: 'S1' }])
    const trend = (await get('/api/analysis/trend?indicator=system_cpu_1m&scope=device&key=cang/may')) as ApiTrend
    expect(trend.history.every(({ value }) => value === 25)).toBe(true)
    expect(trend.reason).toContain('too little history')
    expect((await get('/api/analysis/unusual?indicator=system_cpu_1m&scope=device')) as ApiUnusual).toMatchObject({
      keys: 1,
      values: [],
    })
  })

  test('loses no point and doubles none, in the same process all the time', async () => {
    isFlowing = false
    await flowing
    const stored = async () =>
      Number((await centre.query('SELECT count(cpu_percent) AS points FROM system'))[0]?.['points'])
    expect(await until('all points', stored, (points) => points === sent)).toBe(sent)
    const [ledger] = await until(
      'the ledger',
      () => centre.ledger(),
      ([one]) => one?.stored === sent,
    )
    expect(ledger).toMatchObject({ sent, stored: sent, duplicates: 0, lost: 0, rejected: 0, queued: 0 })
    expect((await indicator('completeness_machines'))?.latest['district']?.['district']).toMatchObject({ samples: 1 })
    const minutes = Math.floor(sent / 60)
    const windows = await until(
      'the windows',
      () =>
        centre.query(
          `SELECT samples FROM indicator WHERE id = 'system_cpu_1m' AND scope = 'site' AND time >= ${first + 60_000}ms AND time <= ${first + minutes * 60_000}ms`,
        ),
      (rows) => rows.length === 6 * (minutes - 1) + 1,
    )
    expect(new Set(windows.map(({ samples }) => samples))).toEqual(new Set([60]))
    expect(await processorPid()).toBe(pid)
  })
})
