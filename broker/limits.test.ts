import { once } from 'node:events'
import { join } from 'node:path'
import { nodeTopic } from '@ioc/contract/topics.ts'
import type { Credential } from '@ioc/runtime/credential-file.ts'
import { createLogger } from '@ioc/runtime/logger.ts'
import { ClassicLevel } from 'classic-level'
import type { IPublishPacket } from 'mqtt-packet'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { createRepeatedLog } from './repeated-log.ts'
import { connectPacket, rawClient, rawConnect } from './testing/mqtt.ts'
import { startTestBroker, type TestBroker } from './testing/start.ts'

const address = { site: 'site-1', node: 'node-1' }
const telemetry = nodeTopic(address, 'telemetry')

let broker: TestBroker
let agent: Credential
async function start(settings: Record<string, string> = {}): Promise<void> {
  broker = await startTestBroker(settings)
  agent = broker.credential('agent')
}
beforeEach(() => start())
afterEach(() => broker.stop())

const filters = (count: number) => Array.from({ length: count }, (_, index) => `+/${index}`)

describe('subscriptions', () => {
  test('65,536 filters are each refused, in one answer; the connection and others go on', async () => {
    const flood = await rawConnect(broker.port, agent)
    const other = await broker.connect({ ...agent, clientId: 'other' })
    const topics = filters(65_536)
    flood.send({ cmd: 'subscribe', messageId: 1, subscriptions: topics.map((topic) => ({ topic, qos: 1 as const })) })
    await other.publishAsync(telemetry, '{"x":1}', { qos: 1 })
    const suback = await flood.next()
    expect(suback.cmd === 'suback' && suback.granted.length).toBe(65_536)
    expect(suback.cmd === 'suback' && new Set(suback.granted)).toEqual(new Set([128]))
    await other.publishAsync(telemetry, '{"x":2}', { qos: 1 })
    expect(flood.socket.destroyed).toBe(false)
  })

  test('the same in UNSUBSCRIBE, or together with CONNECT, ends the connection', async () => {
    const flood = await rawConnect(broker.port, agent)
    flood.send({ cmd: 'unsubscribe', messageId: 1, unsubscriptions: filters(10_000) })
    await flood.closed
    const early = rawClient(broker.port)
    const subscriptions = filters(10_000).map((topic) => ({ topic, qos: 1 as const }))
    early.send(connectPacket(agent, { clientId: 'early' }), { cmd: 'subscribe', messageId: 1, subscriptions })
    await early.closed
  })

  test('what is refused is not kept for the session, so nothing is queued for it', async () => {
    const client = await rawConnect(broker.port, agent, { clean: false })
    const command = nodeTopic(address, 'command')
    const subscriptions = ['#', command, 'ioc/v1/site-1/node-2/config', '+/+/+/+/+'].map((topic) => ({
      topic,
      qos: 1 as const,
    }))
    client.send({ cmd: 'subscribe', messageId: 1, subscriptions })
    expect(await client.next()).toMatchObject({ cmd: 'suback', granted: [128, 1, 128, 128] })
    client.socket.destroy()
    const other = await broker.connect({ ...agent, clientId: 'other' })
    await other.publishAsync(telemetry, '{"secret":1}', { qos: 1 })
    await broker.stop()
    const level = new ClassicLevel(join(broker.dataDir, 'broker', 'sessions'))
    const keys = await level.keys().all()
    await level.close()
    expect(keys).toEqual([`subscriptions:site-1%2Fnode-1%20raw:${command}`])
    broker = await startTestBroker({}, broker.dataDir)
  })
})

