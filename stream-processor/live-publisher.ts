import { liveBatchLine, snapshotLine } from '@ioc/contract/live-batch.ts'
import type { IndicatorDescriptor, LiveDistrict } from '@ioc/contract/messages/live.ts'
import { districtTopic, indicatorsTopic, liveBatchTopic } from '@ioc/contract/topics.ts'
import type { MqttClient } from 'mqtt'
import type { LiveSource } from './engine/live-source.ts'

export interface LivePublisher {
  publish(sources: readonly LiveSource[]): void
  /** Publishes every value that there is, at once: the broker and the wall drop the topics of all others. */
  publishSnapshot(sources: readonly LiveSource[]): void
  /** Publishes what holds for all values; a snapshot contains it too. */
  describe(indicators: readonly IndicatorDescriptor[], district: LiveDistrict): void
  /** Drops the values that wait: their sources cannot be read any more. */
  drop(): void
  stop(): void
}

/** Least time between two values of one topic, in ms: faster than a person sees, slower than a fast device speaks. */
const minIntervalMs = 1000
/** Most values a second over all topics: with more topics, each of them is published less often. */
const maxPerSecond = 20_000
/** Time between two batches of values that have waited for their interval: a part of it. */
const ticksPerInterval = 20
/** Characters of a batch after which another one begins. */
const maxBatchLength = 65_536

/**
 * Publishes the newest value of each source, in batches, QoS 0; the broker retains each on its own topic. The value of a
 * source that was quiet is published at once; of one that changes faster than the interval, the newest when it is over.
 */
export function createLivePublisher(client: MqttClient): LivePublisher {
  const lastSent = new Map<string, number>()
  /** By topic: what is removed and comes back has another source, which takes the place of the one that is waiting. */
  const waiting = new Map<string, LiveSource>()
  let timer: NodeJS.Timeout | undefined
  /** What holds for all values, as lines of a batch. */
  let described = ''

  const intervalMs = () => Math.max(minIntervalMs, (lastSent.size / maxPerSecond) * 1000)

  /** Publishes those of the sources whose interval is over; the others wait. */
  const send = (sources: Iterable<LiveSource>): void => {
    const now = performance.now()
    const before = now - intervalMs()
    let batch = ''
    const publishBatch = () => {
      if (batch !== '') client.publish(liveBatchTopic, batch, { qos: 0 })
      batch = ''
    }
    for (const source of sources) {
      const { topic } = source
      if ((lastSent.get(topic) ?? Number.NEGATIVE_INFINITY) > before) {
        waiting.set(topic, source)
        continue
      }
      waiting.delete(topic)
      lastSent.set(topic, now)
      const value = source.read()
      if (value) batch += liveBatchLine(topic, JSON.stringify(value))
      if (value === null) {
        lastSent.delete(topic)
        batch += liveBatchLine(topic, '')
      }
      if (batch.length > maxBatchLength) publishBatch()
    }
    publishBatch()
    if (waiting.size > 0) timer ??= setTimeout(sendWaiting, intervalMs() / ticksPerInterval)
  }

  const sendWaiting = (): void => {
    timer = undefined
    // What nobody can receive is not sent: a reconnection publishes everything anew.
    if (client.connected) send(waiting.values())
    else waiting.clear()
  }

  return {
    publish(sources) {
      if (client.connected) send(sources)
    },
    publishSnapshot(sources) {
      if (!client.connected) return
      lastSent.clear()
      waiting.clear()
      client.publish(liveBatchTopic, snapshotLine(false) + described, { qos: 0 })
      send(sources)
      client.publish(liveBatchTopic, snapshotLine(true), { qos: 0 })
    },
    describe(indicators, district) {
      // In a batch, too: Aedes takes a retained message that a batch overtakes for a duplicate, and drops it.
      described =
        liveBatchLine(districtTopic, JSON.stringify(district)) +
        liveBatchLine(indicatorsTopic, JSON.stringify(indicators))
      if (client.connected) client.publish(liveBatchTopic, described, { qos: 0 })
    },
    drop: () => waiting.clear(),
    stop: () => clearTimeout(timer),
  }
}
