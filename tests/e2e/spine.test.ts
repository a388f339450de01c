import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { nodeTopic } from '@ioc/contract/topics.ts'
import { hasProgram } from '@ioc/runtime/testing/has-program.ts'
import { canBrowse, launchChromium } from '@ioc/wall/testing/browser.ts'
import mqtt from 'mqtt'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Centre, pidOf, runIoc, startCentre, tryIoc, until } from '../harness/centre.ts'

const run = promisify(execFile)
const mosquittoPath = '/usr/bin/mosquitto_pub'

describe('the whole way', () => {
  let centre: Centre

  beforeAll(async () => {
    centre = await startCentre({ IOC_AGENT_CADENCE_MS: '500' }, ['start'])
  })
  afterAll(async () => {
    await centre.stop()
    rmSync(centre.dataDir, { recursive: true, force: true })
  })

  test.runIf(canBrowse)("a browser shows this machine's own figures, and they move", async () => {
    const browser = await launchChromium()
    try {
      const page = await browser.newPage()
      const faults: string[] = []
      page.on('pageerror', (error) => faults.push(error.message))
      await page.goto(`${centre.httpUrl}/sites/ioc-don-duong`)
      const figure = page.locator('[data-testid="indicator-system_cpu_1m-ioc-don-duong/centre-01"] .figure')
      await figure.waitFor()
      expect(Number((await figure.textContent())?.replace(',', '.'))).toBeGreaterThanOrEqual(0)
      // The processor may be busy all the time, so that its figure stays; what was sent grows in any case.
      const ledger = page.locator('[data-testid="ledger-ioc-don-duong/centre-01"]')
      const first = await ledger.textContent()
      await expect.poll(() => ledger.textContent(), { timeout: 30_000 }).not.toBe(first)
      expect(await ledger.count()).toBe(1)
      expect(faults).toEqual([])
    } finally {
      await browser.close()
    }
  })

  test('what the agent measured is in the store, and its ledger adds up', async () => {
    const [row] = await until(
      'points',
      () => centre.query('SELECT count(cpu_percent) AS points FROM system'),
      ([found]) => Number(found?.['points']) > 3,
    )
    expect(Number(row?.['points'])).toBeGreaterThan(3)
    const ledger = await centre.ledgerOf('centre-01', () => true)
    expect(ledger).toMatchObject({ lost: 0, rejected: 0 })
    expect(ledger.sent).toBe(ledger.stored + ledger.queued)
  })

  test.runIf(hasProgram(mosquittoPath, 'mosquitto-clients'))(
    'a plain mosquitto_pub adds a device, without a restart',
    async () => {
      const { username, password } = centre.credential('agent')
      const topic = nodeTopic({ site: 'ioc-don-duong', node: 'centre-01' }, 'telemetry')
      const publish = (message: string) =>
        run(mosquittoPath, [
          '-p',
          String(centre.mqttPort),
          '-u',
          username,
          '-P',
          password,
          '-q',
          '1',
          '-t',
          topic,
          '-m',
          message,
        ])
      const ts = Date.now()
      await publish(
        `{"epoch":"hand","seq":1,"sent":${ts},"records":[{"device":"aq-01","type":"air_quality","ts":${ts},"values":{"pm25":18.2}}]}`,
      )
      await publish('{"soil_moisture":31}')
      await until(
        'the device',
        () => centre.devices(),
        (devices) => devices.some(({ device, type }) => device === 'aq-01' && type === 'air_quality'),
      )
      const rows = await until(
        'its value',
        () => centre.query(`SELECT pm25 FROM air_quality WHERE device = 'aq-01'`),
        (found) => found.length === 1,
      )
      expect(rows).toEqual([{ time: ts, pm25: 18.2 }])
      await until(
        'the new device',
        () => centre.query('SELECT soil_moisture FROM undeclared'),
        ([row]) => row?.['soil_moisture'] === 31,
      )
    },
  )

  test('bad input is counted, listed with its reason, and harms nothing that is stored', async () => {
    const credential = await centre.addNode('bad', 'node')
    const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${centre.mqttPort}`, credential)
    const topic = nodeTopic({ site: 'bad', node: 'node' }, 'telemetry')
    const now = Date.now()
    let seq = 0
    const send = (record: Record<string, unknown>) => {
      seq++
      const records = [{ device: 'a', type: 'air_quality', ts: now + seq, values: { pm25: 1 }, ...record }]
      return client.publishAsync(topic, JSON.stringify({ epoch: 'e', seq, sent: now, records }), { qos: 1 })
    }
    await send({})
    await client.publishAsync(topic, 'not json', { qos: 1 })
    await send({ ts: -1 })
    await send({ ts: Math.round(now / 1000) })
    await send({ ts: now * 1000 })
    await send({ values: { pm25: 'high', pm10: 2 } })
    await send({ device: 'a b,c=d "e"\n' })
    await send({ ts: now + 365 * 86_400_000, values: { pm25: 7 } })
    await send({})
    await client.endAsync()

    const ledger = await centre.ledgerOf('bad', ({ sent }) => sent === seq + 1)
    expect(ledger).toMatchObject({ stored: seq - 1, rejected: 2, duplicates: 0, queued: 0, lost: 0, clamped: 1 })
    const rows = await until(
      'the points',
      () => centre.query(`SELECT pm25, pm10, claimed_ms FROM air_quality WHERE site = 'bad'`),
      (found) => found.length === 4,
    )
    expect(rows.map(({ pm25 }) => pm25).filter((value) => value !== null)).toEqual(expect.arrayContaining([1, 1, 7]))
    expect(rows.some((row) => Number(row['claimed_ms']) > now + 364 * 86_400_000)).toBe(true)
    const letters = (await runIoc(['dead-letters', '50', '--json'], centre.environment))
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { site: string; reason: string })
    const reasons = letters
      .filter(({ site }) => site === 'bad')
      .map(({ reason }) => reason)
      .join('\n')
    for (const part of ['not JSON', 'negative', 'not in seconds', 'not in microseconds', 'pm25', 'device'])
      expect(reasons).toContain(part)
  })

  test('a process that is killed comes back, and nothing is missing', async () => {
    const processes = async () => (await centre.health()).processes
    const victim = await pidOf(centre, 'stream-processor')
    process.kill(victim, 'SIGKILL')
    await until('it is back', processes, (all) =>
      all.some((one) => one.process === 'stream-processor' && one.up && one.pid !== victim),
    )
    const before = (await centre.ledger()).find(({ node }) => node === 'centre-01')?.stored ?? 0
    const after = await until(
      'it goes on',
      () => centre.ledger(),
      (all) => (all.find(({ node }) => node === 'centre-01')?.stored ?? 0) > before + 2,
    )
    expect(after.find(({ node }) => node === 'centre-01')).toMatchObject({ lost: 0, rejected: 0 })
  })

  test('who ends `npm start` by its pid ends every process, with exit code 0', async () => {
    const pids = (await centre.health()).processes.map(({ pid }) => pid)
    expect(await centre.stop()).toBe(0)
    for (const pid of pids) expect(() => process.kill(pid, 0)).toThrow()
  })
})

describe('what is wrong with its surroundings', () => {
  const start = (settings: Record<string, string>) => tryIoc(['start'], settings)

  test('a port in use is one clear line that names the setting, and exit code 1', async () => {
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as { port: number }
    const dataDir = mkdtempSync(join(tmpdir(), 'ioc-port-'))
    const { code, printed } = await start({
      IOC_DATA_DIR: dataDir,
      IOC_MQTT_PORT: String(port),
      IOC_PROCESSES: 'broker',
    })
    server.close()
    expect(code).toBe(1)
    expect(printed).toMatch(new RegExp(`port ${port} on 127.0.0.1 is in use.*IOC_MQTT_PORT`))
    expect(printed).not.toContain('    at ')
  })

  test('a data folder that cannot be used, and a setting that makes no sense, are one clear line each', async () => {
    const file = join(mkdtempSync(join(tmpdir(), 'ioc-file-')), 'file')
    writeFileSync(file, '')
    expect(await start({ IOC_DATA_DIR: join(file, 'data') })).toMatchObject({
      code: 1,
      printed: expect.stringMatching(/^ioc start: cannot use the folder .*IOC_DATA_DIR/),
    })
    expect(await start({ IOC_PROCESSES: 'broker,brokr' })).toMatchObject({
      code: 1,
      printed: expect.stringMatching(/^ioc start: IOC_PROCESSES: brokr is not one of/),
    })
    expect(await start({ IOC_MQTT_PORT: 'high' })).toMatchObject({
      code: 1,
      printed: expect.stringMatching(/^ioc start: IOC_MQTT_PORT: expected an integer/),
    })
  })
})
