import { join } from 'node:path'
import { forgetTopic, nodeTopic } from '@ioc/contract/topics.ts'
import { type Connection, decodePayload } from '@ioc/ingest-log/broker-records.ts'
import { lanesOf } from '@ioc/ingest-log/lanes.ts'
import type { Credential } from '@ioc/runtime/credential-file.ts'
import { ClassicLevel } from 'classic-level'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { closed, described, nextMessage, rawConnect } from './testing/mqtt.ts'
import { startTestBroker, type TestBroker } from './testing/start.ts'

const address = { site: 'site-1', node: 'node-1' }
const status = nodeTopic(address, 'status')
const birth = JSON.stringify({ online: true, session: 1, agent: { version: '1', host: 'h' }, devices: [] })

let broker: TestBroker
let agent: Credential
let centre: Credential

beforeEach(async () => {
  broker = await startTestBroker()
  agent = broker.credential('agent')
  centre = broker.credential('centre')
})
afterEach(() => broker.stop())

async function restart(settings: Record<string, string> = {}): Promise<void> {
  const { dataDir } = broker
  await broker.stop()
  broker = await startTestBroker(settings, dataDir)
}

const recorded = async () => described(await broker.recorded())

async function add(username: string): Promise<Credential> {
  return { username, password: await broker.credentials.add(username, 'node') }
}

describe('connections in the log', () => {
  test('the start of the broker stands first, in each partition, before anything is connected', async () => {
    await restart({ IOC_LOG_PARTITIONS: '3' })
    for (const partition of [0, 1, 2]) {
      const records = []
      for await (const batch of broker.log.read(lanesOf(partition, 3).live, 0, { follow: false })) {
        records.push(...batch.records)
      }
      expect(described(records).at(-1)).toBe('started')
    }
    await restart({ IOC_LOG_PARTITIONS: '3' })
  })

  test.each([
    [
      'a clean DISCONNECT',
      async (client: Awaited<ReturnType<typeof rawConnect>>) => client.send({ cmd: 'disconnect' }),
    ],
    ['a cut', async (client: Awaited<ReturnType<typeof rawConnect>>) => void client.socket.destroy()],
    ['a reset', async (client: Awaited<ReturnType<typeof rawConnect>>) => void client.socket.resetAndDestroy()],
    ['a half-closed socket', async (client: Awaited<ReturnType<typeof rawConnect>>) => void client.socket.end()],
    ['a new password', async () => void (await broker.credentials.add('site-1/node-1', 'node'))],
    [
      'a protocol error',
      async (client: Awaited<ReturnType<typeof rawConnect>>) => void client.socket.write('GET / HTTP'),
    ],
  ])('the end of a connection by %s is recorded, with the identity of its start', async (_what, end) => {
    const client = await rawConnect(broker.port, agent)
    await end(client)
    await client.closed
    await vi.waitFor(async () =>
      expect(await recorded()).toEqual(['started', 'site-1/node-1 connected', 'site-1/node-1 disconnected']),
    )
    const [began, ended] = (await broker.recorded()).slice(1).map(({ payload }) => decodePayload<Connection>(payload))
    expect(began?.connection).toBe(ended?.connection)
    expect(began?.connection).not.toBe('')
  })

  test('a birth stands after its connection, also when it was sent with CONNECT', async () => {
    const client = await rawConnect(broker.port, agent)
    client.send({ cmd: 'publish', topic: status, payload: birth, qos: 1, dup: false, retain: true, messageId: 1 })
    await client.next()
    const kinds = []
    for await (const { records } of broker.log.read(0, 0, { follow: false }))
      kinds.push(...records.map(({ kind }) => kind))
    expect(kinds).toEqual(['connection', 'connection', 'status'])
  })

  test('a take-over of the client id ends in a connection', async () => {
    const first = await rawConnect(broker.port, agent)
    await rawConnect(broker.port, agent)
    await first.closed
    await vi.waitFor(async () => expect(await recorded()).toHaveLength(4))
    expect((await recorded()).at(-1)).toBe('site-1/node-1 connected')
    const ids = (await broker.recorded()).slice(1).map(({ payload }) => decodePayload<Connection>(payload).connection)
    expect([ids[0] === ids[1], ids[1] === ids[2]]).toEqual([true, false])
  })

  test('connections of two machines with one credential say so, until it has a new password', async () => {
    for (let takeover = 0; takeover < 4; takeover++) await rawConnect(broker.port, agent)
    await rawConnect(broker.port, await add('site-1/node-1'))
    const clones = async () =>
      (await broker.recorded())
        .slice(1)
        .map(({ payload }) => decodePayload<Connection>(payload))
        .flatMap(({ connected, cloned = false }) => (connected ? [cloned] : []))
    await vi.waitFor(async () => expect(await clones()).toEqual([false, false, false, true, false]))
  })

  test('the stop of the broker ends all; the centre itself is not recorded', async () => {
    await broker.connect(centre)
    await broker.connect({ ...agent, clientId: 'a' })
    await broker.connect({ ...(await add('site-2/n')), clientId: 'b' })
    await restart()
    expect((await recorded()).sort()).toEqual(
      ['site-1/node-1', 'site-2/n']
        .flatMap((node) => [`${node} connected`, `${node} disconnected`])
        .concat('started', 'started'),
    )
  })

  test('a client that flaps does not fill the log, and what it sends stands after its connection', async () => {
    for (let round = 0; round < 60; round++) {
      const client = await rawConnect(broker.port, agent)
      client.socket.destroy()
      await client.closed
    }
    const client = await rawConnect(broker.port, agent)
    client.send({ cmd: 'publish', topic: status, payload: birth, qos: 1, dup: false, retain: true, messageId: 1 })
    await client.next()
    expect((await broker.recorded()).length).toBeLessThan(60)
    expect((await recorded()).at(-1)).toBe('site-1/node-1 connected')
  })

  test('what a full log did not take is recorded when there is room', async () => {
    await restart({ IOC_LOG_MAX_GB: '0.001' })
    const filler = await broker.connect(agent)
    const full = closed(filler)
    const fill = async () => {
      for (;;) await filler.publishAsync(nodeTopic(address, 'telemetry'), `{"x":"${'f'.repeat(4000)}"}`, { qos: 1 })
    }
    fill().catch(() => undefined)
    await full
    await broker.connect({ ...(await add('site-2/n')), clientId: 'late' })
    await broker.log.trim(0, broker.log.bounds(0).next)
    await vi.waitFor(
      async () => expect((await recorded()).slice(-2)).toEqual(['started', 'site-2/n connected']),
      10_000,
    )
  })
})

