import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { liveBatchLine, snapshotLine } from '@ioc/contract/live-batch.ts'
import { liveBatchTopic, livePrefix } from '@ioc/contract/topics.ts'
import type { Credential } from '@ioc/runtime/credential-file.ts'
import type { MqttClient } from 'mqtt'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { startTestBroker, type TestBroker } from './testing/start.ts'

let broker: TestBroker
let centre: Credential
let processor: MqttClient

beforeEach(async () => {
  broker = await startTestBroker()
  centre = JSON.parse(readFileSync(join(broker.dataDir, 'credentials/centre.json'), 'utf8'))
  processor = await broker.connect({ ...centre })
})
afterEach(() => broker.stop())

const value = (topic: string, number: number | '') =>
  liveBatchLine(livePrefix + topic, number === '' ? '' : JSON.stringify({ value: number }))
/** The last topic of each batch: what comes after it cannot be missing any more. */
const last = 'device/z/z/system'
const publish = (...entries: string[]) => processor.publishAsync(liveBatchTopic, [...entries, value(last, 0)].join(''))

/** What a subscriber receives until `last` has come. */
async function subscriber(...filters: string[]) {
  const client = broker.open({ ...centre })
  const messages: (readonly [topic: string, payload: string, retained: boolean])[] = []
  let wake: () => void = () => undefined
  client.on('message', (topic, payload, { retain }) => {
    messages.push([topic, payload.toString(), retain])
    wake()
  })
  await client.subscribeAsync(filters)
  return {
    async untilLast() {
      while (!messages.some(([topic, payload]) => topic.endsWith(last) || payload.includes(last))) {
        await new Promise<void>((resolve) => (wake = resolve))
      }
      return messages.splice(0).filter(([topic]) => !topic.endsWith(last))
    },
  }
}

test.each([
  [`${livePrefix}#`],
  ['#'],
  [`${livePrefix}+/cpu/+/#`, `${livePrefix}${last}`],
  [`${livePrefix}indicator/cpu/site/s`, `${livePrefix}${last}`],
])('whoever subscribes to %s receives the values of a batch on their own topics, once each', async (...filters) => {
  const reader = await subscriber(...filters)
  await publish(value('indicator/cpu/site/s', 1), value('indicator/cpu/site/s', 2))
  const received = (await reader.untilLast()).filter(([topic]) => topic !== liveBatchTopic)
  expect(received).toEqual([
    [`${livePrefix}indicator/cpu/site/s`, '{"value":1}', false],
    [`${livePrefix}indicator/cpu/site/s`, '{"value":2}', false],
  ])
})

test('whoever subscribes to the batches receives them alone, also beside single topics', async () => {
  const reader = await subscriber(liveBatchTopic, `${livePrefix}#`)
  await publish(value('indicator/cpu/site/s', 1))
  const received = await reader.untilLast()
  expect(received.filter(([, , retained]) => !retained).map(([topic]) => topic)).toEqual([liveBatchTopic])
})

test('the newest value of each topic is retained, and a removed one is not', async () => {
  const witness = await subscriber(liveBatchTopic)
  await publish(value('indicator/cpu/site/s', 1), value('indicator/cpu/site/t', 1), value('ledger/s/n', 5))
  await publish(value('indicator/cpu/site/s', 2), value('ledger/s/n', ''))
  await witness.untilLast()
  const late = await subscriber(`${livePrefix}#`)
  expect(await late.untilLast()).toEqual([
    [`${livePrefix}indicator/cpu/site/s`, '{"value":2}', true],
    [`${livePrefix}indicator/cpu/site/t`, '{"value":1}', true],
  ])
})

test('topics of nodes in a batch, or no batch at all, are passed on to nobody', async () => {
  const reader = await subscriber(`${livePrefix}#`, 'ioc/v1/+/+/status')
  await processor.publishAsync(liveBatchTopic, 'no batch')
  await publish(liveBatchLine('ioc/v1/site-1/node-1/status', '{"online":true}'), value('ledger/s/n', 1))
  expect((await reader.untilLast()).map(([topic]) => topic)).toEqual([`${livePrefix}ledger/s/n`])
})

test('a node may neither publish a batch nor subscribe to them', async () => {
  const agent = broker.credential('agent')
  const reader = await subscriber(`${livePrefix}#`)
  const node = broker.open({ ...agent })
  await expect(node.subscribeAsync(liveBatchTopic)).rejects.toThrow()
  node.publish(liveBatchTopic, value('ledger/s/n', 666))
  node.end()
  await new Promise<void>((resolve) => node.once('close', () => resolve()))
  await publish(value('ledger/s/n', 1))
  expect(await reader.untilLast()).toEqual([[`${livePrefix}ledger/s/n`, '{"value":1}', false]])
})

test('what the broker retains ends with a mark: whether it holds all that a processor has', async () => {
  const marks = async () => {
    const reader = broker.open({ ...centre })
    const received: string[] = []
    const mark = new Promise((resolve) => {
      reader.on('message', (topic, payload) => {
        received.push(topic === liveBatchTopic ? payload.toString() : topic.slice(livePrefix.length))
        if (topic === liveBatchTopic) resolve(undefined)
      })
    })
    await reader.subscribeAsync([liveBatchTopic, `${livePrefix}#`])
    await mark
    return received
  }
  expect(await marks()).toEqual([snapshotLine(false)])
  const witness = await subscriber(liveBatchTopic, `${livePrefix}#`)
  await publish(value('ledger/s/n', 1), value('ledger/s/gone', 1))
  await publish(snapshotLine(false), value('ledger/s/n', 2))
  await publish(snapshotLine(true))
  while (!(await witness.untilLast()).some(([, payload]) => payload.startsWith(snapshotLine(true)))) {}
  expect(await marks()).toEqual(['ledger/s/n', last, snapshotLine(true)])
})

test('a new subscriber never receives an older value after a newer one', async () => {
  const topics = Array.from({ length: 3000 }, (_, index) => `indicator/cpu/site/s${index}`)
  await publish(...topics.map((topic) => value(topic, 1)))
  const reader = broker.open({ ...centre })
  const received = new Map<string, number[]>()
  const isEnd = new Promise<void>((resolve) => {
    reader.on('message', (topic, payload) => {
      if (topic.endsWith(last) && String(payload).includes('2')) resolve()
      const { value: number } = JSON.parse(String(payload)) as { value: number }
      received.set(topic, [...(received.get(topic) ?? []), number])
    })
  })
  const subscribed = reader.subscribeAsync(`${livePrefix}#`)
  for (let round = 2; round < 6; round++) {
    await processor.publishAsync(liveBatchTopic, topics.map((topic) => value(topic, round)).join(''))
    if (round === 2) await subscribed
  }
  await processor.publishAsync(liveBatchTopic, value(last, 2))
  await isEnd
  const goesBack = (values: readonly number[]) => values.some((one, index) => one < (values[index - 1] ?? 0))
  expect([...received].filter(([, values]) => goesBack(values))).toEqual([])
  expect(received.size).toBe(topics.length + 1)
})
