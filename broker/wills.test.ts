import { join } from 'node:path'
import { forgetTopic, nodeTopic } from '@ioc/contract/topics.ts'
import type { Credential } from '@ioc/runtime/credential-file.ts'
import { ClassicLevel } from 'classic-level'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { nextMessage, rawClient, rawConnect } from './testing/mqtt.ts'
import { startTestBroker, type TestBroker } from './testing/start.ts'

const own = nodeTopic({ site: 'site-1', node: 'node-1' }, 'status')
const will = (session: number) => Buffer.from(JSON.stringify({ online: false, session }))

let broker: TestBroker
let agent: Credential
let centre: Credential

beforeEach(async () => {
  broker = await startTestBroker()
  agent = broker.credential('agent')
  centre = broker.credential('centre')
})
afterEach(() => broker.stop())

/** Everything that is published to anybody, from now on. */
async function listen(): Promise<string[]> {
  const heard: string[] = []
  const reader = await broker.connect({ ...centre, clientId: 'listener' })
  reader.on('message', (topic) => heard.push(topic))
  await reader.subscribeAsync(['#', '$SYS/x'], { qos: 1 })
  return heard
}

const foreign: [string, string, Buffer][] = [
  ["another node's telemetry", 'ioc/v1/site-1/node-2/telemetry', Buffer.from('{"x":1}')],
  ["another node's status", 'ioc/v1/site-2/node-1/status', will(1)],
  ['its own config', 'ioc/v1/site-1/node-1/config', Buffer.from('{}')],
  ['a live topic', 'ioc/v1/_live/indicators', Buffer.from('[]')],
  ["the centre's control", forgetTopic, Buffer.from('{"site":"site-1","node":"node-2"}')],
  ['$SYS', '$SYS/x', Buffer.from('1')],
  ['another tree', 'tele/x/LWT', Buffer.from('Offline')],
  ['a topic with wildcards', 'ioc/v1/+/#', will(1)],
  ['a topic of 12 levels', `ioc/v1${'/x'.repeat(10)}`, will(1)],
  ['a topic of 200 levels', `ioc/v1${'/x'.repeat(198)}`, will(1)],
  ['a topic with a line break', 'ioc/v1/site-1/node-1/status\nforged', will(1)],
  ['an oversized payload on its own status', own, Buffer.alloc(60_000, 'x')],
]

test.each(foreign)('a will on %s is left out; the node connects and is heard', async (_what, topic, payload) => {
  const heard = await listen()
  const client = await rawConnect(broker.port, agent, { will: { topic, payload, qos: 1, retain: true } })
  client.send({ cmd: 'publish', topic: own, payload: will(7), qos: 1, dup: false, retain: false, messageId: 1 })
  expect(await client.next()).toMatchObject({ cmd: 'puback' })
  client.socket.destroy()
  await vi.waitFor(() => expect(broker.gauges()).toMatchObject({ connections: 1, refused: 1 }))
  expect(heard).toEqual([own])
  expect(await broker.logged()).toHaveLength(1)
})

test('a will on an empty topic is left out; the node connects', async () => {
  // By hand: the library for packets refuses to write this one.
  const text = (value: string) => Buffer.concat([Buffer.from([0, value.length]), Buffer.from(value)])
  const body = [text('MQTT'), Buffer.from([4, 0b1100_0110, 0, 0])]
  for (const value of ['raw', '', 'gone', agent.username, agent.password]) body.push(text(value))
  const client = rawClient(broker.port)
  const bytes = Buffer.concat(body)
  client.socket.write(Buffer.concat([Buffer.from([0x10, bytes.length]), bytes]))
  expect(await client.next()).toMatchObject({ cmd: 'connack', returnCode: 0 })
  client.socket.destroy()
  await vi.waitFor(() => expect(broker.gauges()).toMatchObject({ connections: 0, refused: 1 }))
})

test("a will on the node's own status is published, retained and in the log", async () => {
  const client = await rawConnect(broker.port, agent, { will: { topic: own, payload: will(5), qos: 1, retain: true } })
  client.socket.destroy()
  await vi.waitFor(async () => expect((await broker.logged()).map(({ kind }) => kind)).toEqual(['status']))
  const reader = broker.open(centre)
  reader.subscribe(own)
  expect(String(await nextMessage(reader))).toBe(String(will(5)))
})

