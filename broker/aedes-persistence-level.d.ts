declare module 'aedes-persistence-level/asyncPersistence.js' {
  import type { Readable } from 'node:stream'
  import type { AedesPublishPacket } from 'aedes'
  import type { ClassicLevel } from 'classic-level'

  interface SessionClient {
    readonly id: string
  }
  interface MessageId {
    readonly messageId?: number
  }

  export default class AsyncLevelPersistence {
    constructor(db: ClassicLevel)
    setup(broker: unknown): Promise<void>
    storeRetained(packet: AedesPublishPacket): Promise<void>
    createRetainedStream(pattern: string): Readable
    createRetainedStreamCombi(patterns: readonly string[]): Readable
    addSubscriptions(
      client: SessionClient,
      subscriptions: readonly { readonly topic: string; readonly qos: 0 | 1 | 2 }[],
    ): Promise<void>
    cleanSubscriptions(client: SessionClient): Promise<void>
    incomingStorePacket(client: SessionClient, packet: AedesPublishPacket): Promise<void>
    incomingGetPacket(client: SessionClient, packet: MessageId): Promise<AedesPublishPacket>
    incomingDelPacket(client: SessionClient, packet: MessageId): Promise<void>
    streamWill(brokers?: Readonly<Record<string, unknown>>): Readable
    putWill(client: SessionClient, will: object): Promise<void>
    delWill(client: SessionClient): Promise<void>
  }
}
