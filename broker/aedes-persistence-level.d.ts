declare module 'aedes-persistence-level/asyncPersistence.js' {
  import type { Readable } from 'node:stream'
  import type { AedesPublishPacket } from 'aedes'
  import type { ClassicLevel } from 'classic-level'

  export default class AsyncLevelPersistence {
    constructor(db: ClassicLevel)
    setup(broker: unknown): Promise<void>
    storeRetained(packet: AedesPublishPacket): Promise<void>
    createRetainedStream(pattern: string): Readable
    createRetainedStreamCombi(patterns: readonly string[]): Readable
  }
}