test('a will on telemetry is taken as telemetry: not retained, and a bad one is a dead letter', async () => {
  const topic = nodeTopic({ site: 'site-1', node: 'node-1' }, 'telemetry')
  for (const payload of ['{"x":1}', 'nonsense']) {
    const sent = { topic, payload: Buffer.from(payload), qos: 1 as const, retain: true }
    const client = await rawConnect(broker.port, agent, { will: sent })
    client.socket.destroy()
    await client.closed
  }
  await vi.waitFor(async () =>
    expect((await broker.logged()).map(({ kind }) => kind).sort()).toEqual(['rejected', 'telemetry']),
  )
  const heard = await listen()
  const reader = await broker.connect(agent)
  await reader.publishAsync(own, will(1), { qos: 1 })
  await vi.waitFor(() => expect(heard).toEqual([own]))
})

test('a node whose credential was removed leaves no will', async () => {
  const heard = await listen()
  const password = await broker.credentials.add('site-2/node-1', 'node')
  const topic = nodeTopic({ site: 'site-2', node: 'node-1' }, 'status')
  const sent = { topic, payload: will(1), qos: 1 as const, retain: true }
  const client = await rawConnect(broker.port, { username: 'site-2/node-1', password }, { will: sent })
  broker.credentials.remove('site-2/node-1')
  await client.closed
  await vi.waitFor(async () => expect((await broker.recorded()).at(-1)?.kind).toBe('forgotten'))
  expect(await broker.logged()).toEqual([])
  // The retained status is cleared, which is what subscribers hear.
  await vi.waitFor(() => expect(heard).toEqual([topic, topic.replace('status', 'config')]))
})

/** Writes wills as a broker that was killed leaves them, of this version or of one that validated none. */
async function leaveWills(dataDir: string, wills: readonly [clientId: string, topic: string, payload: Buffer][]) {
  const { default: Persistence } = await import('aedes-persistence-level/asyncPersistence.js')
  const level = new ClassicLevel(join(dataDir, 'broker', 'sessions'))
  const persistence = new Persistence(level)
  await persistence.setup({ id: 'killed' })
  for (const [id, topic, payload] of wills) {
    await persistence.putWill({ id }, { cmd: 'publish', topic, payload, qos: 1, retain: true, dup: false })
  }
  await level.close()
}

test('leftover wills are validated when they are sent: only those of known nodes on their own topics go out', async () => {
  const { dataDir } = broker
  await broker.stop()
  await leaveWills(dataDir, [
    ...foreign.map(([what, topic, payload]) => [`site-1/node-1 ${what}`, topic, payload] as [string, string, Buffer]),
    ['site-9/removed c', nodeTopic({ site: 'site-9', node: 'removed' }, 'status'), will(1)],
    ['aedes_made-this-up', own, will(2)],
    ['site-1/node-1 right', own, will(3)],
  ])
  broker = await startTestBroker({ IOC_MQTT_LEFTOVER_WILL_MS: '100' }, dataDir)
  await vi.waitFor(() => expect(broker.gauges()['refused']).toBe(foreign.length + 2), 10_000)
  await vi.waitFor(async () => expect(await broker.logged()).toHaveLength(1))
  expect(String((await broker.logged())[0]?.payload)).toBe(String(will(3)))
  await broker.stop()
  const level = new ClassicLevel(join(dataDir, 'broker', 'sessions'))
  expect(await level.keys({ gte: 'will:', lt: 'will;' }).all()).toEqual([])
  await level.close()
  broker = await startTestBroker({}, dataDir)
})

test('a leftover will of a node that has come back is not sent', async () => {
  const { dataDir } = broker
  await broker.stop()
  await leaveWills(dataDir, [
    ['site-1/node-1 back', own, will(1)],
    ['site-1/node-1 away', own, will(2)],
  ])
  broker = await startTestBroker({ IOC_MQTT_LEFTOVER_WILL_MS: '500' }, dataDir)
  await broker.connect({ ...agent, clientId: 'back' })
  await vi.waitFor(async () => expect(await broker.logged()).toHaveLength(1), 10_000)
  expect(String((await broker.logged())[0]?.payload)).toBe(String(will(2)))
})
