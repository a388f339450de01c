import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, statSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { nodeTopic } from '@ioc/contract/topics.ts'
import type { Credential } from '@ioc/runtime/credential-file.ts'
import type { MqttClient } from 'mqtt'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { closed, nextMessage, rawConnect, seqs } from './testing/mqtt.ts'
import { startTestBroker, type TestBroker } from './testing/start.ts'

const address = { site: 'site-1', node: 'node-1' }
const telemetry = nodeTopic(address, 'telemetry')
const envelope = (seq: number) =>
  JSON.stringify({
    epoch: 'e1',
    seq,
    sent: 1_764_000_000_000,
    records: [{ device: 'a', ts: 1_764_000_000_000, values: { x: seq } }],
  })

describe('broker', () => {
  let broker: TestBroker
  let agent: Credential
  let centre: Credential

  const readCredentials = () => {
    agent = JSON.parse(readFileSync(join(broker.dataDir, 'credentials/agent.json'), 'utf8'))
    centre = JSON.parse(readFileSync(join(broker.dataDir, 'credentials/centre.json'), 'utf8'))
  }

  beforeEach(async () => {
    broker = await startTestBroker()
    readCredentials()
  })
  afterEach(() => broker.stop())

  describe('who may come in', () => {
    test('makes credentials on the first start, which only this user may read, and keeps no password', () => {
      expect(agent.username).toBe('site-1/node-1')
      expect(statSync(join(broker.dataDir, 'credentials/agent.json')).mode & 0o777).toBe(0o600)
      const kept = readFileSync(join(broker.dataDir, 'credentials/users/site-1%2Fnode-1.json'), 'utf8')
      expect(kept).toContain('site-1/node-1')
      expect(kept).not.toContain(agent.password)
    })

    test.each([
      ['no credential', {}],
      ['a wrong password', { username: 'site-1/node-1', password: 'guess' }],
      ['an unknown name', { username: 'site-1/node-9', password: 'guess' }],
      ['a name that every object has', { username: 'constructor', password: 'guess' }],
    ])('refuses %s', async (_what, credential) => {
      await expect(broker.connect(credential)).rejects.toMatchObject({ code: 5 })
    })

    test('a new credential works at once; one that was taken away ends its connections', async () => {
      const password = await broker.credentials.add('site-2/node-1', 'node')
      const client = await broker.connect({ username: 'site-2/node-1', password })
      const ending = closed(client)
      broker.credentials.remove('site-2/node-1')
      await ending
      await expect(broker.connect({ username: 'site-2/node-1', password })).rejects.toMatchObject({ code: 5 })
    })

    test('credentials that are made at the same time are all there', async () => {
      const nodes = Array.from({ length: 6 }, (_, index) => `node-${index}`)
      const added = await Promise.all(nodes.map((node) => runIocNodeAdd(broker.dataDir, 'site-3', node)))
      for (const credential of added) expect((await broker.connect(credential)).connected).toBe(true)
    })

    test('nobody takes over the client id of another user', async () => {
      const first = await broker.connect({ ...agent, clientId: 'same' })
      await broker.connect({ ...centre, clientId: 'same' })
      await first.publishAsync(telemetry, envelope(1), { qos: 1 })
      expect(first.connected).toBe(true)
    })
  })

  describe('what they may do', () => {
    test.each([
      'ioc/v1/site-1/node-2/telemetry',
      'ioc/v1/site-1/node-1/config',
      'ioc/v1/site-1/node-1/telemetry/deeper',
      'ioc/v1/_live/indicators',
      '$SYS/x',
      'anything',
      'tele/x/STATE',
      `ioc/v1${'/x'.repeat(9)}`,
      `ioc/v1${'/x'.repeat(200)}`,
    ])('what a node publishes on %s is acknowledged and dropped; its own telemetry gets in once', async (topic) => {
      const client = await broker.connect(agent)
      const reader = await broker.connect(centre)
      const heard: string[] = []
      reader.on('message', (on) => heard.push(on))
      await reader.subscribeAsync(['#', '$SYS/x', 'ioc/v1/site-1/node-2/#'], { qos: 1 })
      for (const qos of [0, 1, 2] as const) {
        await client.publishAsync(topic, '{"x":1}', { qos, retain: qos === 1 })
        await client.publishAsync(telemetry, envelope(qos + 1), { qos: 1 })
      }
      await vi.waitFor(() => expect(heard).toEqual([telemetry, telemetry, telemetry]))
      expect(client.connected).toBe(true)
      expect(seqs(await broker.logged())).toEqual([1, 2, 3])
      expect(broker.gauges()).toMatchObject({ refused: 3 })
    })

    test.each(['#', 'ioc/v1/#', 'ioc/v1/site-1/+/config', 'ioc/v1/site-1/node-2/config', 'ioc/v1/_live/#', '$SYS/#'])(
      'a node may not read %s: 0x80',
      async (filter) => {
        const client = await broker.connect(agent)
        await expect(client.subscribeAsync(filter, { qos: 1 })).rejects.toMatchObject({ packet: { granted: [128] } })
      },
    )

    test('a node reads its own config; the centre writes it, and it survives a restart', async () => {
      const writer = await broker.connect(centre)
      await writer.publishAsync(nodeTopic(address, 'config'), '{"cadence_s":5}', { qos: 1, retain: true })
      const { dataDir } = broker
      await broker.stop()
      broker = await startTestBroker({}, dataDir)
      const reader = await broker.connect(agent)
      const message = nextMessage(reader)
      await reader.subscribeAsync(nodeTopic(address, 'config'), { qos: 1 })
      expect(String(await message)).toBe('{"cadence_s":5}')
    })

    test('a command waits for a node that is away, over a restart', async () => {
      const session = { ...agent, clientId: 'agent', clean: false }
      const reader = await broker.connect(session)
      await reader.subscribeAsync(nodeTopic(address, 'command'), { qos: 1 })
      await reader.endAsync()
      const writer = await broker.connect(centre)
      await writer.publishAsync(nodeTopic(address, 'command'), '{"command":"collect"}', { qos: 1 })
      const { dataDir } = broker
      await broker.stop()
      broker = await startTestBroker({}, dataDir)
      expect(String(await nextMessage(broker.open(session)))).toBe('{"command":"collect"}')
    })
  })

  describe('what they send', () => {
    test('is in the log before it is acknowledged', async () => {
      const client = await broker.connect(agent)
      await client.publishAsync(telemetry, envelope(1), { qos: 1 })
      await client.publishAsync(nodeTopic(address, 'status'), '{"online":false,"session":1}', { qos: 1, retain: true })
      expect((await broker.logged()).map(({ kind, site, node }) => [kind, site, node])).toEqual([
        ['telemetry', 'site-1', 'node-1'],
        ['status', 'site-1', 'node-1'],
      ])
    })

    test('messages without a time that arrive together have different ones', async () => {
      const client = await broker.connect(agent)
      const sent = Array.from({ length: 60 }, (_, x) =>
        client.publishAsync(telemetry, JSON.stringify({ x }), { qos: 0 }),
      )
      await Promise.all(sent)
      await vi.waitFor(async () => expect(await broker.logged()).toHaveLength(60))
      expect(new Set((await broker.logged()).map(({ arrival }) => arrival)).size).toBe(60)
    })

    test('messages with several records without a time have one for each record', async () => {
      const client = await broker.connect(agent)
      const records = [1, 2, 3].map((x) => ({ device: 'a', x }))
      const payloads = [{ records }, { x: 1 }, { records: [...records, { device: 'b', x: 4 }] }, { records }]
      const sent = payloads.map((payload) => client.publishAsync(telemetry, JSON.stringify(payload), { qos: 0 }))
      await Promise.all(sent)
      await vi.waitFor(async () => expect(await broker.logged()).toHaveLength(4))
      const times = (await broker.logged()).flatMap(({ arrival, payload }) =>
        Buffer.from(payload).includes('records') ? [arrival - 2, arrival - 1, arrival] : [arrival],
      )
      expect(new Set(times).size).toBe(10)
    })

    test('a replay is in the backlog lane before it is acknowledged; everything else is in the live one', async () => {
      const client = await broker.connect(agent)
      const cases = nodeTopic(address, 'cases')
      const body = (seq: number, replay: boolean | undefined, records: unknown) =>
        JSON.stringify({ epoch: 'e', seq, sent: Date.now(), replay, records })
      const measured = [{ device: 'a', ts: 1_764_000_000_000, values: { x: 1 } }]
      const files = [
        { device: 'a', ts: 1_764_000_000_000, case: { id: '1', state: 'open', opened: 1_764_000_000_000 } },
      ]
      await client.publishAsync(telemetry, body(1, true, measured), { qos: 1 })
      expect(seqs(await broker.logged('backlog'))).toEqual([1])
      await client.publishAsync(cases, body(2, true, files), { qos: 1 })
      expect(seqs(await broker.logged('backlog'))).toEqual([1, 2])
      await client.publishAsync(telemetry, body(3, false, measured), { qos: 1 })
      await client.publishAsync(cases, body(4, undefined, files), { qos: 1 })
      await client.publishAsync(telemetry, '{"x":1}', { qos: 1 })
      await client.publishAsync(telemetry, body(5, true, []), { qos: 1 })
      expect((await broker.logged()).map(({ kind }) => kind)).toEqual(['telemetry', 'cases', 'telemetry', 'rejected'])
      expect(await broker.logged('backlog')).toHaveLength(2)
    })

    test.each([
      ['what is not JSON', 'pm25=3', 'PAYLOAD_NOT_JSON'],
      ['nothing', '', 'PAYLOAD_NOT_JSON'],
      ['invalid UTF-8', Buffer.from([0x7b, 0xff, 0xfe, 0x7d]), 'PAYLOAD_NOT_JSON'],
      ['NaN alone', '{"pm25":NaN}', 'PAYLOAD_INVALID'],
      ['an infinity', '{"pm25":1e999}', 'PAYLOAD_INVALID'],
      ['an array', '[1,2]', 'PAYLOAD_INVALID'],
      ['a wrong type', '{"epoch":"e","seq":"1","sent":1,"records":[]}', 'PAYLOAD_INVALID'],
      [
        'a time that is none',
        '{"epoch":"e","seq":1,"sent":1,"records":[{"device":"a","ts":"x","values":{"x":1}}]}',
        'PAYLOAD_INVALID',
      ],
      ['a long list', '{"pm25":[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17]}', 'PAYLOAD_INVALID'],
      ['a metric name with a line break', '{"a\\nb":1}', 'PAYLOAD_INVALID'],
      [
        'a device name without a letter',
        '{"epoch":"e","seq":1,"sent":1,"records":[{"device":",=","ts":1,"values":{"x":1}}]}',
        'PAYLOAD_INVALID',
      ],
    ])('%s is acknowledged, and kept in the dead letters with the reason', async (_what, payload, code) => {
      const client = await broker.connect(agent)
      await client.publishAsync(telemetry, payload, { qos: 1 })
      expect(broker.deadLetters.list(10)).toMatchObject([
        { code, site: 'site-1', node: 'node-1', channel: 'telemetry' },
      ])
      expect((await broker.logged()).map(({ kind }) => kind)).toEqual(['rejected'])
    })

    test('an invalid status is neither retained nor passed on', async () => {
      const client = await broker.connect(agent)
      await client.publishAsync(nodeTopic(address, 'status'), '{"online":"maybe"}', { qos: 1, retain: true })
      await client.publishAsync(nodeTopic(address, 'status'), '{"online":false,"session":7}', { qos: 1, retain: true })
      const reader = await broker.connect(centre)
      const first = nextMessage(reader)
      await reader.subscribeAsync('ioc/v1/+/+/status', { qos: 1 })
      expect(String(await first)).toBe('{"online":false,"session":7}')
    })

    test('dead letters are bounded', async () => {
      await broker.stop()
      broker = await startTestBroker({ IOC_DEAD_LETTERS_MAX: '5' })
      readCredentials()
      const client = await broker.connect(agent)
      for (let index = 0; index < 12; index++) await client.publishAsync(telemetry, `bad ${index}`, { qos: 1 })
      expect(broker.deadLetters.list(99).map(({ payload }) => Buffer.from(payload).toString())).toEqual(
        [11, 10, 9, 8, 7].map((n) => `bad ${n}`),
      )
    })

    test('a full log means no acknowledgement, and what is in it stays', async () => {
      await broker.stop()
      broker = await startTestBroker({ IOC_LOG_MAX_GB: '0.001' })
      readCredentials()
      const client = await broker.connect(agent)
      const filler = 'f'.repeat(4000)
      let acknowledged = 0
      const fill = async () => {
        for (;;) {
          const payload = JSON.stringify({ x: filler })
          await client.publishAsync(telemetry, payload, { qos: 1 })
          acknowledged++
        }
      }
      const ending = closed(client)
      fill().catch(() => undefined)
      await ending
      expect(acknowledged).toBeGreaterThan(100)
      expect(await broker.logged()).toHaveLength(acknowledged)
    })
  })

  describe('limits', () => {
    test('a packet of 10 MB ends its connection at its header; others go on', async () => {
      const client = await broker.connect(agent)
      const other = await broker.connect({ ...agent, clientId: 'other' })
      const ending = closed(client)
      client.publish(telemetry, Buffer.alloc(10 << 20, 'x'), { qos: 1 }, () => undefined)
      await ending
      await other.publishAsync(telemetry, envelope(1), { qos: 1 })
      expect(await broker.logged()).toHaveLength(1)
    })

    test('connections at a time are bounded', async () => {
      await broker.stop()
      broker = await startTestBroker({ IOC_MQTT_MAX_CONNECTIONS: '2' })
      readCredentials()
      await broker.connect({ ...agent, clientId: '1' })
      await broker.connect({ ...agent, clientId: '2' })
      await expect(broker.connect({ ...agent, clientId: '3', connectTimeout: 2000 })).rejects.toThrow()
    })

    test('a connection that says nothing is closed', async () => {
      await broker.stop()
      broker = await startTestBroker({ IOC_MQTT_CONNECT_TIMEOUT_MS: '100' })
      const socket = connect(broker.port, '127.0.0.1')
      await once(socket, 'close')
    })

    test('a port in use is one clear error', async () => {
      await expect(startTestBroker({ IOC_MQTT_PORT: String(broker.port) })).rejects.toMatchObject({
        code: 'PORT_IN_USE',
      })
    })
  })

  // Plain Aedes 1.2.0 has died of this: mqemitter with a limit of concurrency drains its queue by recursion.
  test('survives a subscriber that freezes under load and is then killed', async () => {
    await broker.stop()
    broker = await startTestBroker({ IOC_MQTT_DRAIN_TIMEOUT_MS: '60000', IOC_MQTT_MAX_BACKLOG_BYTES: `${1 << 30}` })
    readCredentials()
    const frozen = await rawSubscriber(broker.port, centre, 'ioc/v1/#')
    frozen.pause()
    await publishMany(20, 1000, () => frozen.destroy())
    expect(await broker.logged()).toHaveLength(20 * 1000)
  })

  test('cuts off a subscriber that does not read; the others miss nothing', async () => {
    await broker.stop()
    broker = await startTestBroker({ IOC_MQTT_DRAIN_TIMEOUT_MS: '1000', IOC_MQTT_MAX_BACKLOG_BYTES: '65536' })
    readCredentials()
    const frozen = await rawSubscriber(broker.port, centre, 'ioc/v1/#')
    const cut = once(frozen, 'close')
    frozen.pause()
    let received = 0
    const healthy = await broker.connect({ ...centre, clientId: 'healthy' })
    healthy.on('message', () => received++)
    await healthy.subscribeAsync('ioc/v1/+/+/telemetry', { qos: 1 })
    await publishMany(10, 400)
    await vi.waitFor(() => expect(received).toBe(10 * 400), 30_000)
    frozen.resume()
    await cut
  })

  /** Publishers with 50 messages in flight each; `midway` is called when they are half through, or get no further. */
  async function publishMany(publishers: number, each: number, midway: () => void = () => undefined): Promise<void> {
    const clients = await Promise.all(
      Array.from({ length: publishers }, (_, index) => broker.connect({ ...agent, clientId: `p${index}` })),
    )
    const payload = JSON.stringify({ x: 1, padding: 'p'.repeat(4000) })
    const total = publishers * each
    let acknowledged = 0
    const worker = async (client: MqttClient, count: number) => {
      for (let sent = 0; sent < count; sent++) {
        await client.publishAsync(telemetry, payload, { qos: 1 })
        acknowledged++
      }
    }
    const workers = clients.flatMap((client) => Array.from({ length: 50 }, () => worker(client, each / 50)))
    let before = -1
    const watching = setInterval(() => {
      const stalled = acknowledged === before
      before = acknowledged
      if (!stalled && acknowledged < total / 2) return
      clearInterval(watching)
      midway()
    }, 500)
    await Promise.all(workers)
    clearInterval(watching)
  }
})

/** The command line, as another process. */
async function runIocNodeAdd(dataDir: string, site: string, node: string): Promise<Credential> {
  const main = new URL('../hub/main.ts', import.meta.url).pathname
  const { stdout } = await promisify(execFile)(process.execPath, [main, 'node', 'add', site, node], {
    env: { ...process.env, IOC_DATA_DIR: dataDir },
  })
  return JSON.parse(stdout) as Credential
}

/** A client library would not stop reading when asked to. */
async function rawSubscriber(port: number, credential: Credential, topic: string): Promise<Socket> {
  const client = await rawConnect(port, credential, { clientId: `raw-${topic}` })
  client.send({ cmd: 'subscribe', messageId: 1, subscriptions: [{ topic, qos: 1 }] })
  await client.next()
  return client.socket
}
