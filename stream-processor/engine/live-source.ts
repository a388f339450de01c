import type {
  LiveConnection,
  LiveDevice,
  LiveIndicator,
  LiveLedger,
  LiveLiveness,
} from '@ioc/contract/messages/live.ts'

/**
 * Something that has a live topic. Under load it changes far more often than anyone wants to hear of it, so that its
 * value is worked out only when it is sent.
 */
export interface LiveSource {
  readonly topic: string
  /** The value as it is now; `undefined` where there is none yet, `null` where it is gone and its topic is to be cleared. */
  readonly read: () => LiveIndicator | LiveLedger | LiveDevice | LiveLiveness | LiveConnection | undefined | null
  /**
   * What the publisher keeps of the topic. A busy source is looked at for each of its records: to find this by the topic
   * was a tenth of what the processor costs at 5,000 points a second.
   */
  published?: PublishedTopic | undefined
}

/** A topic that was published. */
export interface PublishedTopic {
  /** The topics among which it is: once they are dropped, it says nothing any more. */
  readonly among: ReadonlyMap<string, PublishedTopic>
  sentAt: number
  /** What is to be read when its interval is over: what is removed and comes back has another source than before. */
  waiting: LiveSource | undefined
}
