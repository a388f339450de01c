import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Credential } from '@ioc/runtime/credential-file.ts'
import { expect, onTestFinished, test } from 'vitest'
import { startTestBroker } from './testing/start.ts'

test('a new subscriber never receives an older retained message after a newer one', async () => {
  const broker = await startTestBroker()
  onTestFinished(() => broker.stop())
  const centre = JSON.parse(readFileSync(join(broker.dataDir, 'credentials/centre.json'), 'utf8')) as Credential
  const writer = await broker.connect({ ...centre })
  const topics = Array.from({ length: 1000 }, (_, index) => `ioc/v1/site-${index}/n/config`)
  const publish = (revision: number) =>
    Promise.all(topics.map((topic) => writer.publishAsync(topic, String(revision), { qos: 1, retain: true })))
  await publish(1)
  const reader = broker.open({ ...centre })
  const received = new Map<string, number[]>()
  const isEnd = new Promise<void>((resolve) => {
    reader.on('message', (topic, payload) => {
      const revisions = [...(received.get(topic) ?? []), Number(payload)]
      received.set(topic, revisions)
      if (topic === topics.at(-1) && revisions.includes(4)) resolve()
    })
  })
  const subscribed = reader.subscribeAsync('ioc/v1/+/n/config', { qos: 1 })
  for (let revision = 2; revision < 5; revision++) await publish(revision)
  await subscribed
  await isEnd
  const goesBack = (values: readonly number[]) => values.some((one, index) => one < (values[index - 1] ?? 0))
  expect([...received].filter(([, values]) => goesBack(values))).toEqual([])
})
