import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { startTestBroker, type TestBroker } from '@ioc/broker/testing/start.ts'
import { liveBatchLine, snapshotLine } from '@ioc/contract/live-batch.ts'
import type { LiveIncident, LiveMaintenance } from '@ioc/contract/messages/incidents.ts'
import type { LiveConnection } from '@ioc/contract/messages/live.ts'
import { readOptions } from '@ioc/contract/options.ts'
import {
  alertingTopic,
  connectionTopic,
  deviceTopic,
  districtTopic,
  incidentTopic,
  liveBatchTopic,
  livePrefix,
  maintenanceTopic,
  notificationTopic,
  processTopic,
} from '@ioc/contract/topics.ts'
import { createLogger } from '@ioc/runtime/logger.ts'
import type { Running } from '@ioc/runtime/process.ts'
import type { MqttClient } from 'mqtt'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { alertingOptions } from './options.ts'
import { startAlerting } from './start.ts'

let broker: TestBroker
let client: MqttClient
let alerting: Running
const incidents = new Map<string, LiveIncident>()
const notifications: string[] = []

const start = () => {
  const settings = { IOC_DATA_DIR: broker.dataDir, IOC_MQTT_PORT: String(broker.port), IOC_DISTRICT: broker.dataDir }
  return startAlerting(readOptions(alertingOptions, settings), createLogger('alerting', { logLevel: 'silent' }))
}

beforeEach(async () => {
  broker = await startTestBroker()
  client = await broker.connect(broker.credential('centre'))
  client.on('message', (topic, payload) => {
    const value = payload.length === 0 ? undefined : JSON.parse(payload.toString())
    if (topic === notificationTopic) notifications.push(`${value.kind} #${value.incident}`)
    else if (value) incidents.set(topic, value)
    else incidents.delete(topic)
  })
  await client.subscribeAsync([`${livePrefix}incident/#`, notificationTopic], { qos: 1 })
  // The broker retains its parts: the watch knows the rules before it reads of any problem.
  await publishDistrict()
  alerting = await start()
})
afterEach(async () => {
  await alerting.stop()
  await broker.stop()
  incidents.clear()
  notifications.length = 0
})

/** What `ioc` prints. */
async function runIoc(args: readonly string[], settings: Readonly<Record<string, string>>): Promise<string> {
  const main = join(import.meta.dirname, '../hub/main.ts')
  const { stdout } = await promisify(execFile)(process.execPath, [main, ...args], {
    env: { ...process.env, ...settings },
  })
  return stdout
}

async function until(holds: () => boolean): Promise<void> {
  const deadline = performance.now() + 60_000
  while (!holds()) {
    if (performance.now() > deadline) throw new Error(`not reached: ${JSON.stringify([...incidents.values()])}`)
    await sleep(50)
  }
}

const publishBatch = (...lines: string[]) => client.publishAsync(liveBatchTopic, lines.join(''), { qos: 1 })
const first = () => incidents.get(incidentTopic(1))
const district = {
  ...{ areas: [], units: [], targets: [], thresholds: [], outlines: null, problem: null, upstreams: [] },
  sites: [{ site: 'a', area: 'N1', name: 'Trạm A', kind: null, lat: null, lon: null }],
  rules: ['loss', 'stopped'].map((aspect) => ({ id: aspect, aspect, severity: 'high', hold_s: 0 })),
}
const device = {
  ...{ site: 'a', node: 'n1', device: 'd1', type: 'air_quality', name: null, lat: null, lon: null },
  ...{ cadence_s: 30, last_ts: Date.now(), online: true, area: 'N1' },
}
const nodeLine = (state: LiveConnection['state']) => {
  const node: LiveConnection = { site: 'a', node: 'n1', state, since: Date.now(), clock: null }
  return liveBatchLine(connectionTopic(node), JSON.stringify(node))
}
const deviceLine = () => liveBatchLine(deviceTopic('a', 'd1', 'air_quality'), JSON.stringify(device))

async function publishDistrict(): Promise<void> {
  await publishBatch(
    snapshotLine(false),
    liveBatchLine(districtTopic, JSON.stringify(district)),
    deviceLine(),
    snapshotLine(true),
  )
}

