import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { hasKannel, type Kannel, startKannel } from '@ioc/alerting/testing/kannel.ts'
import { type MailServer, receiverOf, startMailServer } from '@ioc/alerting/testing/mail-server.ts'
import { openCredentialStore } from '@ioc/broker/credentials/credential-store.ts'
import type { LiveIncident, ThingId } from '@ioc/contract/messages/incidents.ts'
import type { LiveConnection, LiveProcess } from '@ioc/contract/messages/live.ts'
import {
  connectionTopic,
  livePrefix,
  nodeTopic,
  notificationTopic,
  processTopic,
  username,
} from '@ioc/contract/topics.ts'
import { displayTime } from '@ioc/runtime/display-time.ts'
import { writeTinyDistrict } from '@ioc/runtime/district/testing/tiny.ts'
import mqtt, { type MqttClient } from 'mqtt'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { layCable } from '../harness/cable.ts'
import { type Centre, startCentre, until } from '../harness/centre.ts'
import { startFastClock } from '../harness/fast-clock.ts'
import { type FieldNode, startFieldNode } from '../harness/field-node.ts'

/** So much of the centre's time passes in a second. */
const speed = 40
const clock = startFastClock(speed)
const minute = 60_000
const cadence_s = 30
const devices = Array.from({ length: 12 }, (_, index) => `aq-${String(index + 1).padStart(2, '0')}`)
/** Sites that a storm takes, and those that stay: the link of the centre is lost with 60 % of all. */
const stormSites = Array.from({ length: 36 }, (_, index) => `bao-${index + 1}`)
const calmSites = Array.from({ length: 30 }, (_, index) => `yen-${index + 1}`)
const plainSites = ['tram-c', 'tram-e', 'tram-k', ...stormSites, ...calmSites]
const patienceMs = 240_000

let centre: Centre
let client: MqttClient
let mails: MailServer
let kannel: Kannel | undefined
let telegram: Server
/** The outside watcher, and how often it was called. */
let heartbeat: Server
let beats = 0
const incidents = new Map<number, LiveIncident>()
const notices: { readonly kind: string; readonly incident: number | null }[] = []
let alertingPid = 0
const connectionOfC = connectionTopic({ site: 'tram-c', node: 'n-1' })
let connectionState: LiveConnection['state'] | undefined
const stateOfC = () => connectionState
const plain = new Map<string, PlainNode>()
const running: { stop(): Promise<unknown> }[] = []
/** Called with each mail before the server accepts it. */
let onMail: (receiver: string | undefined) => Promise<void> = async () => undefined

const subjectsTo = (receiver: string) =>
  mails.mails.filter((mail) => receiverOf(mail) === receiver).map(({ subject = '' }) => subject)
const bodiesTo = (receiver: string) =>
  mails.mails.filter((mail) => receiverOf(mail) === receiver).map(({ text = '' }) => text.trim())
const ofSite = (site: string) =>
  [...incidents.values()].filter(({ cause, affected }) =>
    [cause, ...affected].some((thing) => thing.split('/')[1] === site),
  )
const waitFor = <T>(what: string, ask: () => T, holds: (answer: T) => boolean) =>
  until(what, async () => ask(), holds, patienceMs)
/** Resolves when so much of the centre's time has passed. */
function pass(ms: number): Promise<number> {
  const end = clock.now() + ms
  return waitFor('the time passes', clock.now, (now) => now >= end)
}

const portOf = (server: Server): number => (server.address() as AddressInfo).port

const people = (telegramUrl: string) => ({
  'people.yaml': `people:
  - { id: lan, name: Lan, contacts: [{ channel: email, address: lan@example.vn }] }
  - { id: minh, name: Minh, contacts: [{ channel: email, address: minh@example.vn }] }
  - { id: hoa, name: Hoa, contacts: [{ channel: email, address: hoa@example.vn }] }
  - { id: tho, name: Thọ, contacts: [{ channel: telegram, address: "1" }, { channel: sms, address: "+84912345678" }] }
  - { id: kha, name: Kha, contacts: [{ channel: email, address: kha@example.vn }] }
  - { id: long, name: Long, contacts: [{ channel: email, address: long@example.vn }] }
  - { id: bao, name: Bảo, contacts: [{ channel: email, address: bao@example.vn }] }
  - { id: truc, name: Trực, contacts: [{ channel: email, address: truc@example.vn }] }
policies:
  - { id: a, sites: [tram-a], steps: [{ after_min: 0, people: [lan] }] }
  - { id: b, sites: [tram-b], steps: [{ after_min: 0, people: [minh] }] }
  - { id: c, sites: [tram-c], steps: [{ after_min: 0, people: [hoa] }] }
  - { id: e, sites: [tram-e], steps: [{ after_min: 0, people: [tho] }] }
  - { id: k, sites: [tram-k], steps: [{ after_min: 0, people: [kha] }, { after_min: 10, people: [long] }] }
  - { id: bao, sites: [${stormSites.join(', ')}], steps: [{ after_min: 0, people: [bao] }] }
  - { id: khac, steps: [{ after_min: 0, people: [truc] }] }
daily_test: { at: "${displayTime(clock.now() + 20 * minute).slice(11, 16)}", contacts: [{ channel: email, address: thu@example.vn }] }
`,
  'channels.yaml': `email: { host: 127.0.0.1, port: ${mails.port}, from: ioc@example.vn }
telegram: { token: "1:x", url: "${telegramUrl}" }
${kannel ? `sms: { provider: kannel, url: "${kannel.url}", username: ioc, password: secret, from: IOC }` : ''}
`,
})

