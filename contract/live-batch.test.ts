import { expect, test } from 'vitest'
import { liveBatchLine, parseLiveBatch } from './live-batch.ts'
import { indicatorTopic } from './topics.ts'

test('a batch is parsed to the values it was made of, removed topics and Vietnamese text included', () => {
  const topic = indicatorTopic('one_stop_received_day', 'site', 'site-1', 'Đất đai & môi trường')
  const values = [
    [topic, JSON.stringify({ value: 1, text: 'một\nhai' })],
    ['ioc/v1/_live/device/site-1/a/system', ''],
    ['ioc/v1/_live/ledger/site-1/node-1', '{"sent":2}'],
  ] as const
  const batch = Buffer.from(values.map(([name, payload]) => liveBatchLine(name, payload)).join(''))
  expect([...parseLiveBatch(batch)].map((one) => [one.topic, one.payload])).toEqual(values)
})

test('what is cut off at the end is left out', () => {
  expect([...parseLiveBatch(Buffer.from('a 1\nb 2'))].map(({ topic }) => topic)).toEqual(['a'])
  expect([...parseLiveBatch(Buffer.from('a\nb 2\n'))]).toEqual([])
  expect([...parseLiveBatch(Buffer.alloc(0))]).toEqual([])
})
