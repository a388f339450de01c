import { execFile } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { startTestBroker } from '@ioc/broker/testing/start.ts'
import type { LiveRota } from '@ioc/contract/messages/notifications.ts'
import { readOptions } from '@ioc/contract/options.ts'
import { alertingTopic, answerTopic, deliveriesTopic, incidentTopic, processTopic } from '@ioc/contract/topics.ts'
import { displayTime } from '@ioc/runtime/display-time.ts'
import { createLogger } from '@ioc/runtime/logger.ts'
import { expect, onTestFinished, test, vi } from 'vitest'
import { alertingOptions } from './options.ts'
import { startAlerting } from './start.ts'
import { publishRules } from './testing/rules.ts'

const patience = { timeout: 60_000 }

test('an incident reaches whoever is on call, whose link acknowledges it once; ioc tries contacts and lists the rota', async () => {
  const bodies: { text: string; kind: string }[] = []
  const server = createServer(async (request, response) => {
    let body = ''
    for await (const part of request) body += part
    bodies.push(JSON.parse(body))
    response.end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
  const broker = await startTestBroker()
  const { dataDir } = broker
  mkdirSync(join(dataDir, 'alerting'), { recursive: true })
  writeFileSync(join(dataDir, 'alerting', 'channels.yaml'), 'webhook: { secret: "0123456789abcdef" }\n', {
    mode: 0o600,
  })
  writeFileSync(
    join(dataDir, 'people.yaml'),
    `people: [{ id: lan, name: Lan, contacts: [{ channel: webhook, address: "${url}" }, { channel: sms, address: "+84912345678" }] }]
rotas: [{ id: truc, name: Trực, people: [lan], rotation: daily, handover: "07:00", from: "2026-01-01" }]
policies: [{ id: tat-ca, steps: [{ after_min: 0, rotas: [truc] }] }]
`,
  )
  const settings = {
    ...{ IOC_DATA_DIR: dataDir, IOC_DISTRICT: dataDir, IOC_MQTT_PORT: String(broker.port) },
    IOC_WALL_URL: 'https://ioc.example.vn/',
  }
  const alerting = await startAlerting(
    readOptions(alertingOptions, settings),
    createLogger('a', { logLevel: 'silent' }),
  )
  const client = await broker.connect(broker.credential('centre'))
  onTestFinished(async () => {
    await alerting.stop()
    await broker.stop()
    server.close()
  })
  const seen = new Map<string, { state?: string; reason?: string; deliveries?: object[]; acknowledged?: object }>()
  client.on('message', (topic, payload) => seen.set(topic, JSON.parse(payload.toString())))
  await client.subscribeAsync([incidentTopic(1), deliveriesTopic(1), answerTopic], { qos: 1 })
  await publishRules(client, [{ id: 'stopped', aspect: 'stopped', severity: 'high', hold_s: 0 }])
  const report = { process: 'storage', ts: Date.now(), up: false, pid: 1, restarts: 0, uptime_s: 0, gauges: {} }
  await client.publishAsync(processTopic('storage'), JSON.stringify(report), { qos: 1, retain: true })
  await vi.waitFor(() => expect(bodies.some(({ kind }) => kind === 'opened')).toBe(true), { timeout: 120_000 })
  await vi.waitFor(
    () =>
      expect(seen.get(deliveriesTopic(1))?.deliveries).toContainEqual(
        expect.objectContaining({ person: 'lan', channel: 'webhook', state: 'sent', step: 1 }),
      ),
    patience,
  )
  const [, token] =
    /https:\/\/ioc\.example\.vn\/a\/(\S+)/.exec(bodies.find(({ kind }) => kind === 'opened')?.text ?? '') ?? []
  const use = (request: string) =>
    client.publishAsync(alertingTopic, JSON.stringify({ kind: 'acknowledge_by_token', token, request }), { qos: 1 })
  await use('first')
  await vi.waitFor(
    () => expect(seen.get(incidentTopic(1))).toMatchObject({ state: 'acknowledged', acknowledged: { by: 'lan' } }),
    patience,
  )
  await use('second')
  await vi.waitFor(
    () => expect(seen.get(answerTopic)).toEqual({ request: 'second', ok: false, reason: 'used' }),
    patience,
  )

  const ioc = async (...args: string[]) => {
    const main = join(import.meta.dirname, '../hub/main.ts')
    const { stdout } = await promisify(execFile)(process.execPath, [main, ...args], {
      env: { ...process.env, ...settings },
    })
    return stdout
  }
  expect(await ioc('notify', 'test', 'lan', 'webhook')).toBe('sent to lan by webhook\n')
  await expect(ioc('notify', 'test', 'lan', 'sms')).rejects.toThrow('not set up')
  await expect(ioc('notify', 'test', 'ba', 'sms')).rejects.toThrow('no contact of ba')
  expect(await ioc('rota')).toContain('Lan')

  const rota = async () => (JSON.parse(await ioc('rota', '--json')) as LiveRota).rotas[0]
  const hour = 3_600_000
  const time = (at: number) => displayTime(at).slice(0, 16)
  const [from, to] = [Date.now() - hour, Date.now() + hour]
  await expect(ioc('rota', 'override', 'truc', 'ba', time(from), time(to))).rejects.toThrow('no person ba')
  await expect(ioc('rota', 'override', 'other', 'none', time(from), time(to))).rejects.toThrow('no rota other')
  const id = (await ioc('rota', 'override', 'truc', 'none', time(from), time(to))).trim()
  await vi.waitFor(
    async () => expect(await rota()).toMatchObject({ on_call: null, gaps: [{ person: null }] }),
    patience,
  )
  await ioc('rota', 'end', id)
  await vi.waitFor(async () => expect(await rota()).toMatchObject({ on_call: 'lan', gaps: [] }), patience)
})
