import type { IndicatorDescriptor, LiveDistrict } from '@ioc/contract/messages/live.ts'
import { districtTopic, indicatorsTopic } from '@ioc/contract/topics.ts'
import type { MqttClient } from 'mqtt'
import type { LiveSource } from './engine/live-source.ts'

export interface LivePublisher {
  publish(sources: readonly LiveSource[]): void
  /** Says what holds for all values. */
  describe(indicators: readonly IndicatorDescriptor[], district: LiveDistrict): void
  stop(): void
}

/** Least time between two values of one topic, in ms: faster than a person sees, slower than a fast device speaks. */
const leastIntervalMs = 1000
/** Most messages a second over all topics: with more topics, each speaks less often. */
const mostPerSecond = 2000
const tickMs = 20

/**
 * Publishes the newest value of each source, retained, QoS 0. A source that was quiet speaks at once; one that changes
 * faster than the interval says its newest value when the interval is over.
 */
export function createLivePublisher(client: MqttClient): LivePublisher {
  const lastSent = new Map<string, number>()
  /** By topic: what is removed and comes back has another source, which takes the place of the one that is waiting. */
  const waiting = new Map<string, LiveSource>()

  const intervalMs = () => Math.max(leastIntervalMs, (lastSent.size / mostPerSecond) * 1000)

  const send = (source: LiveSource, now: number): void => {
    const { topic } = source
    waiting.delete(topic)
    lastSent.set(topic, now)
    const value = source.read()
    if (value) client.publish(topic, JSON.stringify(value), { qos: 0, retain: true })
    if (value !== null) return
    lastSent.delete(topic)
    client.publish(topic, '', { qos: 0, retain: true })
  }

  const timer = setInterval(() => {
    const now = performance.now()
    const before = now - intervalMs()
    for (const [topic, source] of waiting) if ((lastSent.get(topic) ?? 0) <= before) send(source, now)
  }, tickMs)

  return {
    publish(sources) {
      // What nobody can hear is not queued: a reconnection says everything anew.
      if (!client.connected) return
      const now = performance.now()
      const before = now - intervalMs()
      for (const source of sources) {
        if ((lastSent.get(source.topic) ?? Number.NEGATIVE_INFINITY) <= before) send(source, now)
        else waiting.set(source.topic, source)
      }
    },
    describe(indicators, district) {
      client.publish(districtTopic, JSON.stringify(district), { qos: 0, retain: true })
      client.publish(indicatorsTopic, JSON.stringify(indicators), { qos: 0, retain: true })
    },
    stop: () => clearInterval(timer),
  }
}