/** A node without devices of which only the connection matters. */
interface PlainNode {
  connect(): Promise<void>
  cut(): void
}

function plainNode(site: string, password: string): PlainNode {
  let connected: MqttClient | undefined
  let session = 0
  const address = { site, node: 'n-1' }
  const topic = nodeTopic(address, 'status')
  return {
    async connect() {
      session = Math.max(session + 1, clock.now())
      const will = { topic, payload: JSON.stringify({ online: false, session }), qos: 1, retain: true } as const
      const options = { username: username(address), password, will: { ...will, payload: Buffer.from(will.payload) } }
      connected = await mqtt.connectAsync(`mqtt://127.0.0.1:${centre.mqttPort}`, { ...options, reconnectPeriod: 0 })
      connected.on('error', () => undefined)
      const birth = { online: true, session, agent: { version: '1', host: site }, devices: [] }
      await connected.publishAsync(topic, JSON.stringify(birth), { qos: 1, retain: true })
    },
    cut() {
      connected?.stream.destroy()
    },
  }
}

beforeAll(async () => {
  mails = await startMailServer((mail) => onMail(receiverOf(mail)))
  if (hasKannel()) kannel = await startKannel()
  telegram = createServer((_, response) => {
    response.writeHead(429, { 'content-type': 'application/json' })
    response.end('{"ok":false,"description":"Too Many Requests","parameters":{"retry_after":30}}')
  })
  heartbeat = createServer((request, response) => {
    if (request.method === 'POST') beats++
    response.end()
  })
  for (const server of [telegram, heartbeat])
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const sites = ['tram-a', 'tram-b', ...plainSites]
  const district = writeTinyDistrict({
    'sites.yaml': `sites:\n${sites.map((site) => `  - { site: ${site}, area: N1, name: ${site} }\n`).join('')}`,
    'thresholds.yaml': 'thresholds: []\n',
  })
  // Processes report by the real time: as seldom, it seems, as this clock is fast.
  const rule = '{ id: bao-cao, aspect: stopped, states: [unresponsive], severity: none }'
  writeFileSync(join(district, 'rules.yaml'), `rules: [${rule}]\n`)
  const dataDir = mkdtempSync(join(tmpdir(), 'ioc-watch-'))
  const files = people(`http://127.0.0.1:${portOf(telegram)}`)
  writeFileSync(join(district, 'people.yaml'), files['people.yaml'])
  mkdirSync(join(dataDir, 'alerting'))
  writeFileSync(join(dataDir, 'alerting', 'channels.yaml'), files['channels.yaml'], { mode: 0o600 })
  centre = await startCentre({
    ...clock.environment,
    ...{ IOC_DATA_DIR: dataDir, IOC_DISTRICT: district, IOC_LOG_LEVEL: 'warn' },
    IOC_HEARTBEAT_URL: `http://127.0.0.1:${portOf(heartbeat)}/`,
    IOC_PROCESSES: 'storage,broker,stream-processor,alerting',
  })
  client = await mqtt.connectAsync(`mqtt://127.0.0.1:${centre.mqttPort}`, centre.credential('centre'))
  client.on('message', (topic, payload) => {
    if (payload.length === 0) return
    const value = JSON.parse(payload.toString())
    if (topic === notificationTopic) notices.push(value)
    else if (topic === processTopic('alerting')) alertingPid = (value as LiveProcess).pid
    else if (topic === connectionOfC) connectionState = (value as LiveConnection).state
    else incidents.set(value.id, value)
  })
  const topics = [`${livePrefix}incident/+`, notificationTopic, processTopic('alerting'), connectionOfC]
  await client.subscribeAsync(topics, { qos: 1 })
  const credentials = openCredentialStore(dataDir)
  for (const site of plainSites) {
    const node = plainNode(site, await credentials.add(username({ site, node: 'n-1' }), 'node'))
    await node.connect()
    plain.set(site, node)
  }
})
afterAll(async () => {
  await Promise.all(running.map((one) => one.stop()))
  for (const node of plain.values()) node.cut()
  await client.endAsync()
  await centre.stop()
  await kannel?.stop()
  await mails.stop()
  telegram.close()
  heartbeat.close()
})

