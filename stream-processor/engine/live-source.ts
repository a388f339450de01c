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
}
