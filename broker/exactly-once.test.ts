import { fork } from 'node:child_process'
import { once } from 'node:events'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { nodeTopic } from '@ioc/contract/topics.ts'
import type { Credential } from '@ioc/runtime/credential-file.ts'
import type { IConnectPacket, IPublishPacket } from 'mqtt-packet'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { type RawClient, rawConnect } from './testing/mqtt.ts'
import { startTestBroker, type TestBroker } from './testing/start.ts'

const topic = nodeTopic({ site: 'site-1', node: 'node-1' }, 'telemetry')

let broker: TestBroker
let agent: Credential
let centre: Credential

beforeEach(async () => {
  broker = await startTestBroker()
  agent = broker.credential('agent')
  centre = broker.credential('centre')
})
afterEach(() => broker.stop())

const message = (messageId: number, payload: string, dup = false): IPublishPacket => {
  return { cmd: 'publish', topic, payload, qos: 2, dup, retain: false, messageId }
}
const pubrel = (messageId: number) => ({ cmd: 'pubrel', messageId }) as const
const connect = (options: Partial<IConnectPacket> = {}) => rawConnect(broker.port, agent, options)
const payloads = async () => (await broker.logged()).map(({ payload }) => Buffer.from(payload).toString())

async function restart(): Promise<void> {
  const { dataDir } = broker
  await broker.stop()
  broker = await startTestBroker({}, dataDir)
}

async function expectPubrec(client: RawClient, messageId: number): Promise<void> {
  expect(await client.next()).toMatchObject({ cmd: 'pubrec', messageId })
}

describe('a message of QoS 2 that is repeated is stored once', () => {
  test('on the same connection, one by one and in one packet of the network, also without the flag', async () => {
    const client = await connect()
    client.send(message(1, '{"x":1}'))
    await expectPubrec(client, 1)
    client.send(message(1, '{"x":1}', true), message(1, '{"x":1}'))
    for (let count = 0; count < 2; count++) await expectPubrec(client, 1)
    client.send(message(2, '{"x":2}'), message(2, '{"x":2}', true), message(2, '{"x":2}', true))
    for (let count = 0; count < 3; count++) await expectPubrec(client, 2)
    expect(await payloads()).toEqual(['{"x":1}', '{"x":2}'])
  })

  test.each([
    ['a persistent session', { clean: false }],
    ['a clean session, by its flag', { clean: true }],
  ])('on a new connection of %s', async (_what, options) => {
    const first = await connect(options)
    first.send(message(7, '{"x":1}'))
    await expectPubrec(first, 7)
    first.socket.destroy()
    const second = await connect(options)
    second.send(message(7, '{"x":1}', true))
    await expectPubrec(second, 7)
    second.send(pubrel(7))
    expect(await second.next()).toMatchObject({ cmd: 'pubcomp', messageId: 7 })
    expect(await payloads()).toEqual(['{"x":1}'])
  })

  test('on a new connection while the first is not answered yet', async () => {
    const first = await connect({ clean: false })
    first.send(message(7, '{"x":1}'))
    const second = await connect({ clean: false })
    second.send(message(7, '{"x":1}', true))
    await expectPubrec(second, 7)
    expect(await payloads()).toEqual(['{"x":1}'])
  })

  test('after a restart of the broker, in a persistent session', async () => {
    const first = await connect({ clean: false })
    first.send(message(7, '{"x":1}'))
    await expectPubrec(first, 7)
    await restart()
    const second = await connect({ clean: false })
    second.send(message(7, '{"x":1}', true))
    await expectPubrec(second, 7)
    expect(await payloads()).toEqual(['{"x":1}'])
  })

  test('also where it is a dead letter', async () => {
    const client = await connect()
    client.send(message(1, 'nonsense'))
    await expectPubrec(client, 1)
    client.send(message(1, 'nonsense', true))
    await expectPubrec(client, 1)
    expect(broker.deadLetters.count()).toBe(1)
  })

  test('and subscribers hear it once', async () => {
    const heard: string[] = []
    const reader = await broker.connect(centre)
    reader.on('message', (_topic, payload) => heard.push(String(payload)))
    await reader.subscribeAsync('ioc/v1/+/+/telemetry', { qos: 1 })
    const client = await connect()
    client.send(message(1, '{"x":1}'), message(1, '{"x":1}', true))
    for (let count = 0; count < 2; count++) await expectPubrec(client, 1)
    client.send(pubrel(1), message(1, '{"x":2}'))
    await vi.waitFor(() => expect(heard).toEqual(['{"x":1}', '{"x":2}']))
  })
})