describe('a removed node', () => {
  test('ends, is forgotten in the log, and keeps neither retained messages nor a session', async () => {
    const credential = await add('site-2/n')
    const session = { ...credential, clientId: 'agent', clean: false }
    const node = await broker.connect(session)
    const [own, config, command] = (['status', 'config', 'command'] as const).map((channel) =>
      nodeTopic({ site: 'site-2', node: 'n' }, channel),
    ) as [string, string, string]
    await node.subscribeAsync([config, command], { qos: 1 })
    await node.publishAsync(own, birth, { qos: 1, retain: true })
    await node.endAsync()
    const writer = await broker.connect(centre)
    await writer.publishAsync(config, '{"cadence_s":5}', { qos: 1, retain: true })
    await writer.publishAsync(command, '{"command":"collect"}', { qos: 1 })
    const cleared: string[] = []
    writer.on('message', (topic, payload) => payload.length === 0 && cleared.push(topic))
    await writer.subscribeAsync(own)
    broker.credentials.remove('site-2/n')
    await vi.waitFor(async () => expect((await recorded()).at(-1)).toBe('site-2/n forgotten'))
    await vi.waitFor(() => expect(cleared).toEqual([own]))
    await vi.waitFor(() => expect(broker.credentials.removed()).toEqual([]))
    expect(await keysOf('site-2')).toEqual([])

    const password = await broker.credentials.add('site-2/n', 'node')
    const back = await broker.connect({ ...session, password })
    // The message is in the log, so what stands before it is too.
    await back.publishAsync(own, birth, { qos: 1, retain: true })
    expect((await recorded()).at(-1)).toBe('site-2/n connected')
  })

  test('is removed at the start where the broker did not run; a node with a similar name stays', async () => {
    for (const name of ['n', 'n2']) {
      const client = await broker.connect({ ...(await add(`site-2/${name}`)), clientId: 'agent', clean: false })
      await client.subscribeAsync(nodeTopic({ site: 'site-2', node: name }, 'command'), { qos: 1 })
      await client.publishAsync(nodeTopic({ site: 'site-2', node: name }, 'status'), birth, { qos: 1, retain: true })
    }
    const { dataDir, credentials } = broker
    await broker.stop()
    credentials.remove('site-2/n')
    broker = await startTestBroker({}, dataDir)
    expect((await recorded()).at(-1)).toBe('site-2/n forgotten')
    const left = await keysOf('site-2')
    expect(left.length).toBe(2)
    expect(left.every((key) => key.includes('n2'))).toBe(true)
  })

  test('that was removed and added again while the broker did not run, is forgotten before it connects', async () => {
    const { dataDir, credentials } = broker
    await broker.stop()
    credentials.remove('site-1/node-1')
    const password = await credentials.add('site-1/node-1', 'node')
    broker = await startTestBroker({}, dataDir)
    await broker.connect({ ...agent, password })
    await vi.waitFor(async () =>
      expect((await recorded()).slice(-3)).toEqual(['started', 'site-1/node-1 forgotten', 'site-1/node-1 connected']),
    )
  })

  /** Keys of the broker's own store that have a text in them. The store is read between two runs. */
  async function keysOf(text: string): Promise<string[]> {
    const { dataDir } = broker
    await broker.stop()
    const level = new ClassicLevel(join(dataDir, 'broker', 'sessions'))
    const keys = await level.keys().all()
    await level.close()
    broker = await startTestBroker({}, dataDir)
    return keys.filter((key) => key.includes(text))
  }
})

