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
  const lastSent = new Map<LiveSource, number>()
  const waiting = new Set<LiveSource>()

  const intervalMs = () => Math.max(leastIntervalMs, (lastSent.size / mostPerSecond) * 1000)

  const send = (source: LiveSource, now: number): void => {
    lastSent.set(source, now)
    const value = source.read()
    if (value) client.publish(source.topic, JSON.stringify(value), { qos: 0, retain: true })
  }

  let timer: NodeJS.Timeout | undefined

  const sendWaiting = (): void => {
    timer = undefined
    const now = performance.now()
    const before = now - intervalMs()
    for (const source of waiting) {
      if ((lastSent.get(source) ?? 0) > before) continue
      waiting.delete(source)
      send(source, now)
    }
    schedule()
  }

  const schedule = (): void => {
    if (waiting.size > 0) timer ??= setTimeout(sendWaiting, tickMs)
  }

  return {
    publish(sources) {
      // What nobody can hear is not queued: a reconnection says everything anew.
      if (!client.connected) return
      const now = performance.now()
      const before = now - intervalMs()
      for (const source of sources) {
        if ((lastSent.get(source) ?? Number.NEGATIVE_INFINITY) <= before) send(source, now)
        else waiting.add(source)
      }
      schedule()
    },
    describe(indicators, district) {
      client.publish(districtTopic, JSON.stringify(district), { qos: 0, retain: true })
      client.publish(indicatorsTopic, JSON.stringify(indicators), { qos: 0, retain: true })
    },
    stop: () => clearTimeout(timer),
  }
}
