import { startTestBroker, type TestBroker } from '@ioc/broker/testing/start.ts'
import type { LiveLedger } from '@ioc/contract/messages/live.ts'
import { filters, ledgerTopic, liveBatchTopic } from '@ioc/contract/topics.ts'
import { credentialFile, readCredential } from '@ioc/runtime/credential-file.ts'
import type { MqttClient } from 'mqtt'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { LiveSource } from './engine/live-source.ts'
import { createLivePublisher, type LivePublisher } from './live-publisher.ts'

const patience = { timeout: 30_000, interval: 20 }

let broker: TestBroker
let client: MqttClient
let live: LivePublisher
/** What a client that comes now would find, by topic. */
const retained = async (): Promise<Map<string, string>> => {
  const reader = await broker.connect(await centre())
  const found = new Map<string, string>()
  reader.on('message', (topic, payload) => found.set(topic, String(payload)))
  await reader.subscribeAsync(filters.live)
  // What is retained comes before the answer to what is asked next.
  await reader.subscribeAsync('ioc/v1/_live/nothing')
  await reader.endAsync()
  return found
}
const centre = () => readCredential(credentialFile(broker.dataDir, 'centre'))

beforeEach(async () => {
  broker = await startTestBroker()
  client = await broker.connect(await centre())
  live = createLivePublisher(client)
})
afterEach(async () => {
  live.stop()
  await broker.stop()
})

const topic = ledgerTopic({ site: 's', node: 'n' })
const source = (read: () => Partial<LiveLedger> | null): LiveSource => ({ topic, read: read as LiveSource['read'] })

test('a topic whose value is gone is cleared, also where a value was waiting', async () => {
  live.publish([source(() => ({ sent: 1 }))])
  await vi.waitFor(async () => expect((await retained()).get(topic)).toBe('{"sent":1}'), patience)
  live.publish([source(() => ({ sent: 2 }))])
  live.publish([source(() => null)])
  await vi.waitFor(async () => expect([...(await retained()).keys()]).toEqual([]), patience)
})

test('a value that is back after its topic was cleared is shown', async () => {
  live.publish([source(() => null), source(() => ({ sent: 3 }))])
  await vi.waitFor(async () => expect((await retained()).get(topic)).toBe('{"sent":3}'), patience)
})

test('a topic that a snapshot does not contain is cleared, also one that an earlier processor published', async () => {
  const kept = { ...source(() => ({ sent: 1 })), topic: ledgerTopic({ site: 's', node: 'kept' }) }
  live.publish([source(() => ({ sent: 1 })), kept])
  await vi.waitFor(async () => expect((await retained()).size).toBe(2), patience)
  const successor = createLivePublisher(client)
  successor.publishSnapshot([kept])
  await vi.waitFor(async () => expect([...(await retained()).keys()]).toEqual([kept.topic]), patience)
  successor.stop()
})

test('of a source that changes faster than the interval the newest value follows when it is over, others are never read', async () => {
  const batches = await broker.connect(await centre())
  const received: string[] = []
  batches.on('message', (_topic, batch, { retain }) => {
    if (!retain) received.push(...String(batch).trim().split('\n'))
  })
  await batches.subscribeAsync(liveBatchTopic)
  const read: number[] = []
  const fast = (sent: number) =>
    source(() => {
      read.push(sent)
      return { sent }
    })
  const other = { ...source(() => ({ sent: 9 })), topic: ledgerTopic({ site: 's', node: 'other' }) }
  for (const sent of [1, 2, 3]) live.publish([fast(sent)])
  live.publish([other])
  await vi.waitFor(() => expect(received).toContain(`${topic} {"sent":3}`), patience)
  expect(received).toEqual([`${topic} {"sent":1}`, `${other.topic} {"sent":9}`, `${topic} {"sent":3}`])
  expect(read).toEqual([1, 3])
})