/** A site with 12 stations that measure, and the cable of its node. */
async function startStations(site: string) {
  const address = { site, node: 'n-1' }
  const password = await openCredentialStore(centre.dataDir).add(username(address), 'node')
  const cable = await layCable(centre.mqttPort)
  const node: FieldNode = startFieldNode({
    ...{ address, password, port: cable.port, devices, cadence_s, now: clock.now },
  })
  const timer = setInterval(() => node.measure(), (cadence_s * 1_000) / speed)
  running.push({
    async stop() {
      clearInterval(timer)
      await node.stop()
      await cable.stop()
    },
  })
  const measuring = () => centre.query(`SELECT state FROM liveness WHERE site = '${site}' AND state = 'measuring'`)
  await until('all measure', measuring, (rows) => rows.length >= devices.length, patienceMs)
  return { node, cable }
}

describe.concurrent('an hour at five sites', () => {
  test('the cut of a site is one incident and one message; after the backlog one end, and the hour is full', async () => {
    const { node, cable } = await startStations('tram-a')
    cable.cut()
    const cutAt = clock.now()
    const [first] = await waitFor(
      'an incident',
      () => ofSite('tram-a'),
      (all) => all.length > 0,
    )
    expect(first).toMatchObject({ cause: 'site/tram-a', problem: 'children', state: 'open', affected_count: 13 })
    await pass(60 * minute)
    expect(ofSite('tram-a')).toHaveLength(1)
    expect(subjectsTo('lan@example.vn')).toEqual([`IOC #${first?.id}: Mất kết nối trạm tram-a`])
    cable.mend()
    const mendedAt = clock.now()
    await waitFor(
      'its end',
      () => incidents.get(first?.id ?? 0)?.state,
      (state) => state === 'resolved',
    )
    await waitFor(
      'the backlog',
      () => node.queued,
      (queued) => queued < 3,
    )
    await waitFor(
      'its message',
      () => bodiesTo('lan@example.vn'),
      (all) => all.length > 1,
    )
    await pass(10 * minute)
    expect(ofSite('tram-a')).toHaveLength(1)
    expect(bodiesTo('lan@example.vn').map((body) => body.split(' #')[0])).toEqual(['Sự cố mới', 'Đã khắc phục'])
    const expected = node.measured.filter((ts) => ts > cutAt && ts < mendedAt)
    const stored = () =>
      centre.query(
        `SELECT pm25 FROM air_quality WHERE site = 'tram-a' AND device = 'aq-07' AND time > ${cutAt}ms AND time < ${mendedAt}ms`,
      )
    const rows = await until('the history', stored, ({ length }) => length >= expected.length)
    expect(rows.map(({ time }) => time)).toEqual(expected)
  })

  test('one of 12 stations that falls silent is an incident of its own; the others, and its node, are not', async () => {
    const { node } = await startStations('tram-b')
    node.dead.add('aq-03')
    const [first] = await waitFor(
      'an incident',
      () => ofSite('tram-b'),
      (all) => all.length > 0,
    )
    expect(first).toMatchObject({ cause: 'device/tram-b/aq-03', problem: 'silent', affected_count: 0 })
    await pass(30 * minute)
    expect(ofSite('tram-b')).toHaveLength(1)
    node.dead.clear()
    await waitFor(
      'its end',
      () => incidents.get(first?.id ?? 0)?.state,
      (state) => state === 'resolved',
    )
  })

  test('a node that comes and goes 40 times in an hour makes two messages, and one when it is stable', async () => {
    const node = plain.get('tram-c') as PlainNode
    // On a slow machine less often: after an hour it would be announced that it still flaps.
    const end = clock.now() + 55 * minute
    for (let round = 0; round < 20 && clock.now() < end; round++) {
      node.cut()
      await waitFor('the cut is noticed', stateOfC, (state) => state === 'unreachable')
      await pass(2 * minute)
      await node.connect()
      await waitFor('the connection is noticed', stateOfC, (state) => state === 'connected')
      await pass(0.5 * minute)
    }
    const kinds = () => bodiesTo('hoa@example.vn').map((body) => body.split(' #')[0])
    await waitFor('it is stable', kinds, (all) => all.includes('Sự cố đã ổn định'))
    const sent = kinds()
    expect(sent[0]).toBe('Sự cố mới')
    expect(sent.slice(-2)).toEqual(['Sự cố chập chờn', 'Sự cố đã ổn định'])
    // A machine that stands still for 8 s lets five minutes pass: the end is announced once before it is known to flap.
    expect(sent.length).toBeLessThanOrEqual(5)
    expect(ofSite('tram-c')).toHaveLength(1)
  })

  test.runIf(hasKannel())(
    'where Telegram only answers 429, the same person gets an SMS, and others hear of it',
    async () => {
      plain.get('tram-e')?.cut()
      await waitFor(
        'the SMS',
        () => kannel?.received() ?? '',
        (text) => text.includes('Mat ket noi tram tram-e'),
      )
      const [sms = ''] = /IOC #\d+ .*tram-e[^"\n]*/.exec(kannel?.received() ?? '') ?? []
      expect(sms).toMatch(/^[\n\x20-\x7e]{1,160}$/)
      const failing = () => [...incidents.values()].filter(({ cause }) => cause === 'channel/telegram')
      const [channel] = await waitFor('the incident of the channel', failing, (all) => all.length > 0)
      await waitFor(
        'a mail about it',
        () => subjectsTo('truc@example.vn'),
        (all) => all.length > 0,
      )
      expect(subjectsTo('truc@example.vn')[0]).toBe(`IOC #${channel?.id}: Không gửi được tin qua kênh telegram`)
    },
  )

  test('kill -9 between the sending of a mail and its record repeats it at most once, and the next step follows', async () => {
    // 0, of a process that is not known yet, would be the group of the test run.
    await waitFor(
      'the watch runs',
      () => alertingPid,
      (pid) => pid > 0,
    )
    const killed = new Promise<void>((resolve) => {
      onMail = async (receiver) => {
        if (receiver !== 'kha@example.vn') return
        onMail = async () => undefined
        process.kill(alertingPid, 'SIGKILL')
        resolve()
      }
    })
    plain.get('tram-k')?.cut()
    await killed
    await waitFor(
      'the next step',
      () => subjectsTo('long@example.vn'),
      (all) => all.length > 0,
    )
    const sent = mails.mails.filter((mail) => receiverOf(mail) === 'kha@example.vn')
    expect(sent.length).toBeLessThanOrEqual(2)
    expect(new Set(sent.map(({ messageId }) => messageId)).size).toBe(1)
    expect(ofSite('tram-k')).toMatchObject([{ cause: 'site/tram-k', state: 'open' }])
    expect(subjectsTo('long@example.vn')).toEqual([...new Set(subjectsTo('kha@example.vn'))])
    await plain.get('tram-k')?.connect()
  })
})

