import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startTestBroker } from '@ioc/broker/testing/start.ts'
import { liveBatchLine, snapshotLine } from '@ioc/contract/live-batch.ts'
import { readOptions } from '@ioc/contract/options.ts'
import { liveBatchTopic, livePrefix } from '@ioc/contract/topics.ts'
import { credentialFile, readCredential } from '@ioc/runtime/credential-file.ts'
import { createLogger } from '@ioc/runtime/logger.ts'
import { expect, onTestFinished, test } from 'vitest'
import { LiveState } from './live-state.ts'
import { wallOptions } from './options.ts'
import { startWall } from './start.ts'
import { LiveTestClient } from './testing/centre.ts'
import { device } from './testing/samples.ts'

const batch = (...names: string[]) =>
  names.map((name) => liveBatchLine(`${livePrefix}device/s/${name}/system`, JSON.stringify(device(name)))).join('')
const snapshot = (...names: string[]) => snapshotLine(false) + batch(...names) + snapshotLine(true)

/** A wall beside a broker that can restart, with or without what it retains on disk. */
async function startPair() {
  const dataDir = mkdtempSync(join(tmpdir(), 'ioc-wall-'))
  let broker = await startTestBroker({}, dataDir)
  const options = readOptions(wallOptions, {
    IOC_DATA_DIR: dataDir,
    IOC_MQTT_PORT: String(broker.port),
    IOC_HTTP_PORT: '0',
    IOC_LOG_LEVEL: 'silent',
    IOC_STORAGE_PORT: '9',
  })
  const wall = await startWall(options, createLogger('wall', options))
  const client = await new LiveTestClient(`http://127.0.0.1:${wall.port}`).open()
  client.send({ subscribe: ['device', 'node', 'link'] })
  onTestFinished(async () => {
    client.socket.terminate()
    await wall.stop()
    await broker.stop()
    rmSync(dataDir, { recursive: true, force: true })
  })
  return {
    client,
    as: async (who: 'centre' | 'agent') =>
      broker.connect({ ...(await readCredential(credentialFile(dataDir, who))), reconnectPeriod: 0 }),
    async restart(meanwhile: () => void = () => undefined) {
      const { port } = broker
      const before = client.frames.length
      await broker.stop()
      meanwhile()
      broker = await startTestBroker({ IOC_MQTT_PORT: String(port) }, dataDir)
      await client.until((frame) => client.frames.indexOf(frame) >= before && frame['connected'] === true)
    },
    forgetSessions: () => rmSync(join(dataDir, 'broker', 'sessions'), { recursive: true }),
    gone: () => client.frames.filter((frame) => frame['gone']).map(({ topic }) => topic),
  }
}

test('after a reconnection the wall drops nodes that are no longer retained, and devices once the processor has published all', async () => {
  const { client, as, restart, forgetSessions, gone } = await startPair()
  const birth = { online: true, session: 1, agent: { version: '1', host: 'h' }, devices: [] }
  await (await as('agent')).publishAsync('ioc/v1/site-1/node-1/status', JSON.stringify(birth), { qos: 1, retain: true })
  await (await as('centre')).publishAsync(liveBatchTopic, snapshot('a', 'b', 'c'))
  await client.until(({ topic }) => topic === 'node/site-1/node-1')
  await client.until(({ topic }) => topic === 'device/s/c/system')

  await restart()
  // The node is still retained. Live values are not, until the processor is back: the wall keeps what it has.
  const processor = await as('centre')
  await processor.publishAsync(liveBatchTopic, snapshot('a', 'b'))
  await client.until((frame) => frame['gone'] === true)
  expect(gone()).toEqual(['device/s/c/system'])

  await restart(forgetSessions)
  await client.until(({ topic, gone }) => gone === true && topic === 'node/site-1/node-1')
  expect(gone()).toEqual(['device/s/c/system', 'node/site-1/node-1'])
})

test('a snapshot of a restarted processor removes what its predecessor left', async () => {
  const { client, as, gone } = await startPair()
  await (await as('centre')).publishAsync(liveBatchTopic, batch('a', 'b'))
  await client.until(({ topic }) => topic === 'device/s/b/system')
  await (await as('centre')).publishAsync(liveBatchTopic, snapshot('b'))
  await client.until((frame) => frame['gone'] === true)
  expect(gone()).toEqual(['device/s/a/system'])
})

test('a snapshot that ends while older retained messages are still arriving counts once they have arrived', () => {
  const state = new LiveState()
  const apply = (name: string, retained: boolean) =>
    state.apply(`device/s/${name}/system`, JSON.stringify(device(name)), retained)
  for (const name of ['a', 'b']) apply(name, false)
  state.applyLink(true)
  expect(state.applySnapshot(false, false)).toEqual([])
  apply('a', false)
  expect(state.applySnapshot(true, false)).toEqual([])
  // The broker read this mark before the snapshot ended.
  expect(state.applySnapshot(false, true).map(({ topic }) => topic)).toEqual(['device/s/b/system'])
})
