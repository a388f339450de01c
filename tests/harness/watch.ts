import { mkdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { AccountStore, type Grant } from '@ioc/accounts/account-store.ts'
import { alertingOptions } from '@ioc/alerting/options.ts'
import { startAlerting } from '@ioc/alerting/start.ts'
import { startTestBroker } from '@ioc/broker/testing/start.ts'
import type { LiveLiveness } from '@ioc/contract/messages/live.ts'
import { readOptions } from '@ioc/contract/options.ts'
import { districtTopic, livenessTopic, livePrefix } from '@ioc/contract/topics.ts'
import { createLogger } from '@ioc/runtime/logger.ts'
import { wallOptions } from '@ioc/wall/server/options.ts'
import { startWall } from '@ioc/wall/server/start.ts'
import { testPassword } from '@ioc/wall/server/testing/centre.ts'
import { device, silent } from '@ioc/wall/server/testing/samples.ts'

/** What the webhook of a person received. */
export interface Received {
  readonly text: string
  readonly kind: string
}

/** A real broker, watch and wall, and a webhook at which the messages of the person `lan` arrive. */
export interface WatchCentre {
  readonly url: string
  readonly dataDir: string
  readonly mqttPort: number
  readonly environment: Readonly<Record<string, string>>
  readonly received: readonly Received[]
  /** Publishes what the processor would: that a device is silent, or measures. */
  publishDevice(site: string, name: string, isSilent: boolean): Promise<void>
  /** Creates a user, and returns the headers of requests. */
  addUser(name: string, grant: Grant): Promise<{ readonly authorization: string }>
  /** Stops the watch, and starts it with the same folder. */
  restartWatch(): Promise<void>
  stop(): Promise<void>
}

/** Devices of each site that measure. */
const healthyDevices = 10
/** Address of the wall in the links of messages. */
const wallUrl = 'https://ioc.example.vn'
export const watchAreas = ['24943', '24934'] as const
/** `site-1` and `site-2` are in the two areas. Incidents open at once. */
const district = {
  areas: watchAreas.map((code) => ({ code, name: `Xã ${code}`, lat: 11.7, lon: 108.5, unconfirmed: false })),
  sites: watchAreas.map((area, at) => ({
    ...{ site: `site-${at + 1}`, area, name: `Trạm ${at + 1}`, kind: null, lat: 11.7, lon: 108.6 },
  })),
  units: [],
  targets: [],
  thresholds: [],
  rules: [{ id: 'at-once', aspect: 'loss', severity: 'high', hold_s: 0 }],
  upstreams: [],
  outlines: null,
  problem: null,
}

/** @param channels of `channels.yaml`, beside the webhook */
export async function startWatchCentre(people = '', channels = ''): Promise<WatchCentre> {
  const received: Received[] = []
  const server = createServer(async (request, response) => {
    let body = ''
    for await (const part of request) body += part
    received.push(JSON.parse(body) as Received)
    response.end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
  const broker = await startTestBroker()
  const { dataDir } = broker
  mkdirSync(join(dataDir, 'alerting'), { recursive: true })
  const secret = `webhook: { secret: "0123456789abcdef" }\n${channels}`
  writeFileSync(join(dataDir, 'alerting', 'channels.yaml'), secret, { mode: 0o600 })
  writeFileSync(
    join(dataDir, 'people.yaml'),
    people ||
      `people:
  - { id: lan, name: Nguyễn Thị Lan, contacts: [{ channel: webhook, address: "${address}" }, { channel: sms, address: "+84912345678" }] }
  - { id: minh, name: Trần Minh, contacts: [{ channel: sms, address: "+84912345679" }] }
rotas: [{ id: truc, name: Trực ban, people: [lan, minh], rotation: weekly, weekday: 1, handover: "07:00", from: "2026-01-05", overrides: [] }]
policies: [{ id: tat-ca, steps: [{ after_min: 0, people: [lan] }] }]
`,
  )
  const environment = {
    ...{ IOC_DATA_DIR: dataDir, IOC_DISTRICT: dataDir, IOC_MQTT_PORT: String(broker.port) },
    ...{ IOC_WALL_URL: wallUrl, IOC_HTTP_PORT: '0', IOC_STORAGE_PORT: '9' },
  }
  const logger = createLogger('test', { logLevel: 'silent' })
  const startWatch = () => startAlerting(readOptions(alertingOptions, environment), logger)
  let alerting = await startWatch()
  const wall = await startWall(readOptions(wallOptions, environment), logger)
  const client = await broker.connect(broker.credential('centre'))
  const publish = (topic: string, value: object) =>
    client.publishAsync(topic, JSON.stringify(value), { qos: 1, retain: true })
  await publish(districtTopic, district)
  const publishDevice = async (site: string, name: string, isSilent: boolean) => {
    const of = device(name, { site, last_ts: Date.now() - 3_600_000, cadence_s: 60, name: `Cảm biến ${name}` })
    await publish(`${livePrefix}device/${site}/${name}/system`, of)
    const life: LiveLiveness = silent(of)
    await publish(livenessTopic(site, name), isSilent ? life : { ...life, state: 'measuring', since: Date.now() })
  }
  // A few silent devices are not the loss of a site.
  for (const { site } of district.sites)
    for (let at = 1; at <= healthyDevices; at++) await publishDevice(site, `ok-${at}`, false)
  return {
    url: `http://127.0.0.1:${wall.port}`,
    dataDir,
    mqttPort: broker.port,
    environment,
    received,
    publishDevice,
    async addUser(name, grant) {
      const accounts = new AccountStore(dataDir)
      await accounts.add(name, grant, testPassword)
      return { authorization: `Bearer ${accounts.addToken(name, 'test')}` }
    },
    async restartWatch() {
      await alerting.stop()
      alerting = await startWatch()
    },
    async stop() {
      await wall.stop()
      await alerting.stop()
      await broker.stop()
      server.close()
    },
  }
}