describe('a broker that is killed with a message of QoS 2 in its hands', () => {
  /** Sends messages to a broker that is killed at the last of them, and starts another one. */
  async function killAt(
    when: 'before' | 'after',
    sent: readonly IPublishPacket[],
    meanwhile: (dataDir: string) => void = () => undefined,
  ): Promise<void> {
    const { dataDir } = broker
    await broker.stop()
    const child = fork(new URL('testing/die-after-append.ts', import.meta.url).pathname, [dataDir, when], {
      execArgv: [],
    })
    const [port] = (await once(child, 'message')) as [number]
    const client = await rawConnect(port, agent, { clean: false })
    client.send(...sent)
    await once(child, 'exit')
    meanwhile(dataDir)
    broker = await startTestBroker({}, dataDir)
  }
  const last = message(7, '{"x":1,"word":"last"}')

  test.each([
    ['in the live lane', last.payload],
    [
      'in the backlog',
      '{"epoch":"last","seq":1,"sent":2,"replay":true,"records":[{"device":"d","ts":1,"values":{"x":1}}]}',
    ],
  ])('has stored it once after the repeat, %s, and publishes it', async (_what, payload) => {
    await killAt('after', [message(6, '{"x":0}'), message(7, String(payload))])
    const heard: string[] = []
    const reader = await broker.connect(centre)
    reader.on('message', (_topic, body) => heard.push(String(body)))
    await reader.subscribeAsync('ioc/v1/+/+/telemetry', { qos: 1 })
    const client = await connect({ clean: false })
    for (let count = 0; count < 2; count++) {
      client.send(message(7, String(payload), true))
      await expectPubrec(client, 7)
    }
    client.send(pubrel(7))
    expect(await client.next()).toMatchObject({ cmd: 'pubcomp', messageId: 7 })
    const stored = [...(await broker.logged('live')), ...(await broker.logged('backlog'))]
    expect(stored.filter((record) => String(Buffer.from(record.payload)) === payload)).toHaveLength(1)
    await vi.waitFor(() => expect(heard).toEqual([payload]))
  })

  test('stores the repeat of one that was not appended yet', async () => {
    await killAt('before', [last])
    const client = await connect({ clean: false })
    client.send({ ...last, dup: true })
    await expectPubrec(client, 7)
    expect(await payloads()).toEqual([last.payload])
  })

  test('stores the repeat where the log was lost meanwhile', async () => {
    const others = Array.from({ length: 5 }, (_, index) => message(index + 1, `{"x":${index}}`))
    await killAt('after', [...others, last], (dataDir) => rmSync(join(dataDir, 'ingest-log'), { recursive: true }))
    const client = await connect({ clean: false })
    client.send({ ...last, dup: true })
    await expectPubrec(client, 7)
    expect(await payloads()).toEqual([last.payload])
  })

  test('takes another message with its identifier for what it is', async () => {
    await killAt('after', [last])
    const client = await connect({ clean: false })
    client.send(message(7, '{"x":2}'))
    await expectPubrec(client, 7)
    expect(await payloads()).toEqual([last.payload, '{"x":2}'])
  })
})

describe('what only looks like a repeat is stored', () => {
  test('the same content after PUBREL', async () => {
    const client = await connect()
    for (let count = 0; count < 2; count++) {
      client.send(message(1, '{"x":1}'))
      await expectPubrec(client, 1)
      client.send(pubrel(1))
      expect(await client.next()).toMatchObject({ cmd: 'pubcomp' })
    }
    expect(await payloads()).toEqual(['{"x":1}', '{"x":1}'])
  })

  test('a new message of a clean session with an identifier that was not released', async () => {
    for (let count = 0; count < 2; count++) {
      const client = await connect()
      client.send(message(1, '{"x":1}'))
      await expectPubrec(client, 1)
      client.socket.destroy()
    }
    expect(await payloads()).toEqual(['{"x":1}', '{"x":1}'])
  })

  test('other content with the same identifier, of a device that lost its memory; and subscribers hear it', async () => {
    const heard: string[] = []
    const reader = await broker.connect(centre)
    reader.on('message', (_topic, payload) => heard.push(String(payload)))
    await reader.subscribeAsync('ioc/v1/+/+/telemetry', { qos: 1 })
    const first = await connect({ clean: false })
    first.send(message(1, '{"x":1}'))
    await expectPubrec(first, 1)
    first.socket.destroy()
    const second = await connect({ clean: false })
    second.send(message(1, '{"x":2}'))
    await expectPubrec(second, 1)
    expect(await payloads()).toEqual(['{"x":1}', '{"x":2}'])
    await vi.waitFor(() => expect(heard).toEqual(['{"x":1}', '{"x":2}']))
  })

  test('the same identifier of another client id, or of another user', async () => {
    for (const clientId of ['a', 'b']) {
      const client = await connect({ clientId, clean: false })
      client.send(message(1, '{"x":1}'))
      await expectPubrec(client, 1)
    }
    expect(await payloads()).toHaveLength(2)
  })
})

test('messages that are never released do not fill the disk with their payloads', async () => {
  const client = await connect({ clean: false })
  const big = JSON.stringify({ x: 'f'.repeat(4000) })
  for (let id = 1; id <= 50; id++) {
    client.send(message(id, big))
    await expectPubrec(client, id)
  }
  await broker.stop()
  const { ClassicLevel } = await import('classic-level')
  const level = new ClassicLevel<string, Buffer>(join(broker.dataDir, 'broker', 'sessions'), {
    valueEncoding: 'buffer',
  })
  const values = await level.values({ gte: 'incoming:', lt: 'incoming;' }).all()
  expect(values).toHaveLength(50)
  for (const value of values) expect(value.byteLength).toBeLessThan(500)
  await level.close()
  broker = await startTestBroker({}, broker.dataDir)
})