describe('rates', () => {
  test('a client that sends more than its rate waits, and loses nothing', async () => {
    await broker.stop()
    await start({ IOC_MQTT_MAX_PACKETS_PER_SECOND: '50' })
    const client = await broker.connect(agent)
    const other = await broker.connect({ ...agent, clientId: 'other' })
    const order: string[] = []
    const flood = Promise.all(
      Array.from({ length: 200 }, (_, index) => client.publishAsync(telemetry, `{"x":${index}}`, { qos: 1 })),
    ).then(() => order.push('flood'))
    await vi.waitFor(async () => expect((await broker.logged()).length).toBeGreaterThan(0))
    await other.publishAsync(telemetry, '{"x":"other"}', { qos: 1 })
    order.push('other')
    await flood
    expect(order).toEqual(['other', 'flood'])
    expect(await broker.logged()).toHaveLength(201)
  })

  test('thousands of messages in one write are taken in turns, in their order', async () => {
    const client = await rawConnect(broker.port, agent)
    const numbers = Array.from({ length: 3000 }, (_, index) => index)
    client.send(
      ...numbers.map((x): IPublishPacket => {
        return {
          cmd: 'publish',
          topic: telemetry,
          payload: `{"x":${x}}`,
          qos: 1,
          dup: false,
          retain: false,
          messageId: x + 1,
        }
      }),
    )
    for (const x of numbers) expect(await client.next()).toMatchObject({ cmd: 'puback', messageId: x + 1 })
    const stored = (await broker.logged()).map(({ payload }) => JSON.parse(Buffer.from(payload).toString()).x)
    expect(stored).toEqual(numbers)
  })

  test('a flood of bad payloads is counted in full; of one node a part is kept, of another all', async () => {
    const client = await broker.connect(agent)
    await Promise.all(Array.from({ length: 2000 }, () => client.publishAsync(telemetry, 'bad', { qos: 1 })))
    const password = await broker.credentials.add('site-2/n', 'node')
    const other = await broker.connect({ username: 'site-2/n', password })
    await other.publishAsync(nodeTopic({ site: 'site-2', node: 'n' }, 'telemetry'), 'bad', { qos: 1 })
    expect((await broker.logged()).filter(({ kind }) => kind === 'rejected')).toHaveLength(2001)
    const letters = broker.deadLetters.list(5000)
    expect(letters.length).toBeLessThan(2001)
    expect(letters.filter(({ site }) => site === 'site-2')).toHaveLength(1)
  })

  test('connections beyond the rate wait and come in; those that leave meanwhile cost nothing', async () => {
    await broker.stop()
    await start({ IOC_MQTT_MAX_CONNECTIONS_PER_SECOND: '20' })
    const leaving = Array.from({ length: 20 }, () => rawClient(broker.port))
    const staying = Array.from({ length: 40 }, (_, index) => rawConnect(broker.port, agent, { clientId: `${index}` }))
    for (const { socket } of leaving) socket.resetAndDestroy()
    const clients = await Promise.all(staying)
    await vi.waitFor(() => expect(broker.gauges()['connections']).toBe(40))
    for (const { socket } of clients) socket.destroy()
  })

  test('one address may not take all connections', async () => {
    await broker.stop()
    await start({ IOC_MQTT_MAX_CONNECTIONS_PER_ADDRESS: '2' })
    const first = await rawConnect(broker.port, agent, { clientId: '1' })
    await rawConnect(broker.port, agent, { clientId: '2' })
    await rawClient(broker.port).closed
    first.socket.destroy()
    await first.closed
    await vi.waitFor(() => expect(broker.gauges()['connections']).toBe(1))
    await rawConnect(broker.port, agent, { clientId: '3' })
  })

  test('the stop of the broker does not wait for connections that have not logged in', async () => {
    const idle = rawClient(broker.port)
    await once(idle.socket, 'connect')
    const { dataDir } = broker
    await broker.stop()
    await idle.closed
    broker = await startTestBroker({}, dataDir)
  })
})

describe('silence', () => {
  test('a connection is cut after 1.5 times its keepalive and not before; without one, by the setting', async () => {
    await broker.stop()
    await start({ IOC_MQTT_IDLE_MS: '1000' })
    const patient = await rawConnect(broker.port, agent, { clientId: 'patient', keepalive: 2 })
    const idle = await rawConnect(broker.port, agent, { clientId: 'idle', keepalive: 0 })
    const longer = await rawConnect(broker.port, agent, { clientId: 'longer', keepalive: 1200 })
    const order: string[] = []
    const ends = [
      patient.closed.then(() => order.push('keepalive 2')),
      idle.closed.then(() => order.push('no keepalive')),
    ]
    await Promise.all(ends)
    expect(order).toEqual(['no keepalive', 'keepalive 2'])
    expect(longer.socket.destroyed).toBe(false)
  })
})

test('refusals are one line at once, then one an interval with their number', async () => {
  const lines: [object, string][] = []
  const logger = Object.assign(createLogger('test', { logLevel: 'silent' }), {
    warn: (fields: object, message: string) => lines.push([fields, message]),
  })
  const warnings = createRepeatedLog(logger, 3_600_000)
  for (let index = 0; index < 1000; index++) warnings.warn('publish refused', 'site-1/a', { topic: `t${index}` })
  warnings.warn('publish refused', 'site-1/b', { topic: 't' })
  for (let index = 0; index < 5000; index++) warnings.warn('login refused', `10.0.0.${index}`, { address: index })
  expect(lines.filter(([, message]) => message === 'publish refused')).toEqual([
    [{ topic: 't0' }, 'publish refused'],
    [{ topic: 't' }, 'publish refused'],
  ])
  expect(lines.length).toBeLessThan(1100)
  lines.length = 0
  warnings.stop()
  expect(lines[0]).toEqual([{ topic: 't999', times: 999 }, 'publish refused'])
  expect(lines).toHaveLength(2)
})
