import type { AedesPublishPacket } from 'aedes'

/** Messages are kept for so long at least, and for twice as long at most, in ms: longer than a new subscriber takes to read. */
const keptMs = 60_000

/** The messages on disk that were retained in the last minute: those that a reader of the disk may have missed. */
export class RecentlyRetained {
  #recent = new Map<string, AedesPublishPacket>()
  #before = new Map<string, AedesPublishPacket>()
  #since = performance.now()

  note(packet: AedesPublishPacket): void {
    const now = performance.now()
    if (now - this.#since > keptMs) {
      this.#before = this.#recent
      this.#recent = new Map()
      this.#since = now
    }
    this.#recent.set(packet.topic, packet)
  }

  /** `undefined` where the disk has the newest message of this topic. */
  newest(topic: string): AedesPublishPacket | undefined {
    return this.#recent.get(topic) ?? this.#before.get(topic)
  }
}