test('a process that has stopped is an incident, which a person acknowledges; after a restart it is the same', async () => {
  await publishDistrict()
  const report = { process: 'storage', ts: Date.now(), up: false, pid: 1, restarts: 0, uptime_s: 0, gauges: {} }
  await client.publishAsync(processTopic('storage'), JSON.stringify(report), { qos: 1, retain: true })
  await until(() => first() !== undefined && notifications.includes('opened #1'))
  expect(first()).toMatchObject({ cause: 'process/storage', state: 'open', severity: 'high', began: report.ts })

  const command = { kind: 'acknowledge', by: 'lan', id: 1, until: Date.now() + 900_000, note: 'đang xem' }
  await client.publishAsync(alertingTopic, JSON.stringify({ ...command, until: 5 }), { qos: 1 })
  await client.publishAsync(alertingTopic, JSON.stringify(command), { qos: 1 })
  await until(() => first()?.state === 'acknowledged')
  expect(first()?.acknowledged).toMatchObject({ by: 'lan', note: 'đang xem' })

  await alerting.stop()
  incidents.clear()
  alerting = await start()
  await until(() => first()?.state === 'acknowledged')
  // Processes report again and again: a report may overtake the retained one that is on its way to a new subscriber.
  const reporting = setInterval(() => {
    client.publish(processTopic('storage'), JSON.stringify({ ...report, up: true }), { qos: 1, retain: true })
  }, 500)
  await until(() => first()?.state === 'resolved').finally(() => clearInterval(reporting))
  expect(notifications).toEqual(['opened #1'])
})

test('the loss of the only node of a site is an incident of the site; its devices are affected', async () => {
  await publishDistrict()
  await publishBatch(nodeLine('connected'))
  await publishBatch(nodeLine('unreachable'))
  await until(() => first() !== undefined)
  expect(first()).toMatchObject({ cause: 'site/a', affected: ['device/a/d1', 'node/a/n1'], state: 'open' })
  await publishBatch(nodeLine('connected'))
  await until(() => first()?.state === 'resolved')
})

test('ioc lists incidents, acknowledges one, and adds a maintenance window that ends again', async () => {
  const settings = { IOC_DATA_DIR: broker.dataDir, IOC_MQTT_PORT: String(broker.port) }
  await publishDistrict()
  const report = { process: 'storage', ts: Date.now(), up: false, pid: 1, restarts: 0, uptime_s: 0, gauges: {} }
  await client.publishAsync(processTopic('storage'), JSON.stringify(report), { qos: 1, retain: true })
  await until(() => first() !== undefined)
  expect(JSON.parse(await runIoc(['incidents', '--json'], settings)).incidents).toMatchObject([
    { id: 1, state: 'open' },
  ])
  await runIoc(['ack', '1', '30', '--note', 'đang xem'], settings)
  await until(() => first()?.acknowledged?.note === 'đang xem')
  await expect(runIoc(['ack', '7'], settings)).rejects.toThrow('no active incident 7')
  const id = (await runIoc(['maintenance', 'add', '30', '--site', 'a', '--reason', 'bảo trì'], settings)).trim()
  const windows = async () => JSON.parse(await runIoc(['maintenance', 'list', '--json'], settings)).windows
  await vi.waitFor(
    async () => expect(await windows()).toMatchObject([{ id, active: true, covers: { sites: ['a'] } }]),
    {
      timeout: 60_000,
    },
  )
  await runIoc(['maintenance', 'end', id], settings)
  await vi.waitFor(async () => expect(await windows()).toEqual([]), { timeout: 60_000 })
})

test('what is shelved is published with its end, also after a restart, until it is over', async () => {
  const causes = ['device/a/d1#loss', 'indicator/system_cpu_1m/site/a#level', 'channel/sms#loss']
  const send = (command: object) => client.publishAsync(alertingTopic, JSON.stringify(command), { qos: 1 })
  let shelves: LiveMaintenance['shelves']
  client.on('message', (topic, payload) => {
    if (topic === maintenanceTopic) ({ shelves } = JSON.parse(payload.toString()) as LiveMaintenance)
  })
  await client.subscribeAsync(maintenanceTopic, { qos: 1 })
  const until = Date.now() + 3_600_000
  const listed = (expected: readonly string[]) =>
    vi.waitFor(() => expect(shelves?.map(({ cause }) => cause).toSorted()).toEqual(expected.toSorted()), {
      timeout: 60_000,
    })
  await listed([])
  for (const cause of causes) await send({ kind: 'shelve', by: 'lan', cause, reason: 'chờ thay', until })
  await listed(causes)
  expect(shelves?.[0]).toEqual({ cause: causes[0], by: 'lan', reason: 'chờ thay', until })
  await alerting.stop()
  shelves = undefined
  alerting = await start()
  await listed(causes)
  await send({ kind: 'unshelve', by: 'lan', cause: causes[1] })
  await listed(causes.filter((cause) => cause !== causes[1]))
  await send({ kind: 'shelve', by: 'lan', cause: causes[2], reason: '', until: Date.now() + 500 })
  await listed(causes.slice(0, 1))
})
