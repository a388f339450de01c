import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { publishRules } from '@ioc/alerting/testing/rules.ts'
import { startTestBroker } from '@ioc/broker/testing/start.ts'
import type { LiveIncident } from '@ioc/contract/messages/incidents.ts'
import { livePrefix, processTopic } from '@ioc/contract/topics.ts'
import { expect, onTestFinished, test, vi } from 'vitest'
import { generator } from '../harness/random.ts'

/** How often the watch is killed. `npm run test:kills` asks for 200. */
const kills = Number(process.env['IOC_TEST_KILLS'] ?? 6)
/** The watch is killed at a random time after something happened, at most so late, in ms. */
const maxLifeMs = 2_500
const seed = Number(process.env['IOC_TEST_SEED'] ?? 16)
/** Tries of a message that may be repeated by one kill: one of each channel is in flight. */
const maxRepeatsPerKill = 1

test(`after kill -9 at ${kills} random times no incident is lost, and each kill repeats one message at most`, async () => {
  const times = new Map<string, number>()
  const opened = new Map<number, number>()
  const server = createServer(async (request, response) => {
    let body = ''
    for await (const part of request) body += part
    const key = String(request.headers['idempotency-key'])
    times.set(key, (times.get(key) ?? 0) + 1)
    const { kind, incident } = JSON.parse(body) as { kind: string; incident: number }
    if (kind === 'opened') opened.set(incident, (opened.get(incident) ?? 0) + 1)
    response.end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
  const broker = await startTestBroker()
  const { dataDir } = broker
  mkdirSync(join(dataDir, 'alerting'))
  writeFileSync(join(dataDir, 'alerting', 'channels.yaml'), 'webhook: { secret: "0123456789abcdef" }\n', {
    mode: 0o600,
  })
  writeFileSync(
    join(dataDir, 'people.yaml'),
    `people: [{ id: lan, name: Lan, contacts: [{ channel: webhook, address: "${url}" }] }]
policies: [{ id: tat-ca, steps: [{ after_min: 0, people: [lan] }] }]
`,
  )
  const client = await broker.connect(broker.credential('centre'))
  const incidents = new Map<number, LiveIncident>()
  client.on('message', (_, payload) => {
    const incident = payload.length === 0 ? undefined : (JSON.parse(payload.toString()) as LiveIncident)
    if (incident) incidents.set(incident.id, incident)
  })
  await client.subscribeAsync(`${livePrefix}incident/+`, { qos: 1 })
  await publishRules(client, [{ id: 'stopped', aspect: 'stopped', severity: 'high', hold_s: 0 }])
  const settings = { IOC_DATA_DIR: dataDir, IOC_DISTRICT: dataDir, IOC_MQTT_PORT: String(broker.port) }
  let child: ChildProcess | undefined
  const start = () => {
    const env = { ...process.env, ...settings, IOC_LOG_LEVEL: 'error' }
    child = spawn(process.execPath, [join(import.meta.dirname, '../../alerting/main.ts')], {
      env,
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    })
  }
  const kill = () =>
    new Promise<void>((resolve) => {
      child?.once('exit', () => resolve())
      child?.kill('SIGKILL')
    })
  onTestFinished(async () => {
    await kill()
    await broker.stop()
    server.closeAllConnections()
    server.close()
  })

  const random = generator(seed)
  const causes = Array.from({ length: kills }, (_, index) => `process/p${index}`)
  const stop = (name: string) => {
    const report = { process: name, ts: Date.now(), up: false, pid: 1, restarts: 0, uptime_s: 0, gauges: {} }
    return client.publishAsync(processTopic(name), JSON.stringify(report), { qos: 1, retain: true })
  }
  for (const [index, cause] of causes.entries()) {
    start()
    // Every third one may be killed while it starts, the others once they watch.
    if (index % 3 > 0) await new Promise((resolve) => child?.once('message', resolve))
    await stop(cause.slice('process/'.length))
    await sleep(random() * maxLifeMs)
    await kill()
  }
  start()
  const patience = { timeout: 240_000, interval: 100 }
  await vi.waitFor(
    () => expect([...incidents.values()].map(({ cause }) => cause).sort()).toEqual(causes.sort()),
    patience,
  )
  await vi.waitFor(() => {
    for (const { id, messages } of incidents.values()) if (messages > 0) expect(opened.get(id) ?? 0).toBeGreaterThan(0)
  }, patience)
  const repeated = [...times.values()].reduce((sum, count) => sum + count - 1, 0)
  expect(repeated).toBeLessThanOrEqual(kills * maxRepeatsPerKill)
  expect(Math.max(...times.values())).toBeLessThanOrEqual(2)
})