test('each contact of the daily test has one test message, and the outside watcher is called', async () => {
  const tests = () => bodiesTo('thu@example.vn')
  await waitFor('the test message', tests, (all) => all.length > 0)
  expect(tests()).toEqual(['Tin thử từ Trung tâm điều hành. Không cần trả lời.'])
  await waitFor(
    'a call',
    () => beats,
    (count) => count > 0,
  )
})

test('the figures of the watch are indicators in the store', async () => {
  const values = () =>
    centre.query(`SELECT last(value) AS value FROM indicator WHERE scope = 'district' AND time > 0 GROUP BY id`)
  const ids = ['incidents_open', 'incidents_10min', 'incidents_stale', 'incidents_mtta_30d', 'incidents_mttr_30d']
  // Nobody has acknowledged anything.
  const expected = ids.filter((id) => id !== 'incidents_mtta_30d')
  const rows = await until('the values', values, (all) => expected.every((id) => all.some((row) => row['id'] === id)))
  expect(rows.some((row) => row['id'] === 'incidents_mtta_30d')).toBe(false)
  expect(Number(rows.find((row) => row['id'] === 'incidents_mttr_30d')?.['value'])).toBeGreaterThan(0)
})

test('36 sites that are cut at once are 36 incidents, and few messages', async () => {
  const before = notices.length
  for (const site of stormSites) plain.get(site)?.cut()
  const causes = () =>
    new Set([...incidents.values()].filter(({ state }) => state === 'open').map(({ cause }) => cause))
  const wanted = stormSites.map((site): ThingId => `site/${site}`)
  await waitFor('all incidents', causes, (known) => wanted.every((cause) => known.has(cause)))
  await waitFor(
    'the messages',
    () => bodiesTo('bao@example.vn'),
    (all) => all.length > 1,
  )
  const opened = notices.slice(before).filter(({ kind }) => kind === 'opened')
  const bundled = notices.slice(before).filter(({ kind }) => kind === 'storm')
  expect(opened.length + bundled.length).toBe(stormSites.length)
  expect(bundled.length).toBeGreaterThan(0)
  for (const site of stormSites) await plain.get(site)?.connect()
  const states = () => stormSites.flatMap((site) => ofSite(site).map(({ state }) => state))
  await waitFor('all are over', states, (all) => all.every((state) => state === 'resolved' || state === 'closed'))
  await waitFor(
    'the end of the storm',
    () => notices.slice(before).map(({ kind }) => kind),
    (kinds) => kinds.includes('storm_over'),
  )
  expect(bodiesTo('bao@example.vn').length).toBeLessThan(6)
})