describe('forgetting', () => {
  test('an empty retained status is acknowledged, clears the status, and forgets the node', async () => {
    for (const qos of [0, 1, 2] as const) {
      const client = await broker.connect({ ...agent, clientId: `q${qos}` })
      await client.publishAsync(status, birth, { qos: 1, retain: true })
      await client.publishAsync(status, '', { qos, retain: true })
      await vi.waitFor(async () =>
        expect((await recorded()).filter((text) => text.endsWith('forgotten'))).toHaveLength(qos + 1),
      )
    }
    expect(broker.deadLetters.count()).toBe(0)
    const reader = await broker.connect(centre)
    const first = nextMessage(reader)
    await reader.subscribeAsync('ioc/v1/#')
    await reader.publishAsync('ioc/v1/_live/last', '1')
    expect(String(await first)).toBe('1')
  })

  test('an empty status that is not retained is a dead letter', async () => {
    const client = await broker.connect(agent)
    await client.publishAsync(status, '', { qos: 1 })
    expect(broker.deadLetters.count()).toBe(1)
  })

  test('the centre forgets a device, or a node that has no credential any more', async () => {
    const client = await broker.connect(centre)
    await client.publishAsync(forgetTopic, '{"site":"site-1","device":"cam-01"}', { qos: 1 })
    await client.publishAsync(forgetTopic, '{"site":"site-9","node":"gone"}', { qos: 1 })
    expect((await recorded()).slice(1)).toEqual(['site-1 cam-01 forgotten', 'site-9/gone forgotten'])
  })

  test.each([
    ['no JSON', 'cam-01'],
    ['neither a node nor a device', '{"site":"site-1"}'],
    ['both', '{"site":"site-1","node":"a","device":"b"}'],
    ['a name that is none', '{"site":"site-1","device":"a/b"}'],
  ])('a request with %s is dropped', async (_what, payload) => {
    const client = await broker.connect(centre)
    await client.publishAsync(forgetTopic, payload, { qos: 1, retain: true })
    expect(await recorded()).toEqual(['started'])
    expect(broker.gauges()).toMatchObject({ refused: 1 })
  })

  test('a node may not', async () => {
    const client = await broker.connect(agent)
    await client.publishAsync(forgetTopic, '{"site":"site-1","device":"cam-01"}', { qos: 1 })
    await vi.waitFor(async () => expect(await recorded()).toEqual(['started', 'site-1/node-1 connected']))
  })
})
