import type { SelfDeclaredType } from '@ioc/contract/device-types/self-declared.ts'
import { liveBatchLine, snapshotLine } from '@ioc/contract/live-batch.ts'
import type { IndicatorDescriptor, LiveDistrict } from '@ioc/contract/messages/live.ts'
import { districtTopic, indicatorsTopic, liveBatchTopic, typesTopic } from '@ioc/contract/topics.ts'
import type { MqttClient } from 'mqtt'
import type { LiveSource, PublishedTopic } from './engine/live-source.ts'

export interface LivePublisher {
  publish(sources: readonly LiveSource[]): void
  /** Publishes every value that there is, at once: the broker and the wall drop the topics of all others. */
  publishSnapshot(sources: readonly LiveSource[]): void
  /** Publishes what holds for all values; a snapshot contains it too. */
  describe(indicators: readonly IndicatorDescriptor[], district: LiveDistrict, types: readonly SelfDeclaredType[]): void
  /** Drops the values that wait: their sources cannot be read any more. */
  drop(): void
  stop(): void
}

/** Least time between two values of one topic, in ms: faster than a person sees, slower than a fast device speaks. */
const minIntervalMs = 1000
/** Most values a second over all topics: with more topics, each of them is published less often. */
const maxPerSecond = 50_000
/** Time between two batches of values that have waited for their interval, in ms. */
const slotMs = 50
/** Characters of a batch after which another one begins. */
const maxBatchLength = 65_536

/**
 * Publishes the newest value of each source, in batches, QoS 0; the broker retains each on its own topic. The value of a
 * source that was quiet is published at once; of one that changes faster than the interval, the newest when it is over.
 */
export function createLivePublisher(client: MqttClient): LivePublisher {
  let topics = new Map<string, PublishedTopic>()
  /** Those that wait, by the time at which they are due, in steps: each is looked at once, however many wait. */
  const slots = new Map<number, PublishedTopic[]>()
  let timer: NodeJS.Timeout | undefined
  /** What holds for all values, as lines of a batch. */
  let described = ''

  const wait = (topic: PublishedTopic, source: LiveSource, due: number): void => {
    const slot = Math.ceil(due / slotMs)
    const others = slots.get(slot)
    if (topic.waiting === undefined && others) others.push(topic)
    else if (topic.waiting === undefined) slots.set(slot, [topic])
    topic.waiting = source
  }

  /** What was published on the topic of a source, found on the source itself where it was this source. */
  const topicOf = (source: LiveSource): PublishedTopic | undefined =>
    source.published?.among === topics ? source.published : topics.get(source.topic)

  /** Publishes those of the sources whose interval is over; the others wait. */
  const send = (sources: Iterable<LiveSource>): void => {
    const now = performance.now()
    const intervalMs = Math.max(minIntervalMs, (topics.size / maxPerSecond) * 1000)
    let batch = ''
    const publishBatch = () => {
      if (batch !== '') client.publish(liveBatchTopic, batch, { qos: 0 })
      batch = ''
    }
    for (const source of sources) {
      const topic = topicOf(source)
      if (topic && topic.sentAt + intervalMs > now) {
        source.published = topic
        wait(topic, source, topic.sentAt + intervalMs)
        continue
      }
      const value = source.read()
      const published = topic ?? { among: topics, sentAt: now, waiting: undefined }
      published.sentAt = now
      published.waiting = undefined
      source.published = value === null ? undefined : published
      if (value === null) topics.delete(source.topic)
      else if (!topic) topics.set(source.topic, published)
      if (value !== undefined) batch += liveBatchLine(source.topic, value === null ? '' : JSON.stringify(value))
      if (batch.length > maxBatchLength) publishBatch()
    }
    publishBatch()
    if (slots.size > 0) timer ??= setTimeout(sendWaiting, slotMs)
  }

  /** Takes the sources that are due. */
  function* due(): Iterable<LiveSource> {
    const now = performance.now() / slotMs
    for (const [slot, ofSlot] of slots) {
      if (slot > now) continue
      slots.delete(slot)
      for (const topic of ofSlot) {
        const { waiting } = topic
        topic.waiting = undefined
        if (waiting) yield waiting
      }
    }
  }

  const clear = (): void => {
    topics = new Map()
    slots.clear()
  }

  const sendWaiting = (): void => {
    timer = undefined
    // What nobody can receive is not sent: a reconnection publishes everything anew.
    if (client.connected) send(due())
    else clear()
  }

  return {
    publish(sources) {
      if (client.connected) send(sources)
    },
    publishSnapshot(sources) {
      if (!client.connected) return
      clear()
      client.publish(liveBatchTopic, snapshotLine(false) + described, { qos: 0 })
      send(sources)
      client.publish(liveBatchTopic, snapshotLine(true), { qos: 0 })
    },
    describe(indicators, district, types) {
      // In a batch, too: Aedes takes a retained message that a batch overtakes for a duplicate, and drops it.
      described =
        liveBatchLine(districtTopic, JSON.stringify(district)) +
        liveBatchLine(typesTopic, JSON.stringify(types)) +
        liveBatchLine(indicatorsTopic, JSON.stringify(indicators))
      if (client.connected) client.publish(liveBatchTopic, described, { qos: 0 })
    },
    drop: clear,
    stop: () => clearTimeout(timer),
  }
}
