import { Readable } from 'node:stream'
import { livePrefix } from '@ioc/contract/topics.ts'
import type { AedesPublishPacket } from 'aedes'
import AsyncLevelPersistence from 'aedes-persistence-level/asyncPersistence.js'
import type { ClassicLevel } from 'classic-level'
import { topicMatches } from './topic-matches.ts'

/**
 * Sessions, retained messages and queued messages on disk. Live values are the exception: the processor says them all
 * anew when it starts, so writing each change to disk would only wear it. They are retained in memory.
 */
export class BrokerPersistence extends AsyncLevelPersistence {
  readonly #live = new Map<string, AedesPublishPacket>()

  constructor(db: ClassicLevel) {
    super(db)
  }

  override async storeRetained(packet: AedesPublishPacket): Promise<void> {
    if (!packet.topic.startsWith(livePrefix)) return super.storeRetained(packet)
    if (packet.payload.length === 0) this.#live.delete(packet.topic)
    else this.#live.set(packet.topic, packet)
  }

  override createRetainedStream(pattern: string): Readable {
    return this.createRetainedStreamCombi([pattern])
  }

  override createRetainedStreamCombi(patterns: readonly string[]): Readable {
    return Readable.from(this.#retained(patterns))
  }

  async *#retained(patterns: readonly string[]): AsyncGenerator<AedesPublishPacket> {
    for (const [topic, packet] of this.#live) {
      if (patterns.some((pattern) => topicMatches(pattern, topic))) yield packet
    }
    for await (const packet of super.createRetainedStreamCombi(patterns)) yield packet as AedesPublishPacket
  }
}
