import { effect } from '@preact/signals'
import { expect, test } from 'vitest'
import { Topics } from './topics.ts'

test.each(['liveness/site-1/dev-1', 'node/site-1/node-1', 'indicator/x/district/district'])(
  'a reader of %s is notified when it first comes, and when it changes',
  (topic) => {
    const topics = new Topics<number>()
    topics.set('another/topic', 0)
    topics.settle()
    const read: (number | undefined)[] = []
    const stop = effect(() => {
      read.push(topics.get(topic))
    })
    topics.set(topic, 1)
    topics.settle()
    topics.set(topic, 2)
    topics.settle()
    stop()
    expect(read).toEqual([undefined, 1, 2])
  },
)
