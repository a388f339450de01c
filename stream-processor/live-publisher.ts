import type { IndicatorDescriptor, LiveDevice, LiveIndicator, LiveLedger } from '@ioc/contract/messages/live.ts'
import { deviceTopic, indicatorsTopic, indicatorTopic, ledgerTopic } from '@ioc/contract/topics.ts'
import type { MqttClient } from 'mqtt'
import type { Output } from './engine/engine.ts'

export interface LivePublisher {
  publish(live: Output['live']): void
  describe(indicators: readonly IndicatorDescriptor[]): void
  stop(): void
}

/** Least time between two values of one topic, in ms: faster than a person sees, slower than a fast device speaks. */
const leastIntervalMs = 1000
/** Most messages a second over all topics: with more topics, each speaks less often. */
const mostPerSecond = 2000
const tickMs = 20

interface Topic {
  last: number
  waiting: string | undefined
}

/**
 * Publishes the newest value of each topic, retained, QoS 0. A topic that was quiet speaks at once; one that changes faster
 * than the interval says its newest value when the interval is over.
 */
export function createLivePublisher(client: MqttClient): LivePublisher {
  const topics = new Map<string, Topic>()
  const waiting = new Set<string>()

  const intervalMs = () => Math.max(leastIntervalMs, (topics.size / mostPerSecond) * 1000)

  const send = (name: string, topic: Topic, text: string): void => {
    topic.last = performance.now()
    topic.waiting = undefined
    client.publish(name, text, { qos: 0, retain: true })
  }

  const offer = (name: string, value: LiveIndicator | LiveLedger | LiveDevice): void => {
    let topic = topics.get(name)
    if (!topic) {
      topic = { last: Number.NEGATIVE_INFINITY, waiting: undefined }
      topics.set(name, topic)
    }
    const text = JSON.stringify(value)
    if (performance.now() - topic.last >= intervalMs()) {
      waiting.delete(name)
      send(name, topic, text)
    } else {
      topic.waiting = text
      waiting.add(name)
    }
  }

  const timer = setInterval(() => {
    const before = performance.now() - intervalMs()
    for (const name of waiting) {
      const topic = topics.get(name)
      if (!topic || topic.last > before) continue
      waiting.delete(name)
      if (topic.waiting !== undefined) send(name, topic, topic.waiting)
    }
  }, tickMs)

  return {
    publish({ indicators, ledgers, devices }) {
      // What nobody can hear is not queued: a reconnection says everything anew.
      if (!client.connected) return
      for (const value of indicators) offer(indicatorTopic(value.id, value.scope, value.key), value)
      for (const value of ledgers) offer(ledgerTopic(value), value)
      for (const value of devices) offer(deviceTopic(value.site, value.device, value.type), value)
    },
    describe(indicators) {
      client.publish(indicatorsTopic, JSON.stringify(indicators), { qos: 0, retain: true })
    },
    stop: () => clearInterval(timer),
  }
}
