import { parseLiveBatch, snapshotMark } from '@ioc/contract/live-batch.ts'
import { topicMatches } from '@ioc/contract/topic-matches.ts'
import { liveBatchTopic, livePrefix } from '@ioc/contract/topics.ts'
import type { AedesPublishPacket, Client } from 'aedes'

export interface LiveBatches {
  /** A client that may read live values has connected, or has left. */
  connected(client: Client): void
  disconnected(client: Client): void
  /** Retains the values of a batch, and sends them to those who subscribe to their topics and not to the batches. */
  take(batch: Buffer): void
}

interface Reader {
  readonly client: Client
  /** Each with its part before the first wildcard, which tells most topics apart at once. */
  readonly filters: readonly { readonly filter: string; readonly fixed: string }[]
}

/** What is kept of the batches. */
export interface LiveRetainer {
  /** Keeps the last value of a topic, as JSON; an empty one removes it. */
  retain(topic: string, payload: string): void
  /** The topics that are kept. */
  topics(): Iterable<string>
  /** Keeps whether everything that is retained belongs to a snapshot that is complete. */
  setSnapshot(complete: boolean): void
}

export function createLiveBatches({ retain, topics, setSnapshot }: LiveRetainer): LiveBatches {
  const clients = new Set<Client>()
  /** Topics that the snapshot has not contained so far; empty between snapshots. */
  let missing = new Set<string>()

  function takeOne(topic: string, payload: string, readers: readonly Reader[]): void {
    missing.delete(topic)
    retain(topic, payload)
    for (const { client, filters } of readers) {
      const wants = filters.some(({ filter, fixed }) => topic.startsWith(fixed) && topicMatches(filter, topic))
      if (wants) client.publish({ ...livePacket(topic, payload), retain: false }, () => undefined)
    }
  }

  function takeMark(complete: boolean, readers: readonly Reader[]): void {
    if (complete) for (const topic of missing) takeOne(topic, '', readers)
    missing = new Set(complete ? [] : topics())
    setSnapshot(complete)
  }

  return {
    connected: (client) => void clients.add(client),
    disconnected: (client) => void clients.delete(client),
    take(batch) {
      const readers = readersOf(clients)
      for (const { topic, payload } of parseLiveBatch(batch)) {
        if (topic === snapshotMark) takeMark(payload === 'true', readers)
        else if (topic.startsWith(livePrefix)) takeOne(topic, payload, readers)
      }
    },
  }
}

/** Those who read single live topics. */
function readersOf(clients: ReadonlySet<Client>): readonly Reader[] {
  const readers: Reader[] = []
  for (const client of clients) {
    const subscribed = Object.keys((client as Client & { readonly subscriptions: object }).subscriptions)
    if (subscribed.includes(liveBatchTopic)) continue
    const filters = subscribed
      .map((filter) => ({ filter, fixed: filter.replace(/[+#].*$/, '') }))
      .filter(({ fixed }) => livePrefix.startsWith(fixed) || fixed.startsWith(livePrefix))
    if (filters.length > 0) readers.push({ client, filters })
  }
  return readers
}

/** A value of a batch as a retained message of its own. */
export function livePacket(topic: string, payload: string): AedesPublishPacket {
  return {
    cmd: 'publish',
    topic,
    payload: Buffer.from(payload),
    qos: 0,
    dup: false,
    retain: true,
    brokerId: '',
    brokerCounter: 0,
  }
}
