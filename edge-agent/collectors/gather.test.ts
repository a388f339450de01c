import type { MeasurementRecord } from '@ioc/contract/messages/telemetry.ts'
import { expect, test } from 'vitest'
import { Gather } from './gather.ts'

const records = (count: number, device: string): MeasurementRecord[] =>
  Array.from({ length: count }, () => ({ device, ts: 1, values: { n: 1 } }))

/** A gather, and the devices of each message that it queued. */
function gathering(isQueued = true) {
  const messages: string[][] = []
  const gather = new Gather((batch) => {
    messages.push([...new Set(batch.map(({ device }) => device))])
    return isQueued
  })
  return { messages, gather }
}

test('the first measurements are queued at once, those soon after them in one message', async () => {
  const { messages, gather } = gathering()
  const first = gather.add(records(1, 'a'))
  expect(messages).toEqual([['a']])
  const [second, third] = [gather.add(records(1, 'b')), gather.add(records(2, 'c'))]
  expect(messages).toHaveLength(1)
  expect(await Promise.all([first, second, third])).toEqual([true, true, true])
  expect(messages).toEqual([['a'], ['b', 'c']])
})

test('each learns that the message found no room', async () => {
  const { gather } = gathering(false)
  const all = ['a', 'b', 'c'].map((device) => gather.add(records(1, device)))
  expect(await Promise.all(all)).toEqual([false, false, false])
})

test('each fails where the disk does, and later ones are queued again', async () => {
  let isBroken = true
  const gather = new Gather(() => {
    if (isBroken) throw new Error('no disk')
    return true
  })
  const all = ['a', 'b', 'c'].map((device) => gather.add(records(1, device)))
  expect((await Promise.allSettled(all)).map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected'])
  isBroken = false
  expect(await gather.add(records(1, 'd'))).toBe(true)
})

test('a message has no more than its records', async () => {
  const { messages, gather } = gathering()
  const all = ['a', 'b', 'c', 'd'].map((device) => gather.add(records(400, device)))
  expect(messages).toEqual([['a'], ['b', 'c']])
  gather.flush()
  expect(messages).toEqual([['a'], ['b', 'c'], ['d']])
  expect(await Promise.all(all)).toEqual([true, true, true, true])
})
