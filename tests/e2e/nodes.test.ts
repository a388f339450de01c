import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { described } from '@ioc/broker/testing/mqtt.ts'
import { startTestBroker } from '@ioc/broker/testing/start.ts'
import { liveBatchLine, snapshotLine } from '@ioc/contract/live-batch.ts'
import { liveBatchTopic } from '@ioc/contract/topics.ts'
import { freePorts } from '@ioc/runtime/testing/free-port.ts'
import { expect, test, vi } from 'vitest'
import { tryIoc } from '../harness/centre.ts'

const dataFolder = () => mkdtempSync(join(tmpdir(), 'ioc-node-'))

test('a second add replaces a live password only with --rotate', async () => {
  const environment = { IOC_DATA_DIR: dataFolder() }
  const add = (...flags: string[]) => tryIoc(['node', 'add', 'site-1', 'n', ...flags], environment)
  const first = await add()
  expect(first.code).toBe(0)
  const second = await add()
  expect(second.code).toBe(1)
  expect(second.printed.trim().split('\n')).toEqual([
    'ioc node: site-1/n already has a credential: pass --rotate to replace its password [CREDENTIAL_EXISTS]',
  ])
  const rotated = await add('--rotate')
  expect(JSON.parse(rotated.printed).password).not.toBe(JSON.parse(first.printed).password)
})

test.each([
  [['node', 'add', 'site 1', 'n'], 1, 'NAME_INVALID'],
  [['node', 'remove', 'site-1', 'unknown'], 1, 'CREDENTIAL_UNKNOWN'],
  [['node', 'remove', '..', 'centre'], 1, 'CREDENTIAL_UNKNOWN'],
  [['device', 'forget', 'site-1', 'a/b'], 1, 'NAME_INVALID'],
  [['node', 'rename'], 2, 'USAGE_INVALID'],
  [['node'], 2, 'USAGE_INVALID'],
  [['node', 'add', 'site-1', 'n', '--force'], 2, 'USAGE_INVALID'],
  [['device'], 2, 'USAGE_INVALID'],
  [['device', 'forget', 'site-1'], 2, 'USAGE_INVALID'],
])('ioc %j ends with code %i, and one line with %s', async (args, code, name) => {
  const { code: exit, printed } = await tryIoc(args, { IOC_DATA_DIR: dataFolder() })
  expect(exit).toBe(code)
  expect(printed.trim().split('\n')).toHaveLength(1)
  expect(printed).toContain(`[${name}]`)
})

test('a device is forgotten by a running broker; without one that is one line', async () => {
  const broker = await startTestBroker()
  const environment = { IOC_DATA_DIR: broker.dataDir, IOC_MQTT_PORT: String(broker.port) }
  expect(await tryIoc(['device', 'forget', 'site-1', 'cam-01'], environment)).toEqual({
    code: 0,
    printed: 'removal of device cam-01 of site site-1 requested\n',
  })
  expect(described(await broker.recorded())).toContain('site-1 cam-01 forgotten')
  await broker.stop()
  const [port] = await freePorts(1)
  const { code, printed } = await tryIoc(['device', 'forget', 'site-1', 'cam-01'], {
    ...environment,
    IOC_MQTT_PORT: String(port),
  })
  expect(code).toBe(1)
  expect(printed).toMatch(/^ioc device: cannot reach the broker at .+ \[BROKER_UNREACHABLE\]\n$/)
})

test('a device that the processor does not know is an error; every type of a known one counts', async () => {
  const broker = await startTestBroker()
  const environment = { IOC_DATA_DIR: broker.dataDir, IOC_MQTT_PORT: String(broker.port) }
  const processor = await broker.connect({ ...broker.credential('centre') })
  const topics = ['cam-01/camera', 'cam-02/undeclared'].map((name) => `ioc/v1/_live/device/site-1/${name}`)
  const publish = (...entries: string[]) => processor.publishAsync(liveBatchTopic, entries.join(''))
  await publish(snapshotLine(false), ...topics.map((topic) => liveBatchLine(topic, '{}')), snapshotLine(true))
  const forget = (site: string, device: string) => tryIoc(['device', 'forget', site, device], environment)
  for (const [site, device] of [
    ['site-1', 'cam-99'],
    ['site-1', 'cam-0'],
    ['site-2', 'cam-01'],
  ] as const) {
    const printed = `ioc device: no device ${device} of site ${site}: the wall lists all devices [DEVICE_UNKNOWN]\n`
    expect(await forget(site, device)).toEqual({ code: 1, printed })
  }
  for (const device of ['cam-01', 'cam-02']) expect((await forget('site-1', device)).code).toBe(0)
  await publish(liveBatchLine(topics[0] as string, ''))
  expect((await forget('site-1', 'cam-01')).code).toBe(1)
  expect(described(await broker.recorded())).toEqual(['started', 'site-1 cam-01 forgotten', 'site-1 cam-02 forgotten'])
  await broker.stop()
})

test('a removed node is ended and forgotten by a running broker', async () => {
  const broker = await startTestBroker()
  const environment = { IOC_DATA_DIR: broker.dataDir }
  const { printed } = await tryIoc(['node', 'add', 'site-2', 'n'], environment)
  const client = await broker.connect(JSON.parse(printed))
  const ended = new Promise<void>((resolve) => client.once('close', () => resolve()))
  expect(await tryIoc(['node', 'remove', 'site-2', 'n'], environment)).toEqual({
    code: 0,
    printed: 'credential of site-2/n removed\n',
  })
  await ended
  await vi.waitFor(async () => expect(described(await broker.recorded()).at(-1)).toBe('site-2/n forgotten'))
  await broker.stop()
})
